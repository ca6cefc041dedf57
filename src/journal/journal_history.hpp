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
#include "live/journal_past.hpp"
#include "journal/journal_tally.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace journal {

class journal_history {
 public:
  explicit journal_history(const live::log_limits& limits) : limits_(limits) {}

  WIRTHFORGE_COLD void add_line(std::string_view line) {
    is_closed_ = false;
    const std::uint64_t digest_before = digest_.value();
    digest_.add(line);
    const std::optional<journal_line> found = read_journal_line(line);
    if (!found) return spoil();
    text::json_view code = found->payload;
    const bool has_code = found->type == event_type::error_event && found->payload.find("code", code) && code.is_string();
    if (has_code && is_journal_note(code.as_string())) return take_note(code.as_string(), found->payload, line, digest_before);
    if (found->type != event_type::energy_update && found->type != event_type::energy_field) take_event(found->timestamp, line);
  }

  /// After the last line.
  WIRTHFORGE_COLD std::optional<live::journal_past> take() {
    if (!is_closed_ || is_spoilt_) return std::nullopt;
    return std::move(past_);
  }

 private:
  static constexpr std::int64_t most_timestamp = 9'000'000'000'000'000;  // a double tells them all apart

  void spoil() noexcept { is_spoilt_ = true; }

  void take_event(std::int64_t timestamp, std::string_view line) {
    if (timestamp <= last_ || timestamp > most_timestamp) return spoil();
    last_ = timestamp;
    past_.events.push_back({last_, std::string(line)});
    bytes_ += line.size();
    while (past_.events.size() > 1 && (bytes_ > limits_.max_bytes || past_.events.size() > limits_.max_events)) {
      bytes_ -= past_.events.front().text.size();
      past_.lost_through = past_.events.front().timestamp;
      past_.events.pop_front();
    }
  }

  void take_note(const std::string& code, const text::json_view& payload, std::string_view line, std::uint64_t digest_before) {
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
    std::int64_t before = -1;
    if (!text::read_integer(details, "reliableTimestamp", before) || before > most_timestamp) before = -1;
    past_ = {};
    past_.epoch = epoch;
    last_ = past_.lost_through = before;
    bytes_ = 0;
    is_spoilt_ = epoch.empty();
  }

  static std::string string_of(const text::json_view& of, std::string_view name) {
    text::json_view value = of;
    return of.find(name, value) && value.is_string() ? value.as_string() : std::string();
  }

  live::log_limits limits_;
  live::journal_past past_;
  journal_digest digest_;
  std::size_t bytes_ = 0;
  std::int64_t last_ = -1;
  bool is_closed_ = false;
  bool is_spoilt_ = true;
};

}}}  // namespace wirthforge::journal
