// A journal on the disk: lines go to one file until it is full, then to a new one, and the old ones move up: `path` is the
// newest, `path.1` the one before it, and so on. Opening removes what a killed process left of a last line. A file that is no
// journal is never touched.
//
// No thread and no clock; one thread at a time. An error leaves it as it was: the same bytes may be given again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/linkage.hpp"
#include "live/journal.hpp"
#include "live/journal_options.hpp"
#include "live/journal_tally.hpp"
#include "net/append_file.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace net {

/// A journal's files, oldest first, as far as the system says them.
WIRTHFORGE_COLD inline std::vector<std::string> journal_paths(const std::string& path, std::error_code& error) {
  namespace fs = std::filesystem;
  const std::string name = fs::path(path).filename().string() + ".";
  const fs::path folder = fs::path(path).parent_path();
  std::vector<unsigned long> old;
  for (fs::directory_iterator each(folder.empty() ? "." : folder, error), end; !error && each != end; each.increment(error)) {
    const std::string file = each->path().filename().string();
    const std::string number = file.compare(0, name.size(), name) == 0 ? file.substr(name.size()) : "";
    const bool is_number = !number.empty() && number.size() <= 6 && number[0] != '0' &&
                           number.find_first_not_of("0123456789") == std::string::npos;
    std::error_code unknown;
    if (is_number && !each->is_directory(unknown)) old.push_back(std::stoul(number));
  }
  std::sort(old.rbegin(), old.rend());
  std::vector<std::string> paths;
  for (const unsigned long each : old) paths.push_back(path + "." + std::to_string(each));
  std::error_code ignored;
  if (fs::exists(path, ignored)) paths.push_back(path);
  return paths;
}

/// Adds up the lines of a file. False when it cannot be read to its end.
WIRTHFORGE_COLD inline bool tally_file(const std::string& path, live::journal_tally& tally) {
  live::line_cutter cutter;
  const auto count = [&tally](std::string_view line) { tally.add_line(line); };
  std::string piece(65536, '\0');
  std::ifstream file(path, std::ios::binary);
  while (file) {
    file.read(&piece[0], static_cast<std::streamsize>(piece.size()));
    cutter.feed({piece.data(), static_cast<std::size_t>(file.gcount())}, count);
  }
  return file.eof();
}

class journal_file {
 public:
  explicit journal_file(const journal_options& options)
      : path_(options.path), max_bytes_(options.max_file_bytes), max_files_(options.max_files),
        syncs_(options.sync != journal_sync::never) {}

  bool is_open() const noexcept { return file_.is_open(); }
  /// Where the journal stands, older files included.
  const journal_summary& summary() const noexcept { return tally_.summary(); }
  /// Bytes of a cut-off last line that opening removed.
  std::uint64_t bytes_removed() const noexcept { return bytes_removed_; }

  /// Opens the newest file, mends it and reads where it stands. Errors: `errc::journal_in_use`, `errc::not_a_journal`, or the
  /// system's own.
  WIRTHFORGE_COLD std::error_code open(std::int64_t unix_ms) {
    if (const std::error_code error = file_.open(path_)) return error;
    std::error_code error;
    if (file_.is_regular()) error = mend();
    size_ = file_.size();
    if (!error && size_ == 0) error = read_summary_before();
    if (error) {
      file_.close();
      return error;
    }
    begin_file(std::max(unix_ms, tally_.summary().last_timestamp));
    return {};
  }

  /// Appends lines, each with its end, and takes what was written away from their front. An error where all was written: a full
  /// file could not be set aside, and grows on. Precondition: open.
  std::error_code append(std::string& lines) {
    std::string_view rest = lines;
    std::error_code grows_on;
    std::error_code error;
    while (!error && !rest.empty()) {
      const bool is_full = !is_within_line_ && (is_short_of(head_.size()) || fitting(rest) == 0);
      if (is_full) error = rotate();
      if (is_full && error && is_open()) grows_on = std::exchange(error, {});
      if (!error) error = write_head();
      if (!error) error = write_some(rest, is_within_line_ ? line_size(rest) : fitting(rest));
    }
    lines.erase(0, lines.size() - rest.size());
    return error ? error : grows_on;
  }

