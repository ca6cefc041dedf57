// A model's answer on its way to the browser: write the pieces as they come, finish when there are no more.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace detail {
class server_core;
struct token_stream_end;
}

/// A handle on one open answer (`sessionId` on the wire). Movable, not copyable; outlives its server safely. Every call may
/// come from any thread, but pieces of one stream are in order only when one thread writes them.
class token_stream_writer {
 public:
  token_stream_writer() noexcept;
  /// Takes over an open answer; the other handle is as made without one.
  token_stream_writer(token_stream_writer&& other) noexcept;
  /// Finishes the answer that it held, and takes over the other's.
  token_stream_writer& operator=(token_stream_writer&& other) noexcept;
  /// Finishes the stream if `finish()` was not called.
  ~token_stream_writer();

  /// Sends a piece of text, soon: at once after a pause, else with the next beat, all pieces since the last one together.
  /// A piece may end inside a UTF-8 character; its tail waits for the rest. What can never become a character is sent as
  /// U+FFFD. `energy_cost` is added to the event's `energyCost`; not finite or negative counts as 0.
  /// Fails with `errc::token_stream_finished` after `finish()`, `errc::server_stopped` when the server has gone,
  /// `errc::queue_full` as `server::publish`.
  void write(std::string_view piece, double energy_cost = 0);
  void write(std::string_view piece, std::error_code& error);
  void write(std::string_view piece, double energy_cost, std::error_code& error);

  /// Ends the answer: clients get `isComplete: true`. Calling it again does nothing.
  void finish() noexcept;

 private:
  friend class server;
  token_stream_writer(std::weak_ptr<detail::server_core> core, std::uint64_t id);

  std::weak_ptr<detail::server_core> core_;
  std::uint64_t id_ = 0;
  bool is_open_ = false;
  std::unique_ptr<detail::token_stream_end> end_;  // what finish() says, made ahead: it must not fail
};

}}  // namespace wirthforge
