// A running server whose journal another program deletes, and its log lines about a journal's files.
#if !defined(_WIN32)
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "integration/support/test_client.hpp"
#include "support/journals.hpp"
#include "wirthforge_ws.hpp"

namespace journal_taken_test {

using namespace wirthforge;
namespace fs = std::filesystem;

namespace {

class heard {
 public:
  void operator()(log_level level, std::string_view line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(std::string(to_string(level)) + ": " + std::string(line));
    changed_.notify_all();
  }
  bool comes(const std::string& line) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count(line) > 0; });
  }
  std::ptrdiff_t times(const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count(line);
  }

 private:
  std::ptrdiff_t count(const std::string& line) const { return std::count(lines_.begin(), lines_.end(), line); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("a server whose journal is deleted says so once, and keeps all events that are published from then on",
          "[integration][journal][taken]") {
  const test::temp_folder folder;
  journal_options options;
  options.path = folder.file("journal");
  options.max_files = 2;
  test::put_contents(options.path + ".1", "somebody's notes");
  for (const char* number : {".2", ".3", ".4"}) test::put_contents(options.path + number, test::reward_line(0));
  heard log;
  {
    test::running_server up;
    up.server.keep_journal(options);
    up.server.on_log([&](log_level level, std::string_view line) { log(level, line); });
    up.start();
    CHECK(log.comes("warning: " + options.path + ".1 is no file of the journal, and is left as it is"));
    CHECK(log.comes("info: 2 files of the journal, the oldest, removed: max_files is 2"));
    up.server.publish(test::numbered_reward(1));
    fs::remove(options.path);
    const std::string said = "warning: another program has deleted the journal's file " + options.path +
                             "; a new file is begun";
    CHECK(log.comes(said));
    for (int number = 2; number <= 9; ++number) up.server.publish(test::numbered_reward(number));
    up.server.stop();
    up.server.wait();
    CHECK(log.times(said) == 1);
  }
  std::vector<std::int64_t> found = test::read_journal(options.path).numbers;
  REQUIRE_FALSE(found.empty());
  CHECK(found.front() == 0);  // of the older file that is kept
  found.erase(found.begin());
  if (!found.empty() && found.front() == 1) found.erase(found.begin());  // where it was written after the file was deleted
  CHECK(found == test::numbers(2, 9));
}

}  // namespace journal_taken_test
#endif
