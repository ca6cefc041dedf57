// A journal on the disk: lines go to one file until it is full, then to a new one, and the old ones are renamed: `path` is the
// newest, `path.1` the one before it, and so on. Opening removes the incomplete last line of a killed process, and files
// beyond `max_files`. A file that is no journal is never changed. If another program deletes, moves or truncates a file while
// it is written, a new file begins as any other: lines that were written into a deleted file since it was last seen
// are written again.
//
// No thread and no clock; one thread at a time. An error leaves the state unchanged: the same bytes may be given again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/linkage.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "journal/journal_history.hpp"
#include "journal/journal_options.hpp"
#include "journal/journal_tally.hpp"
#include "journal/append_file.hpp"
#include "journal/journal_lines.hpp"
#include "journal/journal_place.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace journal {

class journal_file {
 public:
  explicit journal_file(const journal_options& options)
      : place_(options.path), max_bytes_(options.max_file_bytes), max_files_(options.max_files),
        syncs_(options.sync != journal_sync::never) {}

  bool is_open() const noexcept { return file_.is_open(); }
  /// The totals of the journal, older files included.
  const journal_summary& summary() const noexcept { return tally_.summary(); }
  /// The notices since the last call.
  std::vector<journal_note> take_notes() noexcept { return std::exchange(notes_, {}); }

  /// The epoch of the run that writes from the next `open` on, unless that finds a run to continue.
  void set_epoch(std::string epoch) { epoch_ = std::move(epoch); }
  /// Makes the next `open` check whether the previous run was closed in good order, and can be continued. Call it once.
  WIRTHFORGE_COLD void look_for_past(const live::log_limits& limits) { history_.emplace(limits); }
  std::optional<live::journal_past> take_past() { return std::exchange(past_, std::nullopt); }

  /// Opens the newest file, repairs it and reads its totals. Errors: `errc::journal_in_use`, `errc::not_a_journal`, or the
  /// system's own.
  WIRTHFORGE_COLD std::error_code open(std::int64_t unix_ms) {
    if (const std::error_code error = place_.open_newest(file_)) return error;
    std::error_code error;
    if (file_.is_regular()) error = mend();
    size_ = file_.size();
    journal_place::older older;
    const std::error_code unseen = find_older(older);
    if (!error && size_ == 0 && !is_known_) error = unseen ? unseen : read_summary_before(older);
    if (error) {
      file_.close();
      return error;
    }
    const bool is_first = !std::exchange(is_known_, true);
    unix_ms_ = std::max(unix_ms, unix_ms_);
    if (is_first) begin_run(older);
    else begin_file();
    if (!unseen) remove_surplus(older.ours);
    return {};
  }

  /// Appends lines, each with its line end, and removes the written bytes from their front. An error although all was written:
  /// a full file could not be set aside, and grows further. Precondition: open.
  std::error_code append(std::string& lines) {
    std::string_view rest = lines;
    std::error_code grows_on;
    std::error_code error;
    while (!error && !rest.empty()) {
      if ((error = stay())) break;
      const std::string_view rest_before = rest;
      const journal_tally tally_before = tally_;
      std::string half_before = half_line();
      error = fill(rest);
      if (place_.fate_of(file_, size_) == append_file::fate::deleted) {  // during the write
        rest = rest_before;
        tally_ = tally_before;
        error = begin_again(append_file::fate::deleted, std::move(half_before));
      } else if (!error && !rest.empty()) {
        error = rotate();
        if (error && is_open()) grows_on = std::exchange(error, {});
      }
    }
    lines.erase(0, lines.size() - rest.size());
    return error ? error : grows_on;
  }

  /// Writes the last line of a run that ended in good order. Precondition: open, and all lines are written.
  WIRTHFORGE_COLD std::error_code append_closing(std::string_view state) {
    constexpr std::size_t note_bytes = 512;
    std::error_code error = stay();
    if (!error && (!head_.empty() || is_within_line_ || is_short_of(state.size() + note_bytes))) {
      if (is_within_line_) return std::make_error_code(std::errc::io_error);
      if (is_short_of(state.size() + note_bytes)) error = rotate();
      if (!error) error = write_head();
    }
    if (error) return error;
    const std::string line = journal_closed_line(state, beginning(), tally_.summary().last_timestamp);
    std::string_view rest = line;
    return write_some(rest, rest.size());
  }

  /// Checks whether the file is still in its place, and begins a new one if it is not. Precondition: open.
  std::error_code stay() {
    const append_file::fate fate = place_.fate_of(file_, size_);
    return fate == append_file::fate::none ? std::error_code() : begin_again(fate, half_line());
  }

  std::error_code sync() { return std::exchange(is_dirty_, false) ? file_.sync() : std::error_code(); }

  void close() {
    release();
    is_known_ = false;  // the next opening may find more
  }

