// Reads the stream of a model server: bytes of a response's body in; text, tool calls, figures and a truthful end out.
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

/// The limits of a model_stream.
struct model_stream_options {
  /// Bytes of one JSON line, one server-sent event, or a whole answer that is not streamed: 8 MiB, since log-probabilities
  /// make long lines. A stream holds at most sixteen times that. `errc::line_too_long`, `errc::event_too_large`.
  std::size_t max_line_bytes = std::size_t(8) << 20U;
  /// Bytes of the whole body: 1 GiB. `errc::body_too_large`.
  std::uint64_t max_body_bytes = std::uint64_t(1) << 30U;
};

/// Reads the body of one response of a model server: Ollama, llama.cpp, LM Studio, vLLM, or any server that speaks their
/// formats (`model_dialect`), streamed or not. The first bytes determine the format. Unknown fields are
/// ignored. For programs that have an HTTP client of their own: it has no socket, no thread and no clock.
///
/// The listener gets each signal at once, within `feed` and `end`, and the end exactly once: `finished` or `failed`. A stream
/// that stops without the format's own end has failed, even if the connection ended in good order. Text is valid UTF-8
/// whatever the server sends, a token that was cut inside a character waits for its other half, and the only exceptions are
/// those of the listener and std::bad_alloc; after either the stream is over.
///
/// One thread at a time. Within the listener only `fail` may be called, and takes effect when the listener returns. A stream
/// that was moved from may be destroyed or assigned to.
class model_stream {
 public:
  /// Gets each signal, on the thread that calls `feed`, `end` or `fail`.
  using listener = std::function<void(const model_signal& signal)>;

  /// For one response.
  explicit model_stream(listener hear, const model_stream_options& options = {});
  /// Continues with the state of the other.
  model_stream(model_stream&& other) noexcept;
  /// Discards its own state, and continues with the state of the other.
  model_stream& operator=(model_stream&& other) noexcept;
  ~model_stream();

  /// Optional, before the body: the response's status and Content-Type. With a status that is no success the body is read for
  /// the server's reason, which `end` reports: `errc::model_status`, or `errc::model_loading` if the same request may succeed
  /// later.
  void head(int status, std::string_view content_type = {});
  /// The next bytes of the body, without HTTP's framing, cut at any place. False once the stream is over: the connection
  /// is not needed any more.
  bool feed(std::string_view body);
  /// No more bytes will come. `was_clean`: the response was whole by its HTTP framing. A second call does nothing.
  void end(bool was_clean);
  /// As `end`, for a reason of the transport: a timeout, a limit, a cancellation.
  void fail(std::error_code reason);

  /// True after the last signal.
  [[nodiscard]] bool is_over() const noexcept;
  /// The format that was found.
  [[nodiscard]] model_dialect dialect() const noexcept;

 private:
  std::unique_ptr<model::stream_reader> reader_;
};

}}  // namespace wirthforge
