// What a model server streams, understood: bytes of a response's body in, text, tool calls, figures and an honest end out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/version.hpp"
#include "model/signal.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace model {
class stream_reader;
}

/// What a model_stream takes at most.
struct model_stream_options {
  /// Of one JSON line, one server-sent event, or a whole answer that is not streamed: 8 MiB, for log-probabilities make long
  /// lines. What a stream holds for the worst of them is at most sixteen times that. `errc::line_too_long`, `errc::event_too_large`.
  std::size_t max_line_bytes = std::size_t(8) << 20U;
  /// Of the whole body: 1 GiB. `errc::body_too_large`.
  std::uint64_t max_body_bytes = std::uint64_t(1) << 30U;
};

/// Reads the body of one response of a model server: Ollama, llama.cpp, LM Studio, vLLM, or whatever speaks their formats
/// (`model_dialect`), streamed or not. Which format it is, is found out from the first bytes. Fields that are not known are passed
/// over. For programs that have an HTTP client of their own: it has no socket, no thread and no clock.
///
/// The listener hears each thing at once, within `feed` and `end`, and the end exactly once: `finished` or `failed`. A stream that
/// stops without its own word for the end has failed, however well the connection ended. Whatever the server sends, text is valid
/// UTF-8, a token that was cut inside a character waits for its other half, and no exception comes from here but what the
/// listener throws and std::bad_alloc; after either the stream is over.
///
/// One thread at a time. Within the listener only `fail` may be called, and takes effect when it returns. A stream that was
/// moved from may be destroyed or assigned to.
class model_stream {
 public:
  /// Hears each signal, on the thread that calls `feed`, `end` or `fail`.
  using listener = std::function<void(const model_signal& signal)>;

  /// For one response.
  explicit model_stream(listener hear, const model_stream_options& options = {});
  /// Goes on with what the other read.
  model_stream(model_stream&& other) noexcept;
  /// Forgets what it read without a word, and goes on with what the other read.
  model_stream& operator=(model_stream&& other) noexcept;
  ~model_stream();

  /// Optional, before the body: the response's status and Content-Type. With a status that is no success the body is read for
  /// the server's reason, which `end` reports: `errc::model_status`, or `errc::model_loading` while it makes sense to ask again.
  void head(int status, std::string_view content_type = {});
  /// The next bytes of the body, without HTTP's framing, cut wherever they are. False once the stream is over: the connection
  /// is of no more use.
  bool feed(std::string_view body);
  /// No more will come. `was_clean`: the response was whole, as its HTTP framing says. Twice is once.
  void end(bool was_clean);
  /// As `end`, for a reason that the transport has: a timeout, a limit, a cancellation.
  void fail(std::error_code reason);

  /// True after the last signal.
  [[nodiscard]] bool is_over() const noexcept;
  /// The format that was found.
  [[nodiscard]] model_dialect dialect() const noexcept;

 private:
  std::unique_ptr<model::stream_reader> reader_;
};

}}  // namespace wirthforge
