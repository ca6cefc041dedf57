// One question to a model server and its answer, without a socket: request bytes out, response bytes in, the time passed in. A
// bridge adds a socket and a timer.
//
//   connecting --connected--> sending --all sent--> waiting --first byte--> answering --its end, or any failure--> over
//
// Each state but the last has a deadline. `pause` suspends it while answering: a paused reader cannot notice a silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "base/version.hpp"
#include "model/answer.hpp"
#include "model/model_stream.hpp"
#include "model/model_url.hpp"
#include "model/response_reader.hpp"
#include "model/stream_reader.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

struct exchange_options {
  nanoseconds connect_timeout = seconds(5);
  /// From the connection to the response's first byte, the request sent: models load for minutes.
  /// `errc::model_first_byte_timeout`.
  nanoseconds first_byte_timeout = seconds(600);
  /// Without a byte while it answers: a prompt may be read for minutes. `errc::model_silence_timeout`.
  nanoseconds silence_timeout = seconds(300);
  response_limits response;
  model_stream_options stream;
};

/// The request. The body goes to the model server only: no log, no error contains it, and it is cleared once sent.
struct exchange_request {
  model_url url;
  std::string body;   ///< JSON, as the model server requires it: POST. Empty: GET.
  std::string token;  ///< For `Authorization: Bearer`, visible ASCII; empty: none.
};

/// True for what an Authorization field can hold: visible ASCII, at least one character.
inline bool is_model_token(std::string_view token) noexcept {
  for (const char each : token) {
    if (each <= 0x20 || each >= 0x7F) return false;
  }
  return !token.empty();
}

class exchange {
 public:
  enum class state { connecting, sending, waiting, answering, over };

  exchange(exchange_request request, answer::listener hear, const exchange_options& options, steady_time now)
      : options_(options), reader_(options.response), stream_(std::move(hear), options.stream), since_(now) {
    write_request(request);
  }

  state current() const noexcept { return state_; }
  /// The socket is not needed any more: close it. The model server notices by this that its answer is no longer wanted.
  bool is_over() const noexcept { return state_ == state::over; }

  void connected(steady_time now) {
    if (state_ == state::connecting) enter(state::sending, now);
  }
  /// No address accepted the connection.
  WIRTHFORGE_COLD void connect_failed(std::error_code why) { fail(why); }

  /// The bytes to write, once connected.
  std::string_view output() const noexcept {
    return state_ == state::connecting || is_over() ? std::string_view() : std::string_view(output_).substr(sent_);
  }
  void sent(std::size_t bytes, steady_time now) {
    sent_ += bytes;
    if (sent_ < output_.size()) return;
    output_ = std::string();  // the prompt
    sent_ = 0;
    if (state_ == state::sending) enter(state::waiting, now);
  }

  /// Bytes of the response. They may come before the request is sent: a refusal need not wait for the prompt.
  void received(std::string_view bytes, steady_time now) {
    if (is_over() || bytes.empty()) return;
    state_ = state::answering;
    since_ = now;
    read(bytes);
  }
  /// The server closed the connection; `error`: it was not closed in good order.
  void end_of_stream(std::error_code error = {}) {
    if (is_over()) return;
    const bool is_whole = reader_.end_of_stream() == response_reader::step::done && !error;
    stream_.end(is_whole);
    state_ = state::over;
  }
  /// A caller asked for the end: the answer fails with `std::errc::operation_canceled`.
  WIRTHFORGE_COLD void cancel() { fail(std::make_error_code(std::errc::operation_canceled)); }

  /// The listener can take no more: read nothing until `resume`.
  void pause() noexcept { is_paused_ = true; }
  void resume(steady_time now) noexcept {
    if (is_paused_) since_ = now;
    is_paused_ = false;
  }
  bool wants_input() const noexcept { return !is_paused_ && !is_over() && state_ != state::connecting; }

  /// When `expire` is due; nothing if there is no deadline.
  std::optional<steady_time> deadline() const noexcept {
    switch (state_) {
      case state::connecting: return since_ + options_.connect_timeout;
      case state::sending:
      case state::waiting: return since_ + options_.first_byte_timeout;
      case state::answering: break;
      case state::over: return std::nullopt;
    }
    return is_paused_ ? std::nullopt : std::optional<steady_time>(since_ + options_.silence_timeout);
  }
  /// Fails a phase that took too long. Before the deadline it does nothing.
  void expire(steady_time now) {
    const std::optional<steady_time> due = deadline();
    if (!due || now < *due) return;
    if (state_ == state::connecting) return fail(errc::model_connect_timeout);
    if (state_ == state::answering) return end_silent();
    fail(errc::model_first_byte_timeout);
  }

  model_dialect dialect() const noexcept { return stream_.dialect(); }
  /// After the head of the response; 0 before.
  int status() const noexcept { return reader_.has_head() ? reader_.head().status : 0; }

 private:
  WIRTHFORGE_COLD void write_request(const exchange_request& request) {
    const bool is_post = !request.body.empty();
    append(output_, {is_post ? "POST " : "GET ", request.url.target, " HTTP/1.1\r\nHost: ", request.url.host,
                     "\r\nAccept: text/event-stream, application/x-ndjson, application/json\r\nAccept-Encoding: identity\r\n"
                     "Connection: close\r\n"});
    if (is_model_token(request.token)) append(output_, {"Authorization: Bearer ", request.token, "\r\n"});
    if (is_post)
      append(output_, {"Content-Type: application/json\r\nContent-Length: ", std::to_string(request.body.size()), "\r\n"});
    append(output_, {"\r\n", request.body});
  }

  void read(std::string_view bytes) {
    const char* first = bytes.data();
    const char* const last = first + bytes.size();
    while (!is_over()) {
      std::string_view piece;
      switch (reader_.receive(first, last, piece)) {
        case response_reader::step::need_more: return;
        case response_reader::step::head: stream_.head(reader_.head().status, reader_.head().content_type()); break;
        case response_reader::step::body: stream_.feed(piece); break;
        case response_reader::step::done:
          stream_.end(true);
          state_ = state::over;
          return;
        case response_reader::step::failed: return fail(reader_.error());
      }
      if (stream_.is_over()) state_ = state::over;
    }
  }
  // Earlier bytes count: a server that gave a reason for the end, and then neither ended nor closed, has ended.
  void end_silent() {
    if (stream_.has_said_end()) stream_.end(false);
    fail(errc::model_silence_timeout);
  }
  void fail(std::error_code why) {
    if (is_over()) return;
    stream_.fail(why);
    state_ = state::over;
  }
  void enter(state next, steady_time now) noexcept {
    state_ = next;
    since_ = now;
  }

  const exchange_options options_;
  response_reader reader_;
  stream_reader stream_;
  std::string output_;
  std::size_t sent_ = 0;
  steady_time since_;
  state state_ = state::connecting;
  bool is_paused_ = false;
};

}}}  // namespace wirthforge::model
