// A process that journals as fast as it can is killed with SIGKILL at random moments, again and again, on one journal: each
// time it opens again, and the written events are there, once and in order.
#if !defined(_WIN32)
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "support/journals.hpp"
#include "support/rounds.hpp"
#include "support/single_thread.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;

namespace {

constexpr std::int64_t epoch = 1'700'000'000'000;

// The child: goes on from where the journal ends, and never ends by itself. Each number is a reward and an energy_update.
// Sends one byte when it has opened the journal, and another when the first new events are in it.
[[noreturn]] void journal_for_ever(const journal_options& options, int words) {
  ::alarm(60);  // in case the parent dies
  journal::journal_writer writer(options);
  if (writer.open()) ::_exit(1);
  writer.start({});
  const auto say = [&] {
    if (::write(words, "x", 1) != 1) ::_exit(1);
  };
  say();
  const journal_summary before = writer.summary();
  std::int64_t number = std::max<std::int64_t>(0, before.last_timestamp - epoch);
  double total = before.models.count("m") == 0 ? 0 : before.models.at("m").total_energy;
  for (bool has_written = false;;) {
    if (!has_written && writer.written() > 0) {
      has_written = true;
      say();
    }
    if (!writer.has_room()) {
      std::this_thread::yield();
      continue;
    }
    ++number;
    const auto bytes = static_cast<std::size_t>(number * number % 500);
    writer.record(live::make_frame(test::numbered_reward(number, bytes), envelope{epoch + number, 0}));
    energy_update energy;
    energy.model_id = "m";
    energy.total_energy = ++total;
    energy.delta_energy = 1;
    energy.tokens_generated = 1;
    writer.record(live::make_frame(energy, envelope{epoch + number, number}));
  }
}

struct count {
  std::int64_t rewards = 0;
  std::int64_t updates = 0;
};

// Requires that every line but the last of the last file is whole, and the rewards numbered from 1 without a hole.
count count_lines(const std::string& path) {
  count found;
  bool is_sound = true;
  for (const std::string& each : journal_paths(path)) {
    journal::journal_tally tally;
    journal::line_cutter cutter;
    cutter.feed(test::contents(each), [&](std::string_view line) {
      is_sound = is_sound && tally.add_line(line);
      found.updates += line.find("\"energy_update\"") != std::string_view::npos ? 1 : 0;
      const std::size_t points = line.find("\"points\":");
      if (points == std::string_view::npos) return;
      is_sound = is_sound && std::atoll(line.data() + points + 9) == ++found.rewards;
    });
    REQUIRE((cutter.rest().empty() || each == path));
  }
  REQUIRE(is_sound);
  return found;
}

}  // namespace

TEST_CASE("a process killed many times leaves a journal without a hole", "[integration][journal][kill]") {
  const test::temp_folder folder;
  journal_options options;
  options.path = folder.file("j");
  options.batch_interval = milliseconds(10);
  options.continue_numbers = true;
  options.max_queued_bytes = 65536;
  options.max_file_bytes = 100'000;
  options.max_files = 10'000;
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  count last;
  for (int round = 0; round < test::rounds(50); ++round) {
    test::await_single_thread();
    int words[2];
    REQUIRE(::pipe(words) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) journal_for_ever(options, words[1]);
    ::close(words[1]);              // so that a child that ends early gives an end of the stream, and no wait
    const int awaited = round % 3;  // 0: it may be killed while it opens; 2: something new is in the journal
    for (int heard = 0; heard < awaited; ++heard) {
      char word = 0;
      REQUIRE(::read(words[0], &word, 1) == 1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));  // a random moment is the point
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    ::close(words[0]);

    const count now = count_lines(options.path);
    REQUIRE(now.rewards >= last.rewards);
    REQUIRE(now.updates >= last.updates);
    if (awaited == 2) REQUIRE(now.rewards > last.rewards);
    last = now;
    if (round % 2 == 0) continue;  // in every other round the next child opens the journal before the test does
    journal::journal_writer next(options);
    REQUIRE_FALSE(next.open());
    const journal_summary summary = next.summary();
    REQUIRE(summary.events == static_cast<std::uint64_t>(now.rewards + now.updates));
    if (now.updates == 0) continue;
    REQUIRE(summary.models.at("m").tokens_generated == now.updates);
    REQUIRE(summary.models.at("m").total_energy == static_cast<double>(now.updates));
  }
  const auto found = test::read_journal(options.path);
  CHECK(found.faults == 0);
  CHECK(found.left_out == 0);
  CHECK((found.numbers == test::numbers(1, last.rewards)));
  CHECK(found.delta_energy == Approx(static_cast<double>(last.updates)).margin(0.01));
}
#endif
