// The journal of a running server: its contents, events that stay out of it, and the file of a killed process.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>
#endif

#include "catch.hpp"
#include "support/rounds.hpp"
#include "support/single_thread.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using std::chrono::milliseconds;

namespace {

struct scratch {
  std::string path = "wirthforge_journal_test." + std::to_string(std::hash<std::string>()(make_token()));
  scratch() = default;
  scratch(const scratch&) = delete;
  ~scratch() {
    for (const char* ending : {"", ".1", ".2", ".3"}) std::remove((path + ending).c_str());
  }
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
journal_options options_for(const scratch& place) {
  journal_options options;
  options.path = place.path;
  return options;
}

// Publishes a secret, in tokens by both ways, and some energy; no client is connected.
void perform(const journal_options& options, double& energy_sum) {
  test::running_server up;
  up.server.keep_journal(options);
  up.start();
  auto tokens = up.server.open_token_stream("s", "m");
  tokens.write("my secret ");
  tokens.write("words", 2.5);
  up.server.publish(token_stream{{"raw secret"}, false, "t", "m", std::nullopt});
  energy_update energy;
  energy.model_id = "m";
  for (int n = 1; n <= 200; ++n) {
    energy.delta_energy = 0.25 * n;
    energy.tokens_generated = 1;
    energy.total_energy = n;
    energy_sum += energy.delta_energy;
    up.server.publish(energy);
    if (n % 50 == 0) std::this_thread::sleep_for(milliseconds(20));  // over more than one energy_interval
  }
  up.server.publish(test::reward("well done"));
  tokens.finish();
}

}  // namespace

TEST_CASE("a journal has every reliable event and the sums of energy, but no token's text", "[integration][journal][privacy]") {
  const scratch place;
  double published = 0;
  const auto began = std::chrono::steady_clock::now();
  perform(options_for(place), published);
  const auto taken = std::chrono::steady_clock::now() - began;
  const std::string text = content(place.path);
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("words") == std::string::npos);
  double sum = 0;
  double total = 0;
  std::int64_t tokens = 0;
  std::size_t updates = 0;
  std::vector<std::string> answers;
  bool has_reward = false;
  double cost = 0;
  std::int64_t last = 0;
  journal_reader reader;
  reader.feed(text, [&](const any_event& event, const envelope& outer) {
    if (const auto* energy = std::get_if<energy_update>(&event)) {
      ++updates;
      sum += energy->delta_energy;
      tokens += energy->tokens_generated;
      total = energy->total_energy;
      return;
    }
    if (std::holds_alternative<error_event>(event)) return;  // the journal's own log line
    CHECK(outer.timestamp > last);
    last = outer.timestamp;
    if (const auto* answer = std::get_if<token_stream>(&event)) {
      CHECK(answer->tokens.empty());
      cost += answer->energy_cost.value_or(0);
      if (answer->is_complete) answers.push_back(answer->session_id);
    }
    has_reward = has_reward || std::holds_alternative<reward_event>(event);
  });
  CHECK(reader.bad_lines() == 0);
  CHECK(sum == Approx(published).margin(0.01));
  CHECK(tokens == 200);
  CHECK(total == 200);
  CHECK(updates <= 10 + static_cast<std::size_t>(taken / milliseconds(100)));  // ten a second, not every one
  CHECK(has_reward);
  CHECK(cost == 2.5);
  CHECK(answers == std::vector<std::string>{"s"});
}

TEST_CASE("a journal has the text of tokens when it is asked to", "[integration][journal][privacy]") {
  const scratch place;
  journal_options options = options_for(place);
  options.with_token_text = true;
  double published = 0;
  perform(options, published);
  std::string said;
  journal_reader reader;
  reader.feed(content(place.path), [&](const any_event& event, const envelope&) {
    if (const auto* answer = std::get_if<token_stream>(&event)) {
      for (const std::string& token : answer->tokens) said += answer->session_id == "s" ? token : std::string();
    }
  });
  CHECK(said == "my secret words");
}

TEST_CASE("frame numbers and totals go on across a restart with continue_numbers", "[integration][journal]") {
  const scratch place;
  journal_options options = options_for(place);
  options.continue_numbers = true;
  std::int64_t last = -1;
  double total = 0;
  for (int run = 0; run < 3; ++run) {
    std::atomic<int> ticks{0};
    std::atomic<std::int64_t> first{-1};
    double now_total = 0;
    test::running_server up;
    up.server.keep_journal(options);
    up.server.listen();
    const journal_summary before = up.server.journal();
    CHECK(before.last_frame_number == last);
    if (run > 0) CHECK(before.models.at("m").total_energy == total);
    now_total = run > 0 ? before.models.at("m").total_energy : 0;
    up.server.on_tick([&](tick& now) {
      if (first < 0) first = now.number();
      if (++ticks > 20) return;
      energy_update energy;
      energy.model_id = "m";
      energy.delta_energy = 1;
      energy.total_energy = now_total += 1;
      now.publish(energy);
    });
    up.start();
    REQUIRE(test::eventually([&] { return ticks > 20; }));
    up.server.stop();
    up.server.wait();
    CHECK(first == last + 1);
    journal_reader reader;
    reader.feed(content(place.path), [&](const any_event& event, const envelope& outer) {
      if (const auto* energy = std::get_if<energy_update>(&event)) total = energy->total_energy;
      last = std::max(last, outer.frame_number);
    });
    CHECK(total == 20 * (run + 1));
  }
}

