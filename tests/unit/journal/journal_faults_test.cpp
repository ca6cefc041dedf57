// A journal when the machine refuses: full disks, pipes, names that cannot be used, foreign files. Written events stay,
// events that can be written later are, and the rest is counted.
#if !defined(_WIN32)
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/journals.hpp"
#include "wirthforge_ws.hpp"

namespace journal_faults_test {

using namespace wirthforge;
using test::contents;
using test::numbers;
using test::put_contents;
using test::read_journal;
using test::reward_line;
using test::temp_folder;
namespace fs = std::filesystem;

namespace {

// A journal that is being written, and what it reported.
struct desk {
  journal_options options;
  std::unique_ptr<journal::journal_writer> writer;
  std::mutex mutex;
  std::vector<std::error_code> told;

  explicit desk(const std::string& path) {
    options.path = path;
    options.sync = journal_sync::never;
    options.batch_interval = milliseconds(1);
  }
  ~desk() { writer.reset(); }
  std::error_code open() {
    writer = std::make_unique<journal::journal_writer>(options);
    return writer->open();
  }
  void start() {
    writer->start([this](std::error_code error) {
      const std::lock_guard<std::mutex> lock(mutex);
      told.push_back(error);
    });
  }
  void rewards(std::int64_t first, std::int64_t last) {
    for (std::int64_t number = first; number <= last; ++number) {
      writer->record(live::make_frame(test::numbered_reward(number), envelope{1'700'000'000'000 + number, 0}));
    }
  }
  template <class Condition>
  bool eventually(Condition condition) {
    const auto deadline = machine_time().steady + seconds(20);
    while (!condition() && machine_time().steady < deadline) std::this_thread::yield();
    return condition();
  }
  bool has_told(std::size_t count) {
    return eventually([&] {
      const std::lock_guard<std::mutex> lock(mutex);
      return told.size() >= count;
    });
  }
};

using what_is_limited = decltype(RLIMIT_NOFILE);  // an enumeration with some libraries, an int with others

// A limit of this process, for as long as it lives.
class limit {
 public:
  limit(what_is_limited what, rlim_t value) : what_(what) {
    ::getrlimit(what, &before_);
    struct rlimit wanted = before_;
    wanted.rlim_cur = value;
    REQUIRE(::setrlimit(what, &wanted) == 0);
  }
  ~limit() { ::setrlimit(what_, &before_); }

