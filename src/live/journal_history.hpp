// The previous run as a journal holds it, if that run was closed in good order: the last line says so, and every line before
// it is unchanged. Lines go in, the oldest file first; no file is opened here. After a changed file, a gap, a line that is no
// event, or an end without that last line, there is no run to continue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cold.hpp"
#include "live/event_log.hpp"
#include "live/journal_tally.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// A run that can be continued.
struct journal_past {
  struct event {
    std::int64_t timestamp;
    std::string text;
  };
  std::string epoch;
  std::deque<event> events;        ///< Of the reliable lane, the oldest first, within the log's bounds.
  std::int64_t lost_through = -1;  ///< The highest time of an event that is no longer among them.
  std::string state;               ///< The text of an object: the members that `hub::write_state` wrote, and `epoch`.
};

class journal_history {
 public:
  explicit journal_history(const log_limits& limits) : limits_(limits) {}

  WIRTHFORGE_COLD void add_line(std::string_view line) {
    is_closed_ = false;
    const std::uint64_t digest_before = digest_.value();
    digest_.add(line);
    if (!text::is_json(line)) return spoil();
    const text::json_view event(line);
    text::json_view payload = event;
    text::json_view type = event;
    text::json_view code = event;
    if (!event.is_object() || !event.find("type", type) || !type.is_string()) return spoil();
    if (!event.find("payload", payload) || !payload.is_object()) return spoil();
    const bool is_error = type.equals("error_event");
    if (is_error && payload.find("code", code) && code.is_string() && is_journal_remark(code.as_string())) {
      return take_remark(code.as_string(), payload, line, digest_before);
    }
    if (!type.equals("energy_update") && !type.equals("energy_field")) take_event(event, line);
  }

  /// After the last line.
  WIRTHFORGE_COLD std::optional<journal_past> take() {
    if (!is_closed_ || is_spoilt_) return std::nullopt;
    return std::move(past_);
  }

 private:
  void spoil() noexcept { is_spoilt_ = true; }

  void take_event(const text::json_view& event, std::string_view line) {
    text::json_view time = event;
    const double timestamp = event.find("timestamp", time) && time.is_number() ? time.as_number() : -1;
    if (!(timestamp > static_cast<double>(last_)) || timestamp > 9e15) return spoil();
    last_ = static_cast<std::int64_t>(timestamp);
    past_.events.push_back({last_, std::string(line)});
    bytes_ += line.size();
    while (past_.events.size() > 1 && (bytes_ > limits_.max_bytes || past_.events.size() > limits_.max_events)) {
      bytes_ -= past_.events.front().text.size();
      past_.lost_through = past_.events.front().timestamp;
      past_.events.pop_front();
    }
  }

  void take_remark(const std::string& code, const text::json_view& payload, std::string_view line, std::uint64_t digest_before) {
    text::json_view details = payload;
    if (!payload.find("details", details) || !details.is_object()) return spoil();
    if (code == "JOURNAL_OPENED") {
      digest_ = {};
      digest_.add(line);
      return begin(details, digest_before);
    }
    if (code != "JOURNAL_CLOSED" || past_.epoch.empty() || string_of(details, "epoch") != past_.epoch) return spoil();
    if (string_of(details, "digest") != journal_digest::text_of(digest_before)) return spoil();
    text::json_view has_text = details;
    if (!details.find("text", has_text) || !has_text.is_boolean() || !has_text.as_boolean()) return spoil();
    is_closed_ = true;
    past_.state = std::string(details.own());
  }

  // A run begins, or a file of the same run. The lines before it belong to the run if none is missing between.
  void begin(const text::json_view& details, std::uint64_t digest_before) {
    const std::string epoch = string_of(details, "epoch");
    const bool goes_on = epoch == past_.epoch && string_of(details, "digest") == journal_digest::text_of(digest_before);
    if (goes_on) return;
    text::json_view time = details;
    const bool has_time = details.find("reliableTimestamp", time) && time.is_number() && time.as_number() < 9e15;
    past_ = {};
    past_.epoch = epoch;
    last_ = past_.lost_through = has_time ? static_cast<std::int64_t>(time.as_number()) : -1;
    bytes_ = 0;
    is_spoilt_ = epoch.empty();
  }

  static std::string string_of(const text::json_view& of, std::string_view name) {
    text::json_view value = of;
    return of.find(name, value) && value.is_string() ? value.as_string() : std::string();
  }

  log_limits limits_;
  journal_past past_;
  journal_digest digest_;
  std::size_t bytes_ = 0;
  std::int64_t last_ = -1;
  bool is_closed_ = false;
  bool is_spoilt_ = true;
};

}}}  // namespace wirthforge::live