 private:
  void release() {
    if (is_open() && syncs_) sync();
    file_.close();
  }
  static std::size_t line_size(std::string_view lines) noexcept {
    const std::size_t end = lines.find('\n');
    return end == std::string_view::npos ? lines.size() : end + 1;
  }

  bool is_short_of(std::size_t bytes) const noexcept {
    return file_.is_regular() && !is_fresh_ && bytes > 0 && size_ + bytes > limit_;
  }
  // How many of the lines go into this file. A line that is too long for any file gets a file to itself.
  std::size_t fitting(std::string_view lines) const noexcept {
    const std::uint64_t begin = size_ + head_.size();
    if (!file_.is_regular() || begin + lines.size() <= limit_) return lines.size();
    const std::uint64_t room = begin < limit_ ? limit_ - begin : 0;
    const std::size_t end = room == 0 ? std::string_view::npos : lines.rfind('\n', static_cast<std::size_t>(room) - 1);
    if (end != std::string_view::npos) return end + 1;
    return is_fresh_ ? line_size(lines) : 0;
  }

  bool is_full(std::string_view rest) const noexcept {
    return !is_within_line_ && (is_short_of(head_.size()) || fitting(rest) == 0);
  }
  // The part for this file.
  std::error_code fill(std::string_view& from) {
    std::error_code error;
    while (!error && !from.empty() && !is_full(from)) {
      error = write_head();
      if (!error) error = write_some(from, is_within_line_ ? line_size(from) : fitting(from));
    }
    return error;
  }
  std::error_code write_some(std::string_view& from, std::size_t size) {
    std::error_code error;
    const std::size_t done = file_.append(from.substr(0, size), error);
    if (done == 0) return error;
    cutter_.feed(from.substr(0, done), [this](std::string_view line) { tally_.add_line(line); });
    is_within_line_ = from[done - 1] != '\n';
    is_dirty_ = true;
    is_fresh_ = false;
    size_ += done;
    from.remove_prefix(done);
    return error;
  }
  std::error_code write_head() {
    if (head_.empty()) return {};
    const bool was_fresh = is_fresh_;
    std::string_view rest = head_;
    const std::error_code error = write_some(rest, rest.size());
    head_.erase(0, head_.size() - rest.size());
    is_fresh_ = was_fresh;  // it still holds no line but its own first
    if (head_.empty()) half_.clear();
    return error;
  }

  // The written part of an incomplete line.
  std::string half_line() const { return !head_.empty() ? half_ : is_within_line_ ? cutter_.rest() : std::string(); }

  journal_beginning beginning() const { return {epoch_, tally_.digest(), tally_.reliable_timestamp()}; }

  // Whether this is the previous run, continued. If so, that is written to the disk before any caller learns of it: after a
  // crash its last line must not look like the journal's end.
  WIRTHFORGE_COLD void begin_run(const journal_place::older& older) {
    std::optional<journal_history> history = std::exchange(history_, std::nullopt);
    if (history && is_closed_) past_ = read_past(std::move(*history), place_, older, file_);
    const std::string fresh = epoch_;
    if (past_) epoch_ = past_->epoch;
    else tally_.forget_reliable();
    begin_file();
    if (!past_) return;
    std::error_code error = write_head();
    if (!error && syncs_) error = sync();
    if (!error) return;
    past_.reset();
    epoch_ = fresh;
    tally_.forget_reliable();
    begin_file();
  }
  WIRTHFORGE_COLD void begin_file() {
    head_ = journal_opened_line(tally_.summary(), std::max(unix_ms_, tally_.summary().last_timestamp), beginning()) + half_;
    limit_ = max_bytes_;
    is_fresh_ = size_ == 0;
    is_within_line_ = false;
    cutter_ = {};
  }

  // After another program took the file away. The half of a line that was lost with it comes first.
  WIRTHFORGE_COLD std::error_code begin_again(append_file::fate fate, std::string half) {
    note(log_level::warning, {"another program has ",
                              fate == append_file::fate::deleted ? "deleted"
                              : fate == append_file::fate::moved ? "moved or replaced"
                                                                 : "cut short",
                              " the journal's file ", place_.path_of(0), "; a new file is begun"});
    half_ = std::move(half);
    release();
    if (const std::error_code error = open(0)) return error;
    if (syncs_) place_.sync();
    return write_head();
  }

