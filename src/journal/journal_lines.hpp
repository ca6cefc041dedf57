// Reads the files of a journal: their lines, the previous run, and which files there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/linkage.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "journal/journal_history.hpp"
#include "journal/journal_tally.hpp"
#include "journal/append_file.hpp"
#include "journal/journal_place.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace journal {

/// Hands the lines of a file to `take`, and returns the bytes after the last line. An error if it cannot be read to its end.
template <class Take>
std::error_code read_lines(const append_file& file, std::string& rest, Take take) {
  line_cutter cutter;
  std::string piece(65536, '\0');
  const std::uint64_t size = file.size();
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t read = file.read(at, &piece[0], piece.size());
    if (read == 0) return std::make_error_code(std::errc::io_error);
    cutter.feed({piece.data(), read}, take);
    at += read;
  }
  rest = cutter.rest();
  return {};
}

/// A notice of the journal for its owner.
struct journal_note {
  log_level level;
  std::string line;
};

// The newest file and the one before it: two are enough for a log that is no larger than one file.
WIRTHFORGE_COLD inline std::optional<live::journal_past> read_past(journal_history history, const journal_place& place,
                                                                   const journal_place::older& older,
                                                                   const append_file& newest) {
  std::string rest;
  append_file before;
  const auto take = [&](std::string_view line) { history.add_line(line); };
  if (!newest.is_regular()) return std::nullopt;
  if (!older.ours.empty() && !place.open_older(older.ours.front(), before) && read_lines(before, rest, take))
    return std::nullopt;
  if (read_lines(newest, rest, take) || !rest.empty()) return std::nullopt;
  return history.take();
}

}  // namespace journal

WIRTHFORGE_COLD WIRTHFORGE_INLINE std::vector<std::string> journal_paths(const std::string& path) {
  journal::journal_place place(path);
  journal::journal_place::older older;
  std::vector<std::string> paths;
  if (place.enter()) return paths;
  if (place.is_device()) return {path};
  place.find_older(older, true);
  for (auto each = older.ours.rbegin(); each != older.ours.rend(); ++each) paths.push_back(place.path_of(*each));
  if (place.has_newest()) paths.push_back(place.path_of(0));
  return paths;
}

}}  // namespace wirthforge
