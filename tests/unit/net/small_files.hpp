// A journal of files of 4096 bytes, for tests of its files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/journals.hpp"
#include "wirthforge_ws.hpp"

namespace test { namespace small_files {

constexpr std::int64_t now = 1'700'000'000'000;

inline wirthforge::journal_options options_for(const std::string& path, std::size_t max_files = 100) {
  wirthforge::journal_options options;
  options.path = path;
  options.max_file_bytes = 4096;
  options.max_files = max_files;
  options.sync = wirthforge::journal_sync::never;
  return options;
}

inline std::string rewards(std::int64_t first, std::int64_t last) {
  std::string lines;
  for (std::int64_t number = first; number <= last; ++number) lines += reward_line(number);
  return lines;
}
inline void add(wirthforge::journal::journal_file& file, std::int64_t first, std::int64_t last) {
  std::string lines = rewards(first, last);
  REQUIRE_FALSE(file.append(lines));
  REQUIRE(lines.empty());
}
inline std::vector<std::string> notes_of(wirthforge::journal::journal_file& file) {
  std::vector<std::string> lines;
  for (const wirthforge::journal::journal_note& each : file.take_notes()) lines.push_back(each.line);
  return lines;
}
inline bool begins_as_it_should(const std::string& path) { return contents(path).find("\"JOURNAL_OPENED\"") < 300; }

}}  // namespace test::small_files
