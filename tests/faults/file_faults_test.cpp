// The journal and the token file where each call about files fails in its turn. An event that the journal took is in it or counted as
// left out, each event once, and no line is broken; a token file is the old one or the new one, whole, and nothing lies beside it.
#if defined(__linux__)
#include <filesystem>
#include <string>

#include <sys/stat.h>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "support/journals.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using faults::call;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t events = 60;  // of some 150 bytes, in files of 4096: a second file is begun

// Opens, writes and ends. Returns how often the fault fired.
int write_under(const faults::fault& each, int nth, int more, const std::string& path) {
  journal_options options;
  options.path = path;
  options.max_file_bytes = 4096;
  options.max_files = 100;
  const bool is_about_sync = each.what == call::fsync || each.what == call::fdatasync;
  options.sync = is_about_sync ? journal_sync::each_batch : journal_sync::never;
  options.batch_interval = milliseconds(1);
  faults::arm(each, nth, more);
  const faults::sheltered exposed(false);
  journal::journal_writer writer(options);
  const std::error_code error = writer.open();
  if (error) {
    const int fired = faults::disarm();
    CHECK(fired > 0);
    return fired;
  }
  writer.start([](std::error_code) {});
  for (std::int64_t number = 1; number <= events; ++number) {
    writer.record(live::make_frame(test::numbered_reward(number), envelope{1'700'000'000'000 + number, 0}));
  }
  writer.stop();
  const int fired = faults::disarm();
  CHECK(writer.written() + writer.left_out() == events);
  const auto found = test::read_journal(path);
  CHECK(found.faults == 0);
  CHECK(found.numbers.size() == writer.written());
  CHECK(std::is_sorted(found.numbers.begin(), found.numbers.end()));
  return fired;
}

}  // namespace

TEST_CASE("a journal keeps each line once and whole, whichever call about its files fails", "[faults][journal]") {
  const faults::sheltered own;
  for (const faults::fault& each : faults::all()) {
    if (!faults::is_of_files(each) && each.what != call::close) continue;
    for (const int more : {0, 5}) {
      for (int nth = 1;; ++nth) {
        INFO(each.name << ", call " << nth << " and " << more << " more");
        REQUIRE(nth < 100);
        const test::temp_folder folder;
        const std::string path = folder.file("journal");
        test::put_contents(path, "{\"type\":\"");  // the end of a killed process's journal, which must be mended
        const int before = faults::open_descriptors();
        const int fired = write_under(each, nth, more, path);
        CHECK(faults::open_descriptors() == before);
        // After any fault, a journal that is opened next goes on where this one stopped.
        journal_options options;
        options.path = path;
        journal::journal_writer next(options);
        CHECK_FALSE(next.open());
        if (fired == 0) break;
      }
    }
  }
}

TEST_CASE("a full file that cannot be removed goes on growing, and keeps all lines", "[faults][journal]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  const std::string path = folder.file("journal");
  journal_options options;
  options.path = path;
  options.max_file_bytes = 4096;
  options.max_files = 1;
  faults::arm({call::remove, EACCES, ""}, 1, 100);
  {
    const faults::sheltered exposed(false);
    journal::journal_writer writer(options);
    REQUIRE_FALSE(writer.open());
    writer.start([](std::error_code) {});
    for (std::int64_t number = 1; number <= events; ++number) {
      writer.record(live::make_frame(test::numbered_reward(number), envelope{1'700'000'000'000 + number, 0}));
    }
    writer.stop();
    CHECK(writer.left_out() == 0);
  }
  CHECK(faults::disarm() > 0);
  CHECK(test::read_journal(path).numbers.size() == events);
}

TEST_CASE("a journal whose older files cannot be read does not overwrite them", "[faults][journal]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options options;
  options.path = folder.file("journal");
  test::put_contents(options.path + ".1", test::reward_line(1));
  for (const auto& [each, nth] : {std::pair<faults::fault, int>{{call::readdir, EIO, "readdir"}, 1},
                                  {{call::fdopendir, ENOMEM, "fdopendir"}, 1},
                                  {{call::open, EMFILE, "open the list"}, 3},  // behind the folder and the journal itself
                                  {{call::open, EMFILE, "open the older file"}, 4},
                                  {{call::pread, EIO, "read the older file"}, 2}}) {  // behind the journal itself
    INFO(each.name);
    faults::arm(each, nth);
    const faults::sheltered exposed(false);
    journal::journal_writer writer(options);
    CHECK(writer.open().value() == each.outcome);
    CHECK(faults::disarm() == 1);
  }
}

namespace {

// The other process's actions, and names that the hooks know.
std::string taken_path;
std::string other_folder;
void go_elsewhere() { fs::current_path(other_folder); }
void write_it_too() { write_token_file(taken_path, "other"); }
void delete_it() { fs::remove(taken_path); }
void move_it() { fs::rename(taken_path, taken_path + ".moved"); }

}  // namespace

TEST_CASE("lines that are written into a file in the moment after it was deleted are written again",
          "[faults][journal][taken]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options options;
  options.path = taken_path = folder.file("journal");
  journal::journal_file file(options);
  REQUIRE_FALSE(file.open(1));
  std::string lines = test::reward_line(1);
  REQUIRE_FALSE(file.append(lines));
  lines = test::reward_line(2) + test::reward_line(3);
  faults::meanwhile(call::write, 1, delete_it);
  {
    const faults::sheltered exposed(false);
    CHECK_FALSE(file.append(lines));
  }
  CHECK(faults::disarm() == 1);
  CHECK(lines.empty());
  CHECK(test::read_journal(options.path).numbers == test::numbers(2, 3));
  CHECK(file.summary().events == 3);
}

