// Asio's sockets and timers by their executor. With the executor type of our own loop each asynchronous call is half as much
// code as with asio::any_io_executor, which fits any loop.
#pragma once

#include <chrono>

#include <asio/any_io_executor.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

using loop_executor = asio::io_context::executor_type;

template <class Executor>
using socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
template <class Executor>
using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
template <class Executor>
using timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

}}}  // namespace wirthforge::net
