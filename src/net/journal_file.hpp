// A journal on the disk: lines go to one file until it is full, then to a new one, and the old ones move up: `path` is the
// newest, `path.1` the one before it, and so on. Opening removes what a killed process left of a last line, and files that are
// more than `max_files`. A file that is no journal is never touched. A file that somebody else deletes, moves or cuts short while
// it is written has a successor that begins as any other: what was written into a deleted one since it was last seen to be there
// is written again.
//
// No thread and no clock; one thread at a time. An error leaves it as it was: the same bytes may be given again.
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
#include "live/journal.hpp"
#include "live/journal_history.hpp"
#include "live/journal_options.hpp"
#include "live/journal_tally.hpp"
#include "net/append_file.hpp"
#include "net/journal_lines.hpp"
#include "net/journal_place.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace net {

class journal_file {
 public:
  explicit journal_file(const journal_options& options)
      : place_(options.path), max_bytes_(options.max_file_bytes), max_files_(options.max_files),
        syncs_(options.sync != journal_sync::never) {}

  bool is_open() const noexcept { return file_.is_open(); }
  /// Where the journal stands, older files included.
  const journal_summary& summary() const noexcept { return tally_.summary(); }
  /// What has come up since the last time.
  std::vector<journal_note> take_notes() noexcept { return std::exchange(notes_, {}); }

  /// The run that writes from the next `open` on, unless that finds one to go on with.
  void set_epoch(std::string epoch) { epoch_ = std::move(epoch); }
  /// Makes the next `open` look whether the run before was closed in good order, and can be gone on with. It is asked for once.
  WIRTHFORGE_COLD void look_for_past(const live::log_limits& limits) { history_.emplace(limits); }
  std::optional<live::journal_past> take_past() { return std::exchange(past_, std::nullopt); }

  /// Opens the newest file, mends it and reads where it stands. Errors: `errc::journal_in_use`, `errc::not_a_journal`, or the
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

  /// Appends lines, each with its end, and takes what was written away from their front. An error where all was written: a full
  /// file could not be set aside, and grows on. Precondition: open.
  std::error_code append(std::string& lines) {
    std::string_view rest = lines;
    std::error_code grows_on;
    std::error_code error;
    while (!error && !rest.empty()) {
      error = stay();
      if (error) break;
      const std::string_view rest_before = rest;
      const live::journal_tally tally_before = tally_;
      std::string half_before = half_line();
      error = fill(rest);
      if (place_.fate_of(file_, size_) == append_file::fate::deleted) {  // while it was written to
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

  /// Writes the last line of a run that ended in good order. Precondition: open, and everything is written.
  WIRTHFORGE_COLD std::error_code append_closing(std::string_view state) {
    constexpr std::size_t remark_bytes = 512;
    std::error_code error = stay();
    if (!error && (!head_.empty() || is_within_line_ || is_short_of(state.size() + remark_bytes))) {
      if (is_within_line_) return std::make_error_code(std::errc::io_error);
      if (is_short_of(state.size() + remark_bytes)) error = rotate();
      if (!error) error = write_head();
    }
    if (error) return error;
    const std::string line = live::journal_closed_line(state, beginning(), tally_.summary().last_timestamp);
    std::string_view rest = line;
    return write_some(rest, rest.size());
  }

  /// Sees whether the file is still where it was, and begins a new one where it is not. Precondition: open.
  std::error_code stay() {
    const append_file::fate fate = place_.fate_of(file_, size_);
    return fate == append_file::fate::none ? std::error_code() : begin_again(fate, half_line());
  }

  std::error_code sync() {
    if (!std::exchange(is_dirty_, false)) return {};
    return file_.sync();
  }

  void close() {
    release();
    is_known_ = false;  // whoever opens it next may find more
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
  // How much of the lines goes into this file. A line that fits into none has one to itself.
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
  // As far as this file goes.
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

  // What is written of a line that is not whole yet.
  std::string half_line() const { return !head_.empty() ? half_ : is_within_line_ ? cutter_.rest() : std::string(); }

  live::journal_beginning beginning() const { return {epoch_, tally_.digest(), tally_.reliable_timestamp()}; }

  // Whether this is the run before, which goes on. Then that is on the disk before anybody is told so: what it says after a crash must
  // not be taken for the end of it.
  WIRTHFORGE_COLD void begin_run(const journal_place::older& older) {
    std::optional<live::journal_history> history = std::exchange(history_, std::nullopt);
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
    head_ = live::journal_opened_line(tally_.summary(), std::max(unix_ms_, tally_.summary().last_timestamp), beginning()) + half_;
    limit_ = max_bytes_;
    is_fresh_ = size_ == 0;
    is_within_line_ = false;
    cutter_ = {};
  }

  // Where somebody else took the file away. The half of a line that went with it comes first.
  WIRTHFORGE_COLD std::error_code begin_again(append_file::fate fate, std::string half) {
    note(log_level::warning, {"somebody else has ", fate == append_file::fate::deleted ? "deleted" :
                              fate == append_file::fate::moved ? "moved or replaced" : "cut short",
                              " the journal's file ", place_.path_of(0), "; it begins anew"});
    half_ = std::move(half);
    release();
    if (const std::error_code error = open(0)) return error;
    if (syncs_) place_.sync();
    return write_head();
  }

  // The names move up by one as far as there is no gap among them, which a process that was killed here leaves behind. A name
  // that a foreign file has is passed over.
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
  // Nothing is lost for it: this file grows, and when it has doubled the next one is tried again.
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

  // Looks at the first bytes, then at the last line. Where the journal stands is known but for the first time.
  WIRTHFORGE_COLD std::error_code mend() {
    if (const std::error_code error = check_beginning(file_)) return error;
    const std::uint64_t size = file_.size();
    live::journal_tally found;
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
    note(log_level::warning, {"the journal ended in the middle of a line: ", std::to_string(cut_off.size()), " bytes were cut off"});
    return file_.truncate(size - cut_off.size());
  }

  // Killed between two files, or before the newest one held a line: the one before it knows.
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
  live::journal_tally tally_;
  std::string epoch_;  // of the run that writes
  std::optional<live::journal_history> history_;
  std::optional<live::journal_past> past_;
  live::line_cutter cutter_;
  std::vector<journal_note> notes_;
  std::vector<std::size_t> noted_;  // older files that there was something to say of
  std::string head_;  // the first line of a file and the half of a line that follows it, as far as they are not written
  std::string half_;  // that half, until it is
  std::int64_t unix_ms_ = 0;  // when it was last opened
  std::uint64_t size_ = 0;
  std::uint64_t limit_ = 0;
  bool is_closed_ = false;       // the newest file ended with the last line of a run, as it was opened
  bool is_known_ = false;        // where the journal stands
  bool is_fresh_ = false;        // holds no line but the journal's own
  bool is_within_line_ = false;  // the last write ended inside a line
  bool is_dirty_ = false;
};

}  // namespace net
}}  // namespace wirthforge