TEST_CASE("a file that another writer sets aside in the moment in which it is opened is not written to",
          "[faults][journal][taken]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options options;
  options.path = taken_path = folder.file("journal");
  test::put_contents(options.path, test::reward_line(1));
  journal::journal_file file(options);
  faults::meanwhile(call::flock, 1, move_it);
  {
    const faults::sheltered exposed(false);
    CHECK_FALSE(file.open(1));
  }
  CHECK(faults::disarm() == 1);
  std::string lines = test::reward_line(2);
  CHECK_FALSE(file.append(lines));
  CHECK(test::contents(options.path + ".moved") == test::reward_line(1));
  CHECK(test::read_journal(options.path).numbers == test::numbers(2, 2));
}

TEST_CASE("a full file that is replaced in the moment in which it is set aside stays whole", "[faults][journal][taken]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options options;
  options.path = taken_path = folder.file("journal");
  options.max_file_bytes = 4096;
  journal::journal_file file(options);
  REQUIRE_FALSE(file.open(1));
  std::string lines;
  for (int number = 1; number <= 60; ++number) lines += test::reward_line(number);
  faults::meanwhile(call::rename, 1, move_it);
  {
    const faults::sheltered exposed(false);
    CHECK_FALSE(file.append(lines));
  }
  CHECK(faults::disarm() == 1);
  const auto moved = test::read_journal(options.path + ".moved").numbers;
  const auto after = test::read_journal(options.path);
  CHECK(moved == test::numbers(1, static_cast<std::int64_t>(moved.size())));
  CHECK(after.numbers == test::numbers(static_cast<std::int64_t>(moved.size()) + 1, 60));
  CHECK(after.notes.front() == "JOURNAL_OPENED");
}

TEST_CASE("a file system that gives a file another number each time is asked no more", "[faults][journal][taken]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  journal_options options;
  options.path = folder.file("journal");
  journal::journal_file file(options);
  faults::lie_about_names(true);
  {
    const faults::sheltered exposed(false);
    CHECK_FALSE(file.open(1));
    for (int number = 1; number <= 5; ++number) {
      std::string lines = test::reward_line(number);
      CHECK_FALSE(file.append(lines));
    }
  }
  faults::lie_about_names(false);
  CHECK(file.take_notes().empty());
  CHECK(test::read_journal(options.path).notes.size() == 1);
  CHECK(test::read_journal(options.path).numbers == test::numbers(1, 5));
}

TEST_CASE("a token file is the old one or the new one, and nothing else, whichever call fails", "[faults][token]") {
  const faults::sheltered own;
  for (const faults::fault& each : faults::all()) {
    if (!faults::is_of_files(each) && each.what != call::close) continue;
    for (int nth = 1;; ++nth) {
      INFO(each.name << ", call " << nth);
      REQUIRE(nth < 100);
      const test::temp_folder folder;
      const std::string path = folder.file("token");
      write_token_file(path, "old");
      const int before = faults::open_descriptors();
      std::error_code error;
      faults::arm(each, nth);
      {
        const faults::sheltered exposed(false);
        write_token_file(path, "new", error);
      }
      const int fired = faults::disarm();
      CHECK(faults::open_descriptors() == before);
      CHECK(test::contents(path) == (error ? "old\n" : "new\n"));
      if (error) CHECK((error.value() == each.outcome && each.outcome != EINTR));
      CHECK(std::distance(fs::directory_iterator(folder.file("")), fs::directory_iterator()) == 1);
      if (fired == 0) break;
    }
  }
}

TEST_CASE("a token file is written to the folder of the call though the process changes its working folder meanwhile",
          "[faults][token]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  fs::create_directory(folder.file("here"));
  fs::create_directory(other_folder = folder.file("there"));
  const fs::path before = fs::current_path();
  for (const call each : {call::write, call::rename}) {
    fs::current_path(folder.file("here"));
    std::error_code error;
    faults::meanwhile(each, 1, go_elsewhere);
    {
      const faults::sheltered exposed(false);
      write_token_file("token", "secret", error);
    }
    CHECK(faults::disarm() == 1);
    CHECK_FALSE(error);
    CHECK(test::contents(folder.file("here/token")) == "secret\n");
    CHECK(std::distance(fs::directory_iterator(folder.file("here")), fs::directory_iterator()) == 1);
    CHECK(fs::is_empty(other_folder));
  }
  fs::current_path(before);
}

TEST_CASE("two threads that write the same token file at once leave one token, whole", "[faults][token]") {
  const faults::sheltered own;
  const test::temp_folder folder;
  taken_path = folder.file("token");
  for (const call each : {call::write, call::close, call::rename}) {
    std::error_code error;
    faults::meanwhile(each, 1, write_it_too);
    {
      const faults::sheltered exposed(false);
      write_token_file(taken_path, "new", error);
    }
    CHECK(faults::disarm() == 1);
    CHECK_FALSE(error);
    CHECK(test::contents(taken_path) == "new\n");
    CHECK(std::distance(fs::directory_iterator(folder.file("")), fs::directory_iterator()) == 1);
  }
}
#endif
