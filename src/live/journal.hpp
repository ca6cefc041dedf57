// Reads a journal, which is a file of events, one a line, each as it was on the wire (NDJSON); and says what is to be known
// before going on with one. It opens no file: bytes in, events out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "events/read.hpp"
#include "live/journal_options.hpp"

namespace wirthforge {

/// Reads a journal from pieces of any size.
class journal_reader {
 public:
  /// Hands each event to `take(const any_event&, const envelope&)`. A line that is no event is counted and passed over.
  template <class Take>
  void feed(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        if (line_.size() + bytes.size() <= max_line_bytes) line_ += bytes;
        else is_overlong_ = true;
        return;
      }
      line_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      take_line(take);
    }
  }

  std::uint64_t lines() const noexcept { return lines_; }
  std::uint64_t bad_lines() const noexcept { return bad_lines_; }
  /// Line number of the last bad line, from 1; 0 when there is none.
  std::uint64_t last_bad_line() const noexcept { return last_bad_line_; }
  /// True when the end is in the middle of a line, as after a crash: that line was not handed out.
  bool ends_incomplete() const noexcept { return !line_.empty() || is_overlong_; }

 private:
  static constexpr std::size_t max_line_bytes = 64U << 20U;

  template <class Take>
  void take_line(Take& take) {
    ++lines_;
    any_event event;
    envelope outer;
    if (!std::exchange(is_overlong_, false) && !read_event(line_, event, outer)) {
      take(event, outer);
    } else {
      ++bad_lines_;
      last_bad_line_ = lines_;
    }
    line_.clear();
  }

  std::string line_;
  bool is_overlong_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t bad_lines_ = 0;
  std::uint64_t last_bad_line_ = 0;
};

namespace live {

/// Adds one event to what is known of a journal. Events come in the order of the journal.
inline void add_to_summary(journal_summary& summary, const any_event& event, const envelope& outer) {
  ++summary.events;
  summary.last_timestamp = std::max(summary.last_timestamp, outer.timestamp);
  std::visit([&](const auto& each) {
    if (event_traits<std::decay_t<decltype(each)>>::has_frame_number) {
      summary.last_frame_number = std::max(summary.last_frame_number, outer.frame_number);
    }
  }, event);
  if (const auto* update = std::get_if<energy_update>(&event)) {
    journal_summary::model& model = summary.models[update->model_id];
    model.total_energy = update->total_energy;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::int64_t room = most - model.tokens_generated;
    model.tokens_generated = update->tokens_generated > room ? most : model.tokens_generated + update->tokens_generated;
  }
}

}  // namespace live

}  // namespace wirthforge
