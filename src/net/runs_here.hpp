// Whether the calling thread runs a loop, if the loop's executor can tell.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>

#include "base/cold.hpp"
#include "net/sockets.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

template <class Executor>
bool runs_here(const Executor&) noexcept {
  return false;  // it cannot tell
}
inline bool runs_here(const loop_executor& executor) noexcept { return executor.running_in_this_thread(); }
inline bool runs_here(const asio::any_io_executor& executor) noexcept {
  const auto* const loop = executor.target<loop_executor>();
  return loop != nullptr && loop->running_in_this_thread();
}
template <class Executor>
WIRTHFORGE_COLD bool runs_here(const asio::strand<Executor>& executor) noexcept {
  return executor.running_in_this_thread() || runs_here(executor.get_inner_executor());
}

}}}  // namespace wirthforge::net
