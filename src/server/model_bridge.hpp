// From a model server on this machine to the browser: asks a question, and hands what it hears to an answer.
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
class bridge_desk;
}

/// What a model server is asked. The body goes there and nowhere else: into no event, no remark and no error of the library's.
struct model_question {
  /// `http://127.0.0.1:11434/api/chat`: on 127.0.0.1, [::1] or localhost (either of them), without TLS.
  std::string url;
  /// The request's JSON, in the format of the endpoint; with `"stream": true` the answer comes as it is made. Empty: GET.
  std::string body;
  /// The wire's `modelId`. Empty: the id of the name that the body's `model` has (`model_id_from_name`), or `model` without one.
  std::string model_id{};
  /// For `Authorization: Bearer`, visible ASCII; empty: none.
  std::string token{};
};

/// What may be chosen of a bridge; docs/options.md lists it. Durations are a millisecond to a year.
struct model_bridge_options {
  /// Until the model server takes the connection. `errc::model_connect_timeout`.
  std::chrono::milliseconds connect_timeout{5000};
  /// From the question to the response's first byte, while the model loads as well: minutes. `errc::model_first_byte_timeout`.
  std::chrono::milliseconds first_byte_timeout{600000};
  /// Without a byte while it answers: a long prompt is read for minutes. `errc::model_silence_timeout`.
  std::chrono::milliseconds silence_timeout{300000};
  /// Between two questions while the server says that the model loads.
  std::chrono::milliseconds retry_interval{1000};
  /// Of one JSON line, one server-sent event, or a whole answer that is not streamed. 1024...1 GiB.
  std::size_t max_line_bytes = 8U << 20U;
  /// Of one response's body. At least 1.
  std::uint64_t max_body_bytes = 1U << 30U;
  /// Text that an answer takes in one 60th of a second; whoever says more is read more slowly. At least 4.
  std::size_t max_text_bytes_per_beat = 16384;
  /// What is read of one server in that time. At least 1.
  std::size_t max_read_bytes_per_beat = 262144;
  /// Nothing is read while more than this of an answer waits to become events. At least 1.
  std::size_t max_queued_bytes = 65536;
};

/// Asks model servers on this machine (Ollama, llama.cpp, LM Studio, vLLM, and what speaks their formats: `model_dialect`), and
/// hands what they say to answers of a server: text, thinking, tool calls, progress, figures, and an end that is told as it was.
/// It runs on the server's loop, with a socket for each question and no thread of its own. No redirect is followed, no proxy is
/// used, and no environment variable is read. Where the header alone is compiled, a program without a bridge holds none of it.
///
/// A `stop` from a page, or `cancel`, closes the socket, which is how a model server hears that nobody listens; the answer is
/// stopped then. A server that is not there, refuses, dies, falls silent or says nonsense makes one answer fail, with the reason. One
/// that says that its model loads is asked again. The server that stops, or is destroyed, fails what is open.
///
/// Any number of questions may be asked at once: a council. Every call may come from any thread, and from callbacks.
class model_bridge {
 public:
  /// For `owner`, which may be destroyed first. A template, so that only who makes a bridge compiles it.
  template <class Executor = asio::any_io_executor>
  explicit model_bridge(server& owner, model_bridge_options options = {});
  model_bridge(const model_bridge&) = delete;
  model_bridge& operator=(const model_bridge&) = delete;
  /// Cancels what is asked, without waiting for it.
  ~model_bridge();

  /// Opens the answer `session_id` and asks; what becomes of it the answer tells. A server that does not run yet asks when it does.
  /// Errors: `errc::model_url_malformed`; `errc::option_out_of_range`; `errc::model_name_invalid` of the body's `model`;
  /// those of `server::open_token_stream`.
  void ask(model_question question, std::string session_id);
  void ask(model_question question, std::string session_id, std::error_code& error);
  /// Stops one answer, soon. One that is unknown or has ended is passed over.
  void cancel(std::string_view session_id);
  /// Stops all that are open.
  void cancel();
  /// Questions whose answers are open.
  std::size_t open_questions() const noexcept;

 private:
  std::shared_ptr<detail::bridge_desk> desk_;
};

}}  // namespace wirthforge
