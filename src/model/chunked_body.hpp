// Removes the chunked transfer coding (RFC 9112 section 7.1) from a body in place: views of the caller's bytes come out. The
// digits of a size, all extensions together, and the trailer section are bounded; extensions and trailers are skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/version.hpp"
#include "rfc6455/http_request.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class chunked_body {
 public:
  enum class status { need_more, data, done, failed };
  static constexpr std::size_t max_size_digits = 16;  ///< The number of digits of a 64-bit number.

  /// `max_extension_bytes` of all chunks together, `max_trailer_bytes` with the closing blank line.
  chunked_body(std::size_t max_extension_bytes, std::size_t max_trailer_bytes)
      : extension_bytes_left_(max_extension_bytes), trailers_(max_trailer_bytes) {}

  /// Moves `first` past the used bytes: up to the end of `data`, or of the body.
  status receive(const char*& first, const char* last, std::string_view& data) {
    while (first != last && place_ != place::done && place_ != place::failed) {
      if (place_ == place::data && left_in_chunk_ > 0) {
        const auto available = static_cast<std::uint64_t>(last - first);
        const auto size = static_cast<std::size_t>(available < left_in_chunk_ ? available : left_in_chunk_);
        data = {first, size};
        first += size;
        left_in_chunk_ -= size;
        return status::data;
      }
      if (place_ == place::trailers) take_trailers(first, last);
      else take(*first++);
    }
    if (place_ == place::failed) return status::failed;
    return place_ == place::done ? status::done : status::need_more;
  }

  std::error_code error() const noexcept { return error_; }

 private:
  enum class place { size, extension, size_lf, data, data_lf, before_trailers, last_lf, trailers, done, failed };

  void take(char next) {
    switch (place_) {
      case place::size: return take_size(next);
      case place::extension: return take_extension(next);
      case place::size_lf: return next == '\n' ? begin_data() : fail(errc::chunk_malformed);
      case place::data:  // all data came: its line end
        place_ = place::data_lf;
        return next == '\r' ? void() : fail(errc::chunk_malformed);
      case place::data_lf: place_ = place::size; return next == '\n' ? void() : fail(errc::chunk_malformed);
      case place::last_lf: place_ = place::done; return next == '\n' ? void() : fail(errc::chunk_malformed);
      case place::before_trailers: {
        place_ = next == '\r' ? place::last_lf : place::trailers;
        const char* begin = &next;
        if (next != '\r') take_trailers(begin, begin + 1);
        return;
      }
      default: return;  // trailers have code of their own, and nothing follows the end
    }
  }
  void take_size(char next) {
    const int digit = text::detail::hex_value(next);
    if (digit >= 0) {
      if (++digits_ > max_size_digits) return fail(errc::chunk_size_too_long);
      left_in_chunk_ = left_in_chunk_ << 4U | static_cast<std::uint64_t>(digit);
      return;
    }
    if (digits_ == 0) return fail(errc::chunk_malformed);
    // White space may come before a semicolon, and some servers pad a size with it.
    const bool begins_extension = next == ';' || next == ' ' || next == '\t';
    if (next != '\r' && !begins_extension) return fail(errc::chunk_malformed);
    place_ = begins_extension ? place::extension : place::size_lf;
    if (begins_extension) take_extension(next);
  }
  // Extensions are not read: none can change the data.
  void take_extension(char next) {
    if (next == '\r') {
      place_ = place::size_lf;
      return;
    }
    if (!rfc6455::detail::is_value_character(next)) return fail(errc::chunk_malformed);
    if (extension_bytes_left_ == 0) return fail(errc::chunk_extensions_too_long);
    --extension_bytes_left_;
  }
  void begin_data() {
    place_ = left_in_chunk_ > 0 ? place::data : place::before_trailers;
    digits_ = 0;
  }
  void take_trailers(const char*& first, const char* last) {
    switch (trailers_.receive(first, last)) {
      case rfc6455::head_collector::status::need_more: return;
      case rfc6455::head_collector::status::malformed: return fail(errc::chunk_malformed);
      case rfc6455::head_collector::status::too_large: return fail(errc::trailers_too_large);
      case rfc6455::head_collector::status::done: break;
    }
    std::vector<rfc6455::http_field> fields;
    const auto take_field = [&fields](std::string_view line) { return rfc6455::detail::parse_field(line, fields); };
    const std::error_code error = rfc6455::detail::each_head_line(trailers_.lines(), take_field, take_field);
    place_ = place::done;
    if (error == errc::too_many_fields) fail(errc::trailers_too_large);
    else if (error) fail(errc::chunk_malformed);
  }
  void fail(errc why) noexcept {
    error_ = why;
    place_ = place::failed;
  }

  place place_ = place::size;
  std::size_t digits_ = 0;
  std::uint64_t left_in_chunk_ = 0;
  std::size_t extension_bytes_left_;
  rfc6455::head_collector trailers_;
  std::error_code error_;
};

}}}  // namespace wirthforge::model
