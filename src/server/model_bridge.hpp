// From a model server on this machine to the browser: asks a question, and passes the reply to an answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "base/version.hpp"
#include "net/executor.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

class server;
namespace detail {
class bridge_state;
}

/// A question to a model server. The body goes only there: into no event, no log line and no error of the library.
struct model_question {
  /// `http://127.0.0.1:11434/api/chat`: on 127.0.0.1, [::1] or localhost (either of them), without TLS.
  std::string url;
  /// The request's JSON, in the format of the endpoint; with `"stream": true` the answer comes as it is made. Empty: GET.
  std::string body;
  /// The wire's `modelId`. Empty: the id of the name that the body's `model` has (`model_id_from_name`), or `model` without
  /// one.
  std::string model_id{};
  /// For `Authorization: Bearer`, visible ASCII; empty: none.
  std::string token{};
};

/// The options of a bridge; docs/options.md lists them. Durations are a millisecond to a year.
struct model_bridge_options {
  /// Until the model server takes the connection. `errc::model_connect_timeout`.
  std::chrono::milliseconds connect_timeout{5000};
  /// From the question to the response's first byte, while the model loads as well: minutes. `errc::model_first_byte_timeout`.
  std::chrono::milliseconds first_byte_timeout{600000};
  /// Without a byte while it answers: a long prompt is read for minutes. `errc::model_silence_timeout`.
  std::chrono::milliseconds silence_timeout{300000};
  /// Between two attempts while the server reports that the model loads.
  std::chrono::milliseconds retry_interval{1000};
  /// Of one JSON line, one server-sent event, or a whole answer that is not streamed. 1024...1 GiB.
  std::size_t max_line_bytes = 8U << 20U;
  /// Of one response's body. At least 1.
  std::uint64_t max_body_bytes = 1U << 30U;
  /// Text that an answer takes in one 60th of a second; whoever says more is read more slowly. A change from thinking to the
  /// answer, from call to call and the like counts as 1024 bytes. At least 4.
  std::size_t max_text_bytes_per_beat = 16384;
  /// Bytes that are read from one server in that time. At least 1.
  std::size_t max_read_bytes_per_beat = 262144;
  /// Nothing is read while more than this of an answer waits to become events. At least 1.
  std::size_t max_queued_bytes = 65536;
};

/// Asks model servers on this machine (Ollama, llama.cpp, LM Studio, vLLM, and others with their formats: `model_dialect`),
/// and passes their output to answers of a server: text, thinking, tool calls, progress, figures, and an end that is reported
/// truthfully. It runs on the server's loop, with a socket for each question and no thread of its own. No redirect is
/// followed, no proxy is used, and no environment variable is read. If only the header is compiled, a program without a bridge
/// holds none of its code.
///
/// A `stop` from a page, or `cancel`, closes the socket, so that the model server notices that its answer is not wanted; the
/// answer is then stopped. If a server is not there, refuses, dies, falls silent or sends invalid data, one answer fails, with
/// the reason. One that reports that its model loads is asked again. When the server is stopped or destroyed, all open answers
/// fail.
///
/// Any number of questions may be asked at once: a council. Every call may come from any thread, and from callbacks.
class model_bridge {
 public:
  /// For `owner`, which may be destroyed first. A template, so that only a program that makes a bridge compiles it.
  template <class Executor = asio::any_io_executor>
  explicit model_bridge(server& owner, model_bridge_options options = {});
  model_bridge(const model_bridge&) = delete;
  model_bridge& operator=(const model_bridge&) = delete;
  /// Cancels the open questions, without waiting for them.
  ~model_bridge();

  /// Opens the answer `session_id` and asks; the answer reports the result. If the server does not run yet, the bridge asks
  /// when it does. Errors: `errc::model_url_malformed`; `errc::model_token_malformed`; `errc::option_out_of_range`; `errc::model_name_invalid` of the body's
  /// `model`; those of `server::open_token_stream`.
  void ask(model_question question, std::string session_id);
  void ask(model_question question, std::string session_id, std::error_code& error);
  /// Stops one answer, soon. An unknown or finished one is ignored; what is asked after the call is not affected.
  void cancel(std::string_view session_id);
  /// Stops all open answers; likewise.
  void cancel();
  /// The number of questions whose answers are open.
  std::size_t open_questions() const noexcept;

 private:
  std::shared_ptr<detail::bridge_state> state_;
};

}}  // namespace wirthforge
