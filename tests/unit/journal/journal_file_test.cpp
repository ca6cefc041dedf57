// A journal on the disk: files that fill up and are rotated, and repairs when one is opened again.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "catch.hpp"
#include "support/journals.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace journal_file_test {

using namespace wirthforge;
using test::contents;
using test::numbers;
using test::put_contents;
using test::read_journal;
using test::reward_line;
using test::temp_folder;
namespace fs = std::filesystem;
using codes = std::vector<std::string>;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;

journal_options options_for(const temp_folder& folder, std::size_t max_file_bytes = 16U << 20U, std::size_t max_files = 8) {
  journal_options options;
  options.path = folder.file("journal.ndjson");
  options.max_file_bytes = max_file_bytes;
  options.max_files = max_files;
  options.sync = journal_sync::never;
  return options;
}

std::error_code append(const journal_options& options, std::string lines) {
  journal::journal_file file(options);
  if (const std::error_code error = file.open(now)) return error;
  return file.append(lines);
}

journal_summary summary_of(const journal_options& options) {
  journal::journal_file file(options);
  REQUIRE_FALSE(file.open(now));
  return file.summary();
}
std::int64_t tokens_of(const journal_summary& summary) {
  return summary.models.count("m") == 0 ? 0 : summary.models.at("m").tokens_generated;
}

std::string energy_line(const std::string& model, double total, std::int64_t tokens, std::int64_t frame) {
  energy_update event;
  event.model_id = model;
  event.total_energy = total;
  event.tokens_generated = tokens;
  std::string line;
  write(line, event, envelope{now + frame, frame});
  return line + "\n";
}

}  // namespace

TEST_CASE("a journal begins with a note and holds what was appended", "[net][journal]") {
  const temp_folder folder;
  const journal_options options = options_for(folder);
  CHECK(journal_paths(options.path).empty());
  CHECK_FALSE(append(options, reward_line(1) + reward_line(2)));
  CHECK_FALSE(append(options, reward_line(3)));
  const auto found = read_journal(options.path);
  CHECK(found.numbers == numbers(1, 3));
  CHECK(found.notes == codes{"JOURNAL_OPENED", "JOURNAL_OPENED"});
  CHECK(found.faults == 0);
}

TEST_CASE("a journal that is opened and not written to stays as it is", "[net][journal]") {
  const temp_folder folder;
  const journal_options options = options_for(folder);
  append(options, reward_line(1));
  const std::string before = contents(options.path);
  journal::journal_file(options).open(now);
  CHECK(contents(options.path) == before);
}

TEST_CASE("a journal that was cut off at any byte opens, and only the last line is missing", "[net][journal][cut]") {
  const temp_folder folder;
  const journal_options options = options_for(folder);
  std::string lines;
  for (int number = 1; number <= 6; ++number) lines += reward_line(number) + energy_line("m", number, 1, number);
  REQUIRE_FALSE(append(options, lines));
  const std::string whole = contents(options.path);
  for (std::size_t size = 0; size <= whole.size(); size += test::step_of(7)) {
    std::string kept = whole.substr(0, size);
    kept.resize(kept.rfind('\n') == std::string::npos ? 0 : kept.rfind('\n') + 1);
    fs::remove(options.path);
    put_contents(options.path, whole.substr(0, size));
    journal::journal_file file(options);
    REQUIRE_FALSE(file.open(now));
    std::string more = reward_line(100);
    REQUIRE_FALSE(file.append(more));
    const std::string after = contents(options.path);
    REQUIRE(after.substr(0, kept.size()) == kept);
    REQUIRE(after.size() > kept.size() + reward_line(100).size());
    REQUIRE(after.substr(after.size() - reward_line(100).size()) == reward_line(100));
    journal::line_cutter cutter;
    journal::journal_tally tally;
    cutter.feed(after, [&](std::string_view line) { REQUIRE(tally.add_line(line)); });
    REQUIRE(cutter.rest().empty());
    // After the log line rewards and updates alternate.
    const auto updates = std::max<std::ptrdiff_t>(0, (std::count(kept.begin(), kept.end(), '\n') - 1) / 2);
    REQUIRE(tokens_of(tally.summary()) == updates);
  }
}

TEST_CASE("rotation keeps every line exactly once, in order, in files of max_file_bytes", "[net][journal][rotate]") {
  const temp_folder folder;
  const journal_options options = options_for(folder, 4096, 1000);
  {
    journal::journal_file file(options);
    REQUIRE_FALSE(file.open(now));
    std::int64_t number = 0;
    for (int batch = 0; batch < 60; ++batch) {
      std::string lines;
      for (int n = 0; n < batch; ++n) lines += reward_line(++number, static_cast<std::size_t>(n) * 7 % 400);
      REQUIRE_FALSE(file.append(lines));
      REQUIRE(lines.empty());
    }
  }
  const auto paths = journal_paths(options.path);
  CHECK(paths.size() > 50);
  CHECK(paths.back() == options.path);
  CHECK(paths.front() == options.path + "." + std::to_string(paths.size() - 1));
  for (const std::string& each : paths) {
    const std::string text = contents(each);
    CHECK(text.size() <= 4096);
    CHECK(text.compare(0, 22, "{\"type\":\"error_event\",") == 0);
    CHECK(text.back() == '\n');
  }
  const auto found = read_journal(options.path);
  CHECK(found.numbers == numbers(1, 60 * 59 / 2));
  CHECK(found.faults == 0);
}