TEST_CASE("a journal that ends inside a line is mended when it is opened, and the log says how", "[integration][journal]") {
  const scratch place;
  double published = 0;
  perform(options_for(place), published);
  const std::string whole = content(place.path);
  std::ofstream(place.path, std::ios::binary | std::ios::app) << "{\"type\":\"rew";
  std::mutex mutex;
  std::string said;
  {
    test::running_server up;
    up.server.keep_journal(options_for(place));
    up.server.on_log([&](log_level level, std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (level == log_level::warning) said += line;
    });
    up.start();
    up.server.stop();
    up.server.wait();
  }
  const std::lock_guard<std::mutex> lock(mutex);
  CHECK(said == "the journal ended in the middle of a line: 12 bytes were cut off");
  CHECK(content(place.path).substr(0, whole.size()) == whole);
  CHECK(content(place.path).find("\"rew\n") == std::string::npos);
}

TEST_CASE("a journal that is set after the server listens is refused, and nothing changes", "[integration][journal][misuse]") {
  const scratch place;
  const scratch other;
  const journal_options late = options_for(other);
  test::running_server up;
  up.server.keep_journal(options_for(place));
  up.server.listen();
  CHECK_THROWS_WITH(up.server.keep_journal(late), make_error_code(errc::already_listening).message());
  up.start();
  std::error_code error;
  up.server.keep_journal(late, error);
  CHECK(error == errc::already_listening);
  up.server.publish(test::reward("kept"));
  up.server.stop();
  up.server.wait();
  CHECK(content(place.path).find("kept") != std::string::npos);
  CHECK(content(other.path).empty());
}

TEST_CASE("energy that is published before the first tick also continues the frame numbers", "[integration][journal]") {
  const scratch place;
  double published = 0;
  perform(options_for(place), published);
  journal_options options = options_for(place);
  options.continue_numbers = true;
  options.energy_interval = milliseconds(16);
  std::int64_t before = -1;
  {
    test::running_server up;
    up.server.keep_journal(options);
    up.server.listen();
    before = up.server.journal().last_frame_number;
    up.start();
    energy_update energy;
    energy.model_id = "early";
    up.server.publish(energy);
    up.server.stop();
    up.server.wait();
  }
  REQUIRE(before > 0);
  std::int64_t early = -1;
  journal_reader reader;
  reader.feed(content(place.path), [&](const any_event& event, const envelope& outer) {
    const auto* energy = std::get_if<energy_update>(&event);
    if (energy != nullptr && energy->model_id == "early") early = outer.frame_number;
  });
  CHECK(early > before);
}

TEST_CASE("a journal that cannot be opened is an error when the server listens", "[integration][journal]") {
  journal_options options;
  options.path = "/no/such/folder/journal";
  test::running_server up;
  up.server.keep_journal(options);
  std::error_code error;
  up.server.listen(error);
  CHECK(error == std::errc::no_such_file_or_directory);
  options = {};
  up.server.keep_journal(options);
  CHECK_THROWS_WITH(up.server.listen(), Catch::Matchers::Contains("journal_options::path is empty"));
  options.path = "x";
  options.max_files = 0;
  up.server.keep_journal(options);
  CHECK_THROWS_WITH(up.server.listen(), Catch::Matchers::Contains("journal_options::max_files is 0, its range 1 and more"));
  up.server.listen(error);
  CHECK(error == errc::option_out_of_range);
}

#if !defined(_WIN32)
TEST_CASE("a process that is killed while it journals leaves whole lines, except perhaps the last",
          "[integration][journal][kill]") {
  std::unique_ptr<scratch> file_place;
  std::int64_t events = 0;
  for (int round = 0; round < test::rounds(30); ++round) {
    if (round % 3 == 0) {  // each file is gone on with twice
      file_place = std::make_unique<scratch>();
      events = 0;
    }
    const scratch& place = *file_place;
    test::await_single_thread();
    const pid_t child = ::fork();
    if (child == 0) {  // publishes as fast as it can until it is killed
      server_options any_port;
      any_port.port = 0;
      server up(any_port);
      journal_options options = options_for(place);
      options.batch_interval = milliseconds(1);
      options.max_file_bytes = 1U << 30U;
      up.keep_journal(options);
      up.ready({"m", tier::mid, "1.0.0"});
      up.start();
      for (std::int64_t n = 0;; ++n) {
        reward_event event = test::reward(std::string(static_cast<std::size_t>(n % 90), 'r'));
        event.points = n;
        std::error_code full;
        up.publish(event, full);
        if (n % 16 == 0) std::this_thread::sleep_for(milliseconds(1));
      }
    }
    REQUIRE(child > 0);
    const bool awaits_events = round % 2 == 1;  // else it may be killed while it opens
    const std::size_t before = content(place.path).size();
    constexpr std::size_t several_events = 4096;
    if (awaits_events) CHECK(test::eventually([&] { return content(place.path).size() > before + several_events; }));
    std::this_thread::sleep_for(milliseconds(10 + round * 3));  // a random moment is the point
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);

    journal_options options;
    options.path = place.path;
    REQUIRE_FALSE(journal::journal_file(options).open(0));
    const std::string text = content(place.path);
    std::int64_t expected = 0;
    std::int64_t found = 0;
    int out_of_order = 0;
    journal_reader reader;
    reader.feed(text, [&](const any_event& event, const envelope&) {
      const auto* reward = std::get_if<reward_event>(&event);
      if (reward == nullptr) return;  // the journal's own log line
      const std::int64_t points = reward->points;
      if (points == 0) expected = 0;  // another run began
      out_of_order += points != expected++ ? 1 : 0;
      ++found;
    });
    CHECK(out_of_order == 0);
    CHECK(reader.bad_lines() == 0);
    CHECK_FALSE(reader.ends_incomplete());
    CHECK(found >= events);
    if (awaits_events) CHECK(found > events);
    events = found;
  }
}
#endif
