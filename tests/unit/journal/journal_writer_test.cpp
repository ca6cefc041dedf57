// The journal's file: whole lines after any crash, rotation without loss, and a disk that fails.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "catch.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace journal_writer_test {

using namespace wirthforge;

namespace {

// A file name for one test, which is removed with its older files at the test's end.
struct scratch {
  std::string path = "wirthforge_journal_test." + std::to_string(std::hash<std::string>()(make_token()));
  scratch() = default;
  scratch(const scratch&) = delete;
  ~scratch() {
    std::remove(path.c_str());
    for (int n = 1; n < 50; ++n) std::remove((path + "." + std::to_string(n)).c_str());
  }
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
live::frame_ptr numbered(int number) {
  reward_event event;
  event.title = "r";
  event.points = number;
  return live::make_frame(event, envelope{1'700'000'000'000 + number, 0});
}
std::vector<std::int64_t> points_in(const std::string& text) {
  std::vector<std::int64_t> points;
  journal_reader reader;
  reader.feed(text, [&](const any_event& event, const envelope&) {
    if (const auto* reward = std::get_if<reward_event>(&event)) points.push_back(reward->points);  // else a log line
  });
  CHECK(reader.bad_lines() == 0);
  CHECK_FALSE(reader.ends_incomplete());
  return points;
}
std::vector<std::int64_t> up_to(std::int64_t end) {
  std::vector<std::int64_t> result;
  for (std::int64_t n = 0; n < end; ++n) result.push_back(n);
  return result;
}

journal_options options_for(const scratch& place) {
  journal_options options;
  options.path = place.path;
  options.batch_interval = milliseconds(1);
  options.sync = journal_sync::never;  // the test needs no safety against a crash of the machine
  return options;
}

// Writes the numbers from `first` up to `end` and closes.
void write_numbers(const journal_options& options, int first, int end) {
  journal::journal_writer writer(options);
  REQUIRE_FALSE(writer.open());
  writer.start({});
  for (int n = first; n < end; ++n) writer.record(numbered(n));
  writer.stop();
  CHECK(writer.written() == static_cast<std::uint64_t>(end - first));
  CHECK(writer.left_out() == 0);
}

}  // namespace

TEST_CASE("a journal has every event once, in order, over any number of runs", "[net][journal]") {
  const scratch place;
  const journal_options options = options_for(place);
  write_numbers(options, 0, 500);
  write_numbers(options, 500, 501);
  write_numbers(options, 501, 1000);
  CHECK(points_in(content(place.path)) == up_to(1000));
#if !defined(_WIN32)
  struct stat found {};
  REQUIRE(::stat(place.path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
#endif
}

TEST_CASE("a journal that was cut at any byte loses its last incomplete line at the most", "[net][journal]") {
  const scratch whole;
  write_numbers(options_for(whole), 0, 4);
  const std::string all = content(whole.path);
  for (std::size_t size = 0; size <= all.size(); size += test::step_of(7)) {
    const scratch place;
    std::ofstream(place.path, std::ios::binary) << all.substr(0, size);
    const std::string torn = all.substr(0, size);
    const auto complete = std::max(0,
                                   static_cast<int>(std::count(torn.begin(), torn.end(), '\n')) - 1);  // but for its log line
    journal::journal_writer writer(options_for(place));
    REQUIRE_FALSE(writer.open());
    std::vector<std::string> notes;
    writer.start({}, [&](log_level, std::string line) { notes.push_back(std::move(line)); });
    const std::size_t cut_off = size - (torn.rfind('\n') + 1);
    REQUIRE(notes.size() == (cut_off > 0 ? 1 : 0));
    if (cut_off > 0)
      REQUIRE(notes[0] == "the journal ended in the middle of a line: " + std::to_string(cut_off) + " bytes were cut off");
    writer.record(numbered(complete));
    writer.stop();
    REQUIRE(points_in(content(place.path)) == up_to(complete + 1));
  }
}

TEST_CASE("rotation keeps each line once and deletes the oldest file", "[net][journal]") {
  const scratch place;
  journal_options options = options_for(place);
  options.max_file_bytes = 4096;
  options.max_files = 50;
  write_numbers(options, 0, 500);
  std::string all;
  for (int n = 49; n >= 0; --n) {
    const std::string piece = content(n == 0 ? place.path : place.path + "." + std::to_string(n));
    CHECK(piece.size() <= 4096);
    all += piece;
  }
  CHECK(points_in(all) == up_to(500));
  CHECK_FALSE(content(place.path + ".5").empty());

  const scratch few;
  options.path = few.path;
  options.max_files = 2;
  write_numbers(options, 0, 500);
  CHECK_FALSE(content(few.path).empty());
  CHECK_FALSE(content(few.path + ".1").empty());
  CHECK(content(few.path + ".2").empty());
  CHECK(points_in(content(few.path)).back() == 499);
}

TEST_CASE("a journal that is continued has a summary over all its files", "[net][journal]") {
  const scratch place;
  journal_options options = options_for(place);
  options.max_file_bytes = 4096;
  options.continue_numbers = true;
  {
    journal::journal_writer writer(options);
    REQUIRE_FALSE(writer.open());
    CHECK(writer.summary().last_frame_number == -1);
    writer.start({});
    energy_update event;
    event.model_id = "m";
    for (int n = 0; n < 40; ++n) {
      event.total_energy = n;
      event.tokens_generated = 3;
      writer.record(live::make_frame(event, envelope{1'700'000'000'000 + n, 1000 + n}));
    }
    writer.stop();
  }
  journal::journal_writer next(options);
  REQUIRE_FALSE(next.open());
  CHECK(next.summary().events == 40);
  CHECK(next.summary().last_frame_number == 1039);
  CHECK(next.summary().last_timestamp == 1'700'000'000'039);
  CHECK(next.summary().models.at("m").total_energy == 39);
  CHECK(next.summary().models.at("m").tokens_generated == 120);
}

TEST_CASE("without continue_numbers the summary is empty", "[net][journal]") {
  const scratch place;
  write_numbers(options_for(place), 0, 3);
  journal::journal_writer next(options_for(place));
  REQUIRE_FALSE(next.open());
  CHECK(next.summary().last_frame_number == -1);
  CHECK(next.summary().events == 0);
}

TEST_CASE("a writer that cannot open its journal says so", "[net][journal]") {
  journal_options options;
  options.path = "/no/such/folder/journal";
  CHECK(journal::journal_writer(options).open() == std::errc::no_such_file_or_directory);
}

#if defined(__linux__)
TEST_CASE("a full disk is logged once, its lost events are counted, and no publisher waits", "[net][journal]") {
  journal_options options;
  options.path = "/dev/full";
  options.batch_interval = milliseconds(1);
  options.max_file_bytes = 1U << 30U;
  options.sync = journal_sync::never;
  journal::journal_writer writer(options);
  REQUIRE_FALSE(writer.open());
  std::vector<std::error_code> told;
  writer.start([&](std::error_code error) { told.push_back(error); });
  for (int n = 0; n < 1000; ++n) writer.record(numbered(n));
  writer.stop();
  CHECK(writer.written() == 0);
  CHECK(writer.left_out() == 1000);
  REQUIRE(told.size() == 1);
  CHECK(told[0] == std::errc::no_space_on_device);
}
#endif

TEST_CASE("the queue for a slow disk is bounded, and events past the bound are counted", "[net][journal]") {
  const scratch place;
  journal_options options = options_for(place);
  options.max_queued_bytes = 65536;
  journal::journal_writer writer(options);
  REQUIRE_FALSE(writer.open());
  for (int n = 0; n < 5000; ++n) writer.record(numbered(n));  // its thread does not run yet
  const std::uint64_t left_out = writer.left_out();
  CHECK(left_out > 4000);
  writer.start({});
  writer.stop();
  CHECK(writer.written() + left_out == 5000);
  CHECK(points_in(content(place.path)) == up_to(static_cast<std::int64_t>(writer.written())));
}

}  // namespace journal_writer_test