TEST_CASE("a line longer than a file has one to itself", "[net][journal][rotate]") {
  const temp_folder folder;
  const journal_options options = options_for(folder, 4096);
  std::string lines = reward_line(1);
  token_stream big;
  big.session_id = "s";
  big.model_id = "m";
  big.tokens.push_back(std::string(10'000, 't'));
  write(lines, big, envelope{now, 0});
  lines += "\n" + reward_line(2);
  REQUIRE_FALSE(append(options, lines));
  CHECK(journal_paths(options.path).size() == 3);
  CHECK(read_journal(options.path).numbers == numbers(1, 2));
  CHECK(fs::file_size(options.path + ".1") > 10'000);
}

TEST_CASE("the oldest file is removed when there are too many, and its counts stay in the summary", "[net][journal][rotate]") {
  const temp_folder folder;
  const journal_options options = options_for(folder, 4096, 3);
  std::string lines;
  for (int number = 1; number <= 200; ++number) lines += energy_line("m", number, 2, number) + reward_line(number);
  REQUIRE_FALSE(append(options, lines));
  CHECK(journal_paths(options.path) == codes{options.path + ".2", options.path + ".1", options.path});
  const auto found = read_journal(options.path);
  CHECK(found.numbers == numbers(found.numbers.front(), 200));
  CHECK(found.numbers.front() > 100);
  const journal_summary summary = summary_of(options);
  CHECK(tokens_of(summary) == 400);
  CHECK(summary.models.at("m").total_energy == 200);
  CHECK(summary.last_frame_number == 200);
  CHECK(summary.events == 400);
}

TEST_CASE("a process that is killed between two files loses no file and no number", "[net][journal][rotate][cut]") {
  const temp_folder folder;
  const journal_options options = options_for(folder, 4096, 100);
  std::string lines;
  for (int number = 1; number <= 60; ++number) lines += energy_line("m", number, 1, number) + reward_line(number);
  REQUIRE_FALSE(append(options, lines));
  const auto count = journal_paths(options.path).size();
  REQUIRE(count > 3);
  SECTION("after the newest was renamed") {
    for (std::size_t number = count; number > 0; --number) {
      fs::rename(number == 1 ? options.path : options.path + "." + std::to_string(number - 1),
                 options.path + "." + std::to_string(number));
    }
  }
  SECTION("after some of the old ones were") {
    for (std::size_t number = count; number > 2; --number) {
      fs::rename(options.path + "." + std::to_string(number - 1), options.path + "." + std::to_string(number));
    }
  }
  SECTION("after the new one was made") {
    for (std::size_t number = count; number > 0; --number) {
      fs::rename(number == 1 ? options.path : options.path + "." + std::to_string(number - 1),
                 options.path + "." + std::to_string(number));
    }
    put_contents(options.path, "{\"type\":\"err");
  }
  CHECK(tokens_of(summary_of(options)) == 60);
  lines.clear();
  for (int number = 61; number <= 120; ++number) lines += energy_line("m", number, 1, number) + reward_line(number);
  REQUIRE_FALSE(append(options, lines));
  const auto found = read_journal(options.path);
  CHECK(found.numbers == numbers(1, 120));
  CHECK(found.faults == 0);
  CHECK(tokens_of(summary_of(options)) == 120);
}

TEST_CASE("files of other journals in the same folder are not touched", "[net][journal][rotate]") {
  const temp_folder folder;
  const journal_options options = options_for(folder);
  append(options, reward_line(1));
  for (const char* name :
       {"journal.ndjson.bak", "journal.ndjson.01", "journal.ndjson.", "journal.ndjson.1x", "journal.ndjso.1"}) {
    put_contents(folder.file(name), "x");
  }
  put_contents(options.path + ".10", reward_line(-1));
  put_contents(options.path + ".9", reward_line(0));
  CHECK(journal_paths(options.path) == codes{options.path + ".10", options.path + ".9", options.path});
}

TEST_CASE("a journal that cannot be opened says why", "[net][journal][error]") {
  const temp_folder folder;
  journal_options options = options_for(folder);
  options.path = folder.file("none/journal.ndjson");
  CHECK(append(options, reward_line(1)) == std::errc::no_such_file_or_directory);
  options.path = folder.file("");
  CHECK(append(options, reward_line(1)));
  CHECK(journal_paths(folder.file("none/journal.ndjson")).empty());
}

#if !defined(_WIN32)
TEST_CASE("a new file is readable by this user alone, an existing one keeps its mode", "[net][journal][privacy]") {
  const temp_folder folder;
  const journal_options options = options_for(folder, 4096);
  std::string lines;
  for (int number = 1; number <= 60; ++number) lines += reward_line(number);
  const auto mode_of = [](const std::string& path) {
    struct stat what {};
    return ::stat(path.c_str(), &what) == 0 ? what.st_mode & 0777U : 0U;
  };
  const mode_t mask = ::umask(0);
  REQUIRE_FALSE(append(options, lines));
  ::umask(mask);
  for (const std::string& each : journal_paths(options.path)) CHECK(mode_of(each) == 0600);
  ::chmod(options.path.c_str(), 0640);
  append(options, reward_line(61));
  CHECK(mode_of(options.path) == 0640);
}
#endif

}  // namespace journal_file_test
