// Reads one HTTP/1.1 response: skips interim responses, then reads the head, then the body without its framing, as views of
// the caller's bytes. Bounded in the bytes of a head, its fields, interim responses, extensions, trailers and the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/version.hpp"
#include "model/chunked_body.hpp"
#include "model/response_head.hpp"
#include "rfc6455/http_request.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

struct response_limits {
  std::size_t max_head_bytes = 65536;                      ///< Blank line included, of each head. `errc::head_too_large`.
  std::size_t max_interim_responses = 8;                   ///< `errc::too_many_interim_responses`.
  std::size_t max_extension_bytes = 16384;                 ///< Of all chunks together. `errc::chunk_extensions_too_long`.
  std::size_t max_trailer_bytes = 8192;                    ///< `errc::trailers_too_large`.
  std::uint64_t max_body_bytes = std::uint64_t(1) << 30U;  ///< 1 GiB, without the framing. `errc::body_too_large`.
};

class response_reader {
 public:
  enum class step {
    need_more,  ///< All bytes are used.
    head,       ///< `head()` is there.
    body,       ///< A piece of the body.
    done,       ///< The response is whole. Later bytes are not read: the connection is not needed any more.
    failed      ///< `error()` says why.
  };

  explicit response_reader(const response_limits& limits = {}) : limits_(limits) { collector_.emplace(limits.max_head_bytes); }
  response_reader(const response_reader&) = delete;
  response_reader& operator=(const response_reader&) = delete;

  /// Takes at most one step from the bytes and moves `first` past the used bytes. Call it until it needs more. `piece` is
  /// valid as long as the bytes are.
  step receive(const char*& first, const char* last, std::string_view& piece) {
    if (error_) return step::failed;
    if (is_done_) return step::done;
    if (!has_head_) {
      const step found = take_head(first, last);
      if (found != step::need_more || first == last) return found;
    }
    return head_.framing == body_framing::chunked ? take_chunked(first, last, piece) : take_plain(first, last, piece);
  }

  /// The server closed the connection. `done`, or `failed` if that cuts the response off.
  step end_of_stream() {
    if (error_) return step::failed;
    if (is_done_) return step::done;
    return has_head_ && head_.framing == body_framing::until_close ? end_here() : fail(errc::body_cut_off);
  }

  bool has_head() const noexcept { return has_head_; }
  /// After `step::head`; valid as long as the reader exists.
  const response_head& head() const noexcept { return head_; }
  std::error_code error() const noexcept { return error_; }

 private:
  step take_head(const char*& first, const char* last) {
    while (first != last) {
      if (!begins_as_http(first, last)) return fail(errc::head_malformed);
      switch (collector_->receive(first, last)) {
        case rfc6455::head_collector::status::need_more: return step::need_more;
        case rfc6455::head_collector::status::malformed: return fail(errc::head_malformed);
        case rfc6455::head_collector::status::too_large: return fail(errc::head_too_large);
        case rfc6455::head_collector::status::done: break;
      }
      head_ = response_head();
      if (const std::error_code error = parse_response_head(collector_->lines(), head_)) return fail(error);
      if (head_.is_interim()) {
        if (++interim_responses_ > limits_.max_interim_responses) return fail(errc::too_many_interim_responses);
        collector_.emplace(limits_.max_head_bytes);
        name_bytes_ = 0;
        continue;
      }
      if (head_.framing == body_framing::by_length && head_.content_length > limits_.max_body_bytes) {
        return fail(errc::body_too_large);
      }
      has_head_ = true;
      if (head_.framing == body_framing::chunked) chunks_.emplace(limits_.max_extension_bytes, limits_.max_trailer_bytes);
      is_done_ = head_.framing == body_framing::none || (head_.framing == body_framing::by_length && head_.content_length == 0);
      return step::head;
    }
    return step::need_more;
  }
  // A server of another protocol sends a greeting and waits: the reader need not wait for it.
  bool begins_as_http(const char* first, const char* last) noexcept {
    constexpr std::string_view name = "HTTP/";
    for (; name_bytes_ < name.size() && first != last; ++first, ++name_bytes_) {
      if (*first != name[name_bytes_]) return false;
    }
    return true;
  }
  step take_chunked(const char*& first, const char* last, std::string_view& piece) {
    switch (chunks_->receive(first, last, piece)) {
      case chunked_body::status::need_more: return step::need_more;
      case chunked_body::status::data: return count(piece.size());
      case chunked_body::status::done: return end_here();
      case chunked_body::status::failed: break;
    }
    return fail(chunks_->error());
  }
  step take_plain(const char*& first, const char* last, std::string_view& piece) {
    if (first == last) return step::need_more;
    auto size = static_cast<std::size_t>(last - first);
    if (head_.framing == body_framing::by_length) {
      const std::uint64_t left = head_.content_length - body_bytes_;
      if (left < size) size = static_cast<std::size_t>(left);
    }
    piece = {first, size};
    first += size;
    const step result = count(size);
    is_done_ = head_.framing == body_framing::by_length && body_bytes_ == head_.content_length;
    return result;
  }
  step count(std::size_t bytes) noexcept {
    body_bytes_ += bytes;
    return body_bytes_ > limits_.max_body_bytes ? fail(errc::body_too_large) : step::body;
  }
  step end_here() noexcept {
    is_done_ = true;
    return step::done;
  }
  step fail(std::error_code why) noexcept {
    error_ = why;
    return step::failed;
  }

  response_limits limits_;
  std::optional<rfc6455::head_collector> collector_;
  std::optional<chunked_body> chunks_;
  response_head head_;
  std::size_t interim_responses_ = 0;
  std::size_t name_bytes_ = 0;  // of `HTTP/`
  std::uint64_t body_bytes_ = 0;
  std::error_code error_;
  bool has_head_ = false;
  bool is_done_ = false;
};

}}}  // namespace wirthforge::model