  std::error_code sync() {
    if (!std::exchange(is_dirty_, false)) return {};
    return file_.sync();
  }

  void close() {
    if (is_open() && syncs_) sync();
    file_.close();
  }

 private:
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
    return error;
  }

  WIRTHFORGE_COLD void begin_file(std::int64_t timestamp) {
    head_ = live::journal_opened_line(tally_.summary(), timestamp);
    limit_ = max_bytes_;
    is_fresh_ = size_ == 0;
    is_within_line_ = false;
    cutter_ = {};
  }

  // The names move up by one as far as there is no gap among them, which a process that was killed here leaves behind.
  WIRTHFORGE_COLD std::error_code rotate() {
    namespace fs = std::filesystem;
    if (syncs_) sync();
    file_.close();
    std::error_code error;
    const auto numbered = [this](std::size_t number) { return number == 0 ? path_ : path_ + "." + std::to_string(number); };
    std::size_t last = 1;
    while (last + 1 < max_files_ && fs::exists(numbered(last), error)) ++last;
    if (max_files_ == 1) fs::remove(path_, error);
    for (std::size_t number = max_files_ == 1 ? 0 : last; number > 0 && !error; --number) {
      fs::rename(numbered(number - 1), numbered(number), error);
    }
    std::error_code opened = file_.open(path_);
    if (!opened && error) {  // nothing is lost for it: this file grows on, and the next time it is tried again
      size_ = file_.size();
      limit_ = size_ + max_bytes_;
      return error;
    }
    if (opened) return opened;
    size_ = file_.size();
    begin_file(tally_.summary().last_timestamp);
    if (syncs_) append_file::sync_folder(fs::path(path_).parent_path().string());
    return {};
  }

  // Looks at the first bytes, so that a wrong path costs nobody a file, then at the last line.
  WIRTHFORGE_COLD std::error_code mend() {
    constexpr std::string_view beginning = "{\"type\":\"";
    const std::uint64_t size = file_.size();
    char first[beginning.size()];
    const std::size_t got = file_.read(0, first, sizeof first);
    if (std::string_view(first, got) != beginning.substr(0, got)) return errc::not_a_journal;
    if (size > 0) tally_ = {};
    cutter_ = {};
    std::string piece(65536, '\0');
    for (std::uint64_t at = 0; at < size;) {
      const std::size_t read = file_.read(at, &piece[0], piece.size());
      if (read == 0) return std::make_error_code(std::errc::io_error);
      cutter_.feed({piece.data(), read}, [this](std::string_view line) { tally_.add_line(line); });
      at += read;
    }
    const std::string& cut_off = cutter_.rest();
    if (cut_off.empty()) return {};
    bytes_removed_ += cut_off.size();
    return file_.truncate(size - cut_off.size());
  }

  // Killed between two files, or before the newest one held a line: the one before it knows.
  WIRTHFORGE_COLD std::error_code read_summary_before() {
    std::error_code error;
    std::string before;
    for (const std::string& each : journal_paths(path_, error)) {
      if (each != path_) before = each;
    }
    if (error || before.empty()) return error;
    tally_ = {};
    return tally_file(before, tally_) ? std::error_code() : std::make_error_code(std::errc::io_error);
  }

  const std::string path_;
  const std::uint64_t max_bytes_;
  const std::size_t max_files_;
  const bool syncs_;
  append_file file_;
  live::journal_tally tally_;
  live::line_cutter cutter_;
  std::string head_;    // the first line of a file, as far as it is not written
  std::uint64_t size_ = 0;
  std::uint64_t limit_ = 0;
  std::uint64_t bytes_removed_ = 0;
  bool is_fresh_ = false;        // holds no line but the journal's own
  bool is_within_line_ = false;  // the last write ended inside a line
  bool is_dirty_ = false;
};

}  // namespace net

WIRTHFORGE_COLD WIRTHFORGE_INLINE std::vector<std::string> journal_paths(const std::string& path) {
  std::error_code ignored;
  return net::journal_paths(path, ignored);
}

}}  // namespace wirthforge
