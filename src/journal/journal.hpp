// Reads a journal, which is a file of events, one a line, each as it was on the wire (NDJSON), and of the journal's own
// records (`is_journal_note`). It opens no file: bytes in, events out; `journal_paths` says which files a journal has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/read.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The existing files of a journal, the oldest first: the order in which to read them.
[[nodiscard]] std::vector<std::string> journal_paths(const std::string& path);

/// True for the code of an error_event that the journal itself wrote; it was never on the wire.
[[nodiscard]] bool is_journal_note(std::string_view code) noexcept;

namespace detail {

// An editor may have put a byte order mark in front of a file, and files may have been joined: any line may begin with one.
constexpr std::string_view without_mark(std::string_view line) noexcept {
  return line.substr(0, 3) == "\xEF\xBB\xBF" ? line.substr(3) : line;
}

}  // namespace detail

/// Reads a journal from pieces of any size. Lines may end with CRLF, and begin with a byte order mark.
class journal_reader {
 public:
  /// Hands each event to `take(const any_event&, const envelope&)`. A line that is no event is counted and skipped, and
  /// `bad(line)` is called with its number, from 1.
  template <class Take>
  void feed(std::string_view bytes, Take take) {
    feed(bytes, take, [](std::uint64_t) {});
  }
  template <class Take, class Bad>
  void feed(std::string_view bytes, Take take, Bad bad) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        if (line_.size() + bytes.size() <= max_line_bytes) line_ += bytes;
        else is_overlong_ = true;
        return;
      }
      line_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      take_line(take, bad);
    }
  }

  /// Whole lines so far.
  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
  /// The number of these lines that are no event.
  [[nodiscard]] std::uint64_t bad_lines() const noexcept { return bad_lines_; }
  /// Line number of the last bad line, from 1; 0 when there is none.
  [[nodiscard]] std::uint64_t last_bad_line() const noexcept { return last_bad_line_; }
  /// True when the end is in the middle of a line, as after a crash: that line was not handed out.
  [[nodiscard]] bool ends_incomplete() const noexcept { return !line_.empty() || is_overlong_; }

 private:
  static constexpr std::size_t max_line_bytes = 64U << 20U;

  template <class Take, class Bad>
  void take_line(Take& take, Bad& bad) {
    ++lines_;
    any_event event;
    envelope outer;
    if (!std::exchange(is_overlong_, false) && !read_event(detail::without_mark(line_), event, outer)) {
      take(event, outer);
    } else {
      ++bad_lines_;
      last_bad_line_ = lines_;
      bad(lines_);
    }
    line_.clear();
  }

  std::string line_;
  bool is_overlong_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t bad_lines_ = 0;
  std::uint64_t last_bad_line_ = 0;
};

}}  // namespace wirthforge