  // The names are renamed by one, up to a gap that a process left which was killed here. A name
  // that belongs to a foreign file is skipped.
  WIRTHFORGE_COLD std::error_code rotate() {
    journal_place::older older;
    std::error_code error = find_older(older);
    if (error) return grow_on(error);
    const auto is_in = [](const std::vector<std::size_t>& numbers, std::size_t number) {
      return std::binary_search(numbers.begin(), numbers.end(), number);
    };
    std::vector<std::size_t> places{0};
    for (std::size_t number = 1; places.size() < max_files_; ++number) {
      if (is_in(older.others, number)) continue;
      places.push_back(number);
      if (!is_in(older.ours, number)) break;
    }
    if (place_.fate_of(file_, size_) == append_file::fate::moved) return begin_again(append_file::fate::moved, {});
    release();
    if (max_files_ == 1) error = place_.remove(0);
    for (std::size_t index = places.size(); --index > 0 && !error;) error = place_.rename(places[index - 1], places[index]);
    if (const std::error_code opened = place_.open_newest(file_)) return opened;
    const std::uint64_t size_before = std::exchange(size_, file_.size());
    if (error && size_ >= size_before) return grow_on(error);
    begin_file();
    older.ours.erase(older.ours.begin(), std::upper_bound(older.ours.begin(), older.ours.end(), places.back()));
    older.ours.insert(older.ours.begin(), places.begin() + 1, places.end());
    remove_surplus(older.ours);
    if (syncs_) place_.sync();
    return {};
  }
  // No line is lost if renaming fails: this file grows, and when it has doubled, renaming is tried again.
  std::error_code grow_on(std::error_code error) noexcept {
    limit_ = size_ + max_bytes_;
    return error;
  }

  WIRTHFORGE_COLD std::error_code find_older(journal_place::older& older) {
    const std::error_code error = place_.find_older(older, false);
    for (const std::size_t each : older.others) {
      note_once(each, {place_.path_of(each), " is no file of the journal, and is left as it is"});
    }
    if (older.unknown != 0) note_once(older.unknown, {place_.path_of(older.unknown), " cannot be read: ", error.message()});
    return error;
  }
  WIRTHFORGE_COLD void remove_surplus(std::vector<std::size_t>& ours) {
    std::size_t removed = 0;
    for (; ours.size() >= max_files_ && !place_.remove(ours.back()); ++removed) ours.pop_back();
    if (removed == 0) return;
    note(log_level::info, {std::to_string(removed), removed == 1 ? " file" : " files",
                           " of the journal, the oldest, removed: max_files is ", std::to_string(max_files_)});
  }

  // Looks at the first bytes, then at the last line. The totals are known except the first time.
  WIRTHFORGE_COLD std::error_code mend() {
    if (const std::error_code error = check_beginning(file_)) return error;
    const std::uint64_t size = file_.size();
    journal_tally found;
    std::string cut_off;
    const auto take = [&](std::string_view line) {
      found.add_line(line);
      is_closed_ = found.ends_closed();
    };
    is_closed_ = false;
    if (const std::error_code error = read_lines(file_, cut_off, take)) return error;
    is_closed_ = is_closed_ && cut_off.empty();
    if (size > 0 && !is_known_) tally_ = found;
    if (cut_off.empty()) return {};
    note(log_level::warning,
         {"the journal ended in the middle of a line: ", std::to_string(cut_off.size()), " bytes were cut off"});
    return file_.truncate(size - cut_off.size());
  }

  // Killed between two files, or before the newest one held a line: the file before it has the totals.
  WIRTHFORGE_COLD std::error_code read_summary_before(const journal_place::older& older) {
    if (older.ours.empty()) return {};
    append_file before;
    if (const std::error_code error = place_.open_older(older.ours.front(), before)) return error;
    tally_ = {};
    std::string cut_off;
    return read_lines(before, cut_off, [this](std::string_view line) { tally_.add_line(line); });
  }

  WIRTHFORGE_COLD void note(log_level level, std::initializer_list<std::string_view> pieces) noexcept {
    try {
      notes_.push_back({level, concat(pieces)});
    } catch (...) {  // no memory for the note
    }
  }
  WIRTHFORGE_COLD void note_once(std::size_t number, std::initializer_list<std::string_view> pieces) {
    if (std::find(noted_.begin(), noted_.end(), number) != noted_.end()) return;
    noted_.push_back(number);
    note(log_level::warning, pieces);
  }

  journal_place place_;
  const std::uint64_t max_bytes_;
  const std::size_t max_files_;
  const bool syncs_;
  append_file file_;
  journal_tally tally_;
  std::string epoch_;  // of the run that writes
  std::optional<journal_history> history_;
  std::optional<live::journal_past> past_;
  line_cutter cutter_;
  std::vector<journal_note> notes_;
  std::vector<std::size_t> noted_;  // older files that a notice was given of
  std::string head_;                // the unwritten part of a file's first line and of the half of a line that follows it
  std::string half_;                // that half, until it is written
  std::int64_t unix_ms_ = 0;        // when it was last opened
  std::uint64_t size_ = 0;
  std::uint64_t limit_ = 0;
  bool is_closed_ = false;       // the newest file ended with the last line of a run, as it was opened
  bool is_known_ = false;        // the totals are known
  bool is_fresh_ = false;        // holds no line but the journal's own
  bool is_within_line_ = false;  // the last write ended inside a line
  bool is_dirty_ = false;
};

}  // namespace journal
}}  // namespace wirthforge