 private:
  what_is_limited what_;
  struct rlimit before_ {};
};

}  // namespace

TEST_CASE("a file that reaches the size limit is an error and no signal, and goes on where it stopped",
          "[net][journal][full]") {
  const temp_folder folder;
  desk d(folder.file("j"));
  REQUIRE_FALSE(d.open());
  {
    const limit small(RLIMIT_FSIZE, 10'000);  // no multiple of a line
    d.start();
    d.rewards(1, 300);
    REQUIRE(d.has_told(1));
    CHECK(d.told[0] == std::errc::file_too_large);
  }
  d.rewards(301, 310);
  d.writer->stop();
  CHECK(d.told.size() == 2);
  CHECK_FALSE(d.told.back());
  CHECK(d.writer->left_out() == 0);
  CHECK(read_journal(d.options.path).numbers == numbers(1, 310));
}

TEST_CASE("without a free descriptor the next file waits, and no older file is removed", "[net][journal][rotate]") {
  const temp_folder folder;
  desk d(folder.file("j"));
  d.options.max_file_bytes = 4096;
  d.options.max_files = 8;
  REQUIRE_FALSE(d.open());
  d.start();
  d.rewards(1, 100);
  REQUIRE(d.eventually([&] { return d.writer->written() == 100; }));
  {
    const limit none(RLIMIT_NOFILE, 0);
    d.rewards(101, 200);
    REQUIRE(d.has_told(1));
    CHECK(d.told[0] == std::errc::too_many_files_open);
  }
  d.writer->stop();
  CHECK(d.writer->left_out() == 0);
  CHECK(read_journal(d.options.path).numbers == numbers(1, 200));
}

TEST_CASE("a line whose first half was in a deleted file is written whole into the next one", "[net][journal][full]") {
  const temp_folder folder;
  desk d(folder.file("j"));
  REQUIRE_FALSE(d.open());
  {
    const limit small(RLIMIT_FSIZE, 10'000);  // no multiple of a line
    d.start();
    d.rewards(1, 300);
    REQUIRE(d.has_told(1));
    REQUIRE(contents(d.options.path).size() == 10'000);
    REQUIRE(contents(d.options.path).back() != '\n');
    fs::remove(d.options.path);
    REQUIRE(d.eventually([&] { return contents(d.options.path).size() == 10'000; }));  // and there is another half
    fs::rename(d.options.path, folder.file("moved"));
  }
  d.writer->stop();
  CHECK(d.writer->left_out() == 0);
  CHECK(d.writer->written() == 300);
  std::string moved = contents(folder.file("moved"));
  put_contents(folder.file("moved"), moved.substr(0, moved.rfind('\n') + 1));
  const auto first = read_journal(folder.file("moved"));
  const auto second = read_journal(d.options.path);
  CHECK(first.faults + second.faults == 0);
  REQUIRE_FALSE(first.numbers.empty());
  CHECK(first.numbers.front() > 1);  // whole lines in the deleted file are gone with it
  CHECK(first.numbers == numbers(first.numbers.front(), first.numbers.back()));
  CHECK(second.numbers == numbers(first.numbers.back() + 1, 300));
}

TEST_CASE("a file that is no journal is refused and left as it is", "[net][journal][error]") {
  const temp_folder folder;
  for (const std::string text : {"127.0.0.1 localhost", "{\"a\":1}\n{", "x", "\n"}) {
    put_contents(folder.file("notes"), text);
    desk d(folder.file("notes"));
    CHECK(d.open() == errc::not_a_journal);
    CHECK(contents(folder.file("notes")) == text);
  }
}

TEST_CASE("a journal has one writer at a time", "[net][journal][error]") {
  const temp_folder folder;
  desk first(folder.file("j"));
  REQUIRE_FALSE(first.open());
  first.start();
  first.rewards(1, 10);
  desk second(folder.file("j"));
  CHECK(second.open() == errc::journal_in_use);
  first.writer->stop();
  REQUIRE_FALSE(second.open());
  second.start();
  second.rewards(11, 20);
  second.writer->stop();
  CHECK(read_journal(folder.file("j")).numbers == numbers(1, 20));
}

TEST_CASE("a pipe that is not read delays nothing, and events that are left out are counted", "[net][journal][slow]") {
  const temp_folder folder;
  desk d(folder.file("pipe"));
  REQUIRE(::mkfifo(d.options.path.c_str(), 0600) == 0);
  d.options.max_queued_bytes = 65536;
  REQUIRE_FALSE(d.open());
  d.start();
  d.rewards(1, 5000);  // several times what pipe and queue hold
  const std::uint64_t left_out = d.writer->left_out();
  CHECK(left_out > 1000);
  std::string received;
  std::atomic<std::int64_t> lines_received{0};
  const int pipe = ::open(d.options.path.c_str(), O_RDONLY);
  REQUIRE(pipe >= 0);
  std::thread reader([&] {  // somebody reads at last
    char buffer[4096];
    for (;;) {
      const auto size = ::read(pipe, buffer, sizeof buffer);
      if (size == 0) return;
      if (size < 0) continue;
      received.append(buffer, static_cast<std::size_t>(size));
      lines_received += std::count(buffer, buffer + size, '\n');
    }
  });
  CHECK(d.eventually([&] { return d.writer->written() + left_out == 5000; }));
  // The written events may fill the pipe, which would then take no more, not even the log line of the gap.
  CHECK(d.eventually([&] {
    return lines_received.load() + static_cast<std::int64_t>(left_out) >= 5000 && d.writer->has_room();
  }));
  d.rewards(5001, 5010);
  d.writer->stop();
  reader.join();
  ::close(pipe);
  put_contents(folder.file("read"), received);
  const auto found = read_journal(folder.file("read"));
  CHECK(found.faults == 0);
  CHECK(d.writer->left_out() == left_out);
  CHECK(found.left_out == left_out);
  CHECK(found.numbers.size() + left_out == 5010);
  CHECK(std::vector<std::int64_t>(found.numbers.end() - 10, found.numbers.end()) == numbers(5001, 5010));
}

TEST_CASE("a pipe that is never read is given up at the stop, and counted", "[net][journal][slow]") {
  const temp_folder folder;
  desk d(folder.file("pipe"));
  REQUIRE(::mkfifo(d.options.path.c_str(), 0600) == 0);
  REQUIRE_FALSE(d.open());
  d.start();
  d.rewards(1, 5000);
  d.writer->stop();
  CHECK(d.writer->left_out() > 1000);
  CHECK(d.writer->written() + d.writer->left_out() == 5000);
}

TEST_CASE("a missing folder is logged once, and the journal is written when it is back", "[net][journal][error]") {
  const temp_folder folder;
  desk d(folder.file("later/j"));
  CHECK(d.open() == std::errc::no_such_file_or_directory);
  d.start();
  d.rewards(1, 50);
  REQUIRE(d.has_told(1));
  fs::create_directory(folder.file("later"));
  d.writer->stop();
  CHECK(read_journal(d.options.path).numbers == numbers(1, 50));
  CHECK(d.writer->left_out() == 0);
  CHECK(d.told.size() == 2);
}

TEST_CASE("a journal that is deleted while nothing happens is made again, with its summary", "[net][journal][taken]") {
  const temp_folder folder;
  desk d(folder.file("j"));
  REQUIRE_FALSE(d.open());
  std::atomic<int> notes{0};
  d.writer->start([](std::error_code) {}, [&](log_level, std::string) { ++notes; });
  d.rewards(1, 10);
  REQUIRE(d.eventually([&] { return d.writer->written() == 10; }));
  fs::remove(d.options.path);
  REQUIRE(d.eventually([&] { return contents(d.options.path).find("\"events\":10") != std::string::npos; }));
  d.rewards(11, 20);
  d.writer->stop();
  CHECK(notes == 1);
  CHECK(read_journal(d.options.path).numbers == numbers(11, 20));
  CHECK(read_journal(d.options.path).notes.size() == 1);
}

TEST_CASE("a folder that disappears while nothing happens is logged, and a log line without memory loses no event",
          "[net][journal][taken]") {
  const temp_folder folder;
  fs::create_directory(folder.file("f"));
  desk d(folder.file("f/j"));
  REQUIRE_FALSE(d.open());
  std::atomic<int> notes{0};
  d.writer->start(
      [&](std::error_code error) {
        const std::lock_guard<std::mutex> lock(d.mutex);
        d.told.push_back(error);
      },
      [&](log_level, std::string) {
        ++notes;
        throw std::bad_alloc();
      });
  fs::remove_all(folder.file("f"));
  REQUIRE(d.has_told(1));
  CHECK(d.told[0] == std::errc::no_such_file_or_directory);
  REQUIRE(d.eventually([&] { return notes == 1; }));
  fs::create_directory(folder.file("f"));
  d.rewards(1, 20);
  REQUIRE(d.has_told(2));
  d.writer->stop();
  CHECK(read_journal(d.options.path).numbers == numbers(1, 20));
  CHECK(d.writer->left_out() == 0);
}

TEST_CASE("events wait for batch_interval, and the file is still checked", "[net][journal][taken]") {
  const temp_folder folder;
  desk d(folder.file("j"));
  d.options.batch_interval = std::chrono::minutes(1);
  REQUIRE_FALSE(d.open());
  d.start();
  d.rewards(1, 10);
  fs::remove(d.options.path);
  REQUIRE(d.eventually([&] { return fs::exists(d.options.path); }));
  CHECK(d.writer->written() == 0);
  d.writer->stop();
  CHECK(read_journal(d.options.path).numbers == numbers(1, 10));
}

TEST_CASE("a log line without memory loses no event", "[net][journal][error]") {
  const temp_folder folder;
  desk d(folder.file("later/j"));
  CHECK(d.open() == std::errc::no_such_file_or_directory);
  std::atomic<int> notes{0};
  d.writer->start([&](std::error_code) {
    ++notes;
    throw std::bad_alloc();
  });
  d.rewards(1, 50);
  REQUIRE(d.eventually([&] { return notes == 1; }));
  fs::create_directory(folder.file("later"));
  REQUIRE(d.eventually([&] { return notes == 2; }));
  d.rewards(51, 60);
  d.writer->stop();
  CHECK(read_journal(d.options.path).numbers == numbers(1, 60));
  CHECK(d.writer->left_out() == 0);
}

}  // namespace journal_faults_test
#endif
