// Reads server-sent events (WHATWG HTML section 9.2.6), bounded, with two differences from the standard. An unknown field
// is handed out and not ignored: a llama-server sends `error:`. And the last event counts without its blank line,
// and its last line without a line end, although a browser would discard them: some builds end `data: [DONE]` so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/version.hpp"
#include "model/line_reader.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

class event_reader {
 public:
  enum class step {
    need_more,
    event,  ///< `type()` and `data()` are valid until the next call.
    field,  ///< One that the standard does not name: `field_name()` and `field_value()`, until the next call.
    failed  ///< `error()`: `errc::line_too_long` or `errc::event_too_large`.
  };

  /// For one line, and for an event's data and type together. The reader holds at most three times that.
  explicit event_reader(std::size_t max_event_bytes)
      : lines_(line_reader::ends::any, max_event_bytes), max_bytes_(max_event_bytes) {}

  /// Takes at most one event from the bytes and moves `first` past the used bytes. Call it until it needs more.
  step next(const char*& first, const char* last) {
    forget_event();
    std::string_view line;
    while (!error_) {
      const line_reader::status found = lines_.next(first, last, line);
      if (found == line_reader::status::need_more) return step::need_more;
      if (found == line_reader::status::too_long) return fail(errc::line_too_long);
      const step taken = take(line);
      if (taken != step::need_more) return taken;
    }
    return step::failed;
  }
  /// No more bytes will come. Call it until it needs more.
  step end() {
    forget_event();
    if (error_) return step::failed;
    std::string_view line;
    const line_reader::status found = lines_.take_rest(line);
    if (found == line_reader::status::too_long) return fail(errc::line_too_long);
    if (found == line_reader::status::line) {
      const step taken = take(line);
      if (taken != step::need_more) return taken;
    }
    return take({});
  }

  /// Empty where the standard says `message`.
  std::string_view type() const noexcept { return type_; }
  std::string_view data() const noexcept { return data_; }
  std::string_view field_name() const noexcept { return field_name_; }
  std::string_view field_value() const noexcept { return field_value_; }
  std::string_view last_event_id() const noexcept { return id_; }
  /// Milliseconds until a reconnect, if the server sent them.
  std::optional<std::uint64_t> retry_ms() const noexcept { return retry_ms_; }
  std::error_code error() const noexcept { return error_; }

 private:
  step take(std::string_view line) {
    if (line.empty()) return dispatch();
    const std::size_t colon = line.find(':');
    if (colon == 0) return step::need_more;  // a comment, which keeps the connection alive
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value.remove_prefix(1);
    if (name == "data") {
      if (data_.size() + type_.size() + value.size() + (has_data_ ? 1 : 0) > max_bytes_) return fail(errc::event_too_large);
      if (has_data_) data_ += '\n';
      data_ += value;
      has_data_ = true;
    } else if (name == "event") {
      if (data_.size() + value.size() > max_bytes_) return fail(errc::event_too_large);
      type_ = value;
    } else if (name == "id") {
      if (value.find('\0') == std::string_view::npos) id_ = value;
    } else if (name == "retry") {
      take_retry(value);
    } else {
      field_name_ = name;
      field_value_ = value;
      return step::field;
    }
    return step::need_more;
  }
  step dispatch() {
    if (!has_data_) {
      type_.clear();
      return step::need_more;
    }
    is_handed_out_ = true;
    return step::event;
  }
  void take_retry(std::string_view digits) {
    constexpr std::size_t most_digits = 15;
    std::uint64_t value = 0;
    for (const char each : digits) {
      if (each < '0' || each > '9') return;
      value = value * 10 + static_cast<std::uint64_t>(each - '0');
    }
    if (!digits.empty() && digits.size() <= most_digits) retry_ms_ = value;
  }
  void forget_event() {
    if (!is_handed_out_) return;
    is_handed_out_ = has_data_ = false;
    data_.clear();
    type_.clear();
  }
  step fail(errc why) {
    error_ = why;
    return step::failed;
  }

  line_reader lines_;
  const std::size_t max_bytes_;
  std::string data_, type_, id_;
  std::string_view field_name_, field_value_;
  std::optional<std::uint64_t> retry_ms_;
  std::error_code error_;
  bool has_data_ = false;
  bool is_handed_out_ = false;
};

}}}  // namespace wirthforge::model
