// The table of docs/lifecycle.md at random: several threads, callbacks among them, make calls on one server from the beginning to
// the end of its life. Each call may only return a result of the table; nothing hangs, and nothing is left. From a seed; under
// TSan it finds races.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace lifecycle_stress_test {

using namespace wirthforge;

// One server's life, with calls from several threads.
class life {
 public:
  life(unsigned seed, bool has_journal, const test::temp_folder& folder) : random_(seed) {
    server_options options;
    options.port = 0;
    options.stop_timeout = std::chrono::milliseconds(500);
    up_ = std::make_unique<server>(options);
    if (has_journal) up_->keep_journal({folder.file("j")});
    up_->on_tick([this](tick&) { call_some(2); });
    up_->on_connect([this](const connection_info&) { call_some(1); });
    up_->on_event([this](const event_view&) { call_some(1); });
    up_->on_log([this](log_level, std::string_view) { call_some(1); });
  }

  /// From its first call to its last. Returns the results that the table does not have.
  std::set<std::string> live() {
    std::vector<std::thread> others;
    for (int number = 0; number < 3; ++number) {
      others.emplace_back([this] {
        while (!is_over_) call_some(1);
      });
    }
    std::error_code error;
    const bool in_background = dice(2) == 0;
    if (dice(3) == 0) up_->listen(error);
    if (in_background) up_->start(error);
    else
      others.emplace_back([this] {
        std::error_code ignored;
        up_->run(ignored);
      });
    for (unsigned number = dice(4); number > 0 && up_->port() != 0; --number) connect();
    if (dice(4) != 0) up_->stop();
    else others.emplace_back([this] { up_->stop(); });
    up_->stop();
    up_->wait(error);
    is_over_ = true;
    for (std::thread& each : others) each.join();
    up_->wait(error);
    up_.reset();
    return unknown_;
  }

 private:
  unsigned dice(unsigned sides) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<unsigned>(random_() % sides);
  }
  void connect() {
    try {
      test::raw_client client(up_->port());
      client.send(test::upgrade_head(up_->port()));
      client.receive(std::chrono::milliseconds(dice(20)));
      client.cut(dice(2) == 0);
    } catch (const std::system_error&) {  // it has stopped
    }
  }
  void call_some(unsigned most) {
    for (unsigned count = dice(most + 1); count > 0; --count) call_one();
    std::this_thread::yield();
  }
  void call_one() {
    std::error_code error;
    const auto allows = [&](std::initializer_list<errc> known) {
      if (!error) return;
      for (const errc each : known) {
        if (error == each) return;
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      unknown_.insert(error.message());
    };
    switch (dice(12)) {
      case 0: up_->ready({"m", tier::low, "1.0.0"}, error); return allows({errc::already_ready, errc::server_stopped});
      case 1: up_->publish(test::reward("r"), error); return allows({errc::server_stopped, errc::queue_full});
      case 2: {
        auto tokens = up_->open_token_stream("s", "m", error);
        allows({errc::server_stopped, errc::session_open});
        tokens.write("text", error);
        return allows({errc::server_stopped, errc::token_stream_finished, errc::queue_full});
      }
      case 3: (void)up_->port(); return;
      case 4: (void)up_->stats(); return;
      case 5: (void)up_->connections(); return;
      case 6:
        if (dice(40) == 0) up_->stop();
        return;
      default: return;
    }
  }

  std::mutex mutex_;
  std::mt19937 random_;
  std::unique_ptr<server> up_;
  std::atomic<bool> is_over_{false};
  std::set<std::string> unknown_;
};

}  // namespace lifecycle_stress_test

TEST_CASE("calls at random from many threads, from the beginning of a server's life to its end",
          "[integration][lifecycle][stress]") {
  const test::temp_folder folder;
  const char* const wanted = std::getenv("WIRTHFORGE_LIFECYCLE_SEED");
  const unsigned first = wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : std::random_device()();
  for (unsigned seed = first; seed < first + 60; ++seed) {
    INFO("WIRTHFORGE_LIFECYCLE_SEED=" << seed);
    lifecycle_stress_test::life next(seed, seed % 2 == 0, folder);
    CHECK(next.live().empty());
  }
}
