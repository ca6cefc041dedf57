// Publishes a known sequence: every number is known beforehand, so that a page can tell which events came twice, not at all or
// out of order. Goes on until its stdin ends; then it ends what is open, gives a last reward "the end", and falls silent.
//
//   known_sequence [--port N] [--token TOKEN] [--allow-origin URL]
//
//   answer-K     150 words, one each other tick: "0 " ... "149 "
//   rewards      each 10th tick, the Nth with N points, from 0
//   council      each 15th tick, between meeting-N and a-model
//   energy       of a-model, b-model, c-model: 0.25, 0.5 and 0.75 times 1 + frameNumber % 7
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "wirthforge_ws.hpp"

namespace {

std::atomic<bool> is_ending{false};

class sequence {
 public:
  void tick(wirthforge::server& server, wirthforge::tick& tick) {
    if (has_ended_) return;
    const bool is_last = is_ending;
    for (std::size_t index = 0; index < models_.size(); ++index) {
      wirthforge::energy_update energy;
      energy.model_id = models_[index];
      energy.delta_energy = 0.25 * static_cast<double>(index + 1) * static_cast<double>(1 + tick.number() % 7);
      energy.total_energy = totals_[index] += energy.delta_energy;
      tick.publish(energy);
    }
    if (tick_ % 2 == 0) speak(server);
    if (tick_ % 10 == 0) reward("reward", rewards_++, tick);
    if (tick_ % 15 == 0) meet(tick);
    tick_ += 1;
    if (!is_last) return;
    answer_.finish();
    reward("the end", 0, tick);
    has_ended_ = true;
  }

 private:
  void speak(wirthforge::server& server) {
    const int word = words_++ % 150;
    if (word == 0) answer_ = server.open_token_stream("answer-" + std::to_string(words_ / 150), models_[0]);
    answer_.write(std::to_string(word) + " ");
  }

  static void reward(const std::string& title, int points, wirthforge::tick& tick) {
    wirthforge::reward_event event;
    event.reward_type = wirthforge::reward_type::milestone;
    event.title = title;
    event.points = points;
    tick.publish(event);
  }

  void meet(wirthforge::tick& tick) {
    wirthforge::interference_event event;
    event.models = {"meeting-" + std::to_string(meetings_++), models_[0]};
    event.pattern_type = wirthforge::pattern_type::neutral;
    tick.publish(event);
  }

  std::array<std::string, 3> models_{{"a-model", "b-model", "c-model"}};
  std::array<double, 3> totals_{};
  wirthforge::token_stream_writer answer_;
  int tick_ = 0;
  int words_ = 0;
  int rewards_ = 0;
  int meetings_ = 0;
  bool has_ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  wirthforge::server_options options;
  options.port = 0;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    if (name == "--port") options.port = static_cast<std::uint16_t>(std::atoi(argv[at + 1]));
    if (name == "--token") options.token = argv[at + 1];
    if (name == "--allow-origin") options.allowed_origins.push_back(argv[at + 1]);
  }
  wirthforge::server server(options);
  sequence known;
  server.on_tick([&](wirthforge::tick& tick) { known.tick(server, tick); });
  server.listen();
  server.ready({"known-1", wirthforge::tier::mid, "1.0.0"});
  std::cout << "http://127.0.0.1:" << server.port() << "/" << std::endl;
  std::thread([] {
    for (std::string line; std::getline(std::cin, line);) {}
    is_ending = true;
  }).detach();
  server.run();
}
