// A model's answer on its way to the browser: write the pieces as they come, and call `finish` after the last one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace live {
struct token_stream_state;
enum class answer_end;
}
namespace detail {
class server_core;
struct token_stream_end;
}

/// Why an answer that did not fail has ended.
enum class finish_reason {
  stop,    ///< The model has finished. Clients get `ANSWER_DONE` with the answer's figures.
  length,  ///< It was cut at a limit of tokens: `ANSWER_LENGTH`.
  stopped  ///< A client or the program asked for its end: `ANSWER_STOPPED`.
};

/// A handle to one open answer (`sessionId` on the wire). Movable, not copyable; may safely outlive its server. Every call may
/// come from any thread, but pieces of one stream are in order only when one thread writes them. An incomplete answer is never
/// shown as a complete one: an answer that is not finished has failed.
class token_stream_writer {
 public:
  token_stream_writer() noexcept;
  /// Takes over an open answer; the other handle is then empty, as after default construction.
  token_stream_writer(token_stream_writer&& other) noexcept;
  /// Fails its present answer, if that was not finished, and takes over the other's.
  token_stream_writer& operator=(token_stream_writer&& other) noexcept;
  /// Fails the answer if neither `finish()` nor `fail()` was called; the reason says whether an exception ended it.
  ~token_stream_writer();

  /// Sends a piece of text, soon: at once after a pause, else with the next beat, all pieces since the last one together.
  /// A piece may end inside a UTF-8 character; its tail waits for the rest. Bytes that can never become a character are sent as
  /// U+FFFD. `energy_cost` is added to the event's `energyCost`; not finite or negative counts as 0.
  /// Fails with `errc::token_stream_finished` after `finish()` or `fail()`, or where this is a side answer of one that has ended;
  /// `errc::server_stopped` when the server has gone, `errc::queue_full` and without memory as `server::publish`.
  void write(std::string_view piece, double energy_cost = 0);
  void write(std::string_view piece, std::error_code& error);
  void write(std::string_view piece, double energy_cost, std::error_code& error);

  /// Ends the answer: clients get the reason, then `isComplete: true`. Open side answers end before it, in the same way.
  /// Calling it again, or after `fail()`, does nothing.
  void finish(finish_reason why = finish_reason::stop) noexcept;
  /// Ends an incomplete answer: clients get `ANSWER_FAILED` with the reason, then `isComplete: true`. Invalid UTF-8 in the
  /// reason is repaired as in `write`, and it is cut to 800 characters. Does nothing after `finish()` or `fail()`.
  void fail(std::string_view reason) noexcept;

  /// Opens a side answer for the model's thinking, `<sessionId>:thinking`. It ends before this answer or with it; a side
  /// answer's own side answers belong to the whole answer. After its end the
  /// model may think again. Errors: `errc::session_open` while one is open; `errc::token_stream_finished`;
  /// `errc::server_stopped`.
  token_stream_writer thinking();
  token_stream_writer thinking(std::error_code& error);
  /// Opens an answer for a tool call, `<sessionId>:tool:<n>` with n = 1, 2, ...: the tool's name is its first token; then
  /// write the arguments as JSON text. Errors as for `thinking()`, without `errc::session_open` unless the program opened that
  /// id itself.
  token_stream_writer tool_call(std::string_view name);
  token_stream_writer tool_call(std::string_view name, std::error_code& error);

  /// Tells clients that the prompt is being read (`ANSWER_WAITING`), and which part of it: 0...1. Call it at any rate: clients
  /// get at most 4 events a second, with the newest value, and none once the first token has come. A value below 0 or
  /// above 1 is taken as 0 or 1, and one that is not finite as absent. If an answer's first token does not come before the
  /// first beat, the server tells clients by itself, without progress. A page that connects meanwhile, with `replay=open` or
  /// `replay=recent`, is told the newest again. Errors: `errc::token_stream_finished`;
  /// `errc::server_stopped`.
  void waiting(std::optional<double> progress = {});
  void waiting(std::optional<double> progress, std::error_code& error);

  /// True once a client sent `stop` for this answer, or for the answer that has it as a side answer: a loop that generates
  /// tokens then ends it with `finish(finish_reason::stopped)`. One atomic load, or two.
  bool stop_requested() const noexcept;
  /// Bytes that were written and are not yet part of an event: a producer that is faster than the I/O loop may wait until
  /// there are few.
  std::size_t queued_bytes() const noexcept;

  /// How certain the model is of the pieces that are written from now on, 0...1 (`energy_meter::certainty_of`), for its
  /// energy (`server::energy`); nothing where it is not known, as at first. Below 0 or above 1 is taken as that, and what is not
  /// finite as absent. It is not sent.
  void certainty(std::optional<double> of_what_follows) noexcept;
  /// How many tokens the answer has, where a model server knows it: for the figures in `ANSWER_DONE`. Otherwise the pieces that
  /// were written count, those of the side answers among them.
  void usage(std::uint64_t tokens) noexcept;

 private:
  friend class server;
  friend class detail::server_core;
  token_stream_writer(std::weak_ptr<detail::server_core> core, std::shared_ptr<live::token_stream_state> state,
                      std::unique_ptr<detail::token_stream_end> end) noexcept;
  void let_go() noexcept;
  void conclude(live::answer_end how, std::string_view reason) noexcept;
  const std::shared_ptr<live::token_stream_state>& whole_answer() const noexcept;
  token_stream_writer open_side(const char* kind, std::uint64_t number, std::error_code& error);

  std::weak_ptr<detail::server_core> core_;
  std::shared_ptr<live::token_stream_state> state_;
  std::atomic<bool> is_open_{false};               // one thread may end the answer while another writes to it
  int exceptions_ = 0;                             // in flight when the handle was made
  std::unique_ptr<detail::token_stream_end> end_;  // the event of finish(), allocated ahead: it must not fail
};

}}  // namespace wirthforge
