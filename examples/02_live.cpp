// The live dashboard: streams what is piped in as tokens, as it arrives, and shows the energy of the real token flow and a
// field whose points are its newest tokens.
// Without a pipe it reads the README aloud, at a human 20 tokens a second.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

#if defined(_WIN32)
#include <io.h>
#include <stdio.h>
#else
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

namespace {

constexpr char model[] = "live-1";
std::atomic<bool> is_stopping{false};
std::atomic<std::int64_t> tokens_written{0};

// E(t) in 0...1: each tick with tokens pulls it towards n / (n + 1) by alpha, each tick without lets it decay.
class energy_meter {
 public:
  double step(std::int64_t tokens, double seconds) {
    constexpr double alpha = 0.35;
    constexpr double half_life_s = 0.7;
    if (tokens > 0) {
      const double strength = static_cast<double>(tokens) / static_cast<double>(tokens + 1);
      level_ += alpha * (strength - level_);
    } else {
      level_ *= std::exp2(-seconds / half_life_s);
    }
    return level_;
  }

 private:
  double level_ = 0;
};

// The newest tokens as points of a field: each enters at the right and has left at the left four seconds later; the longer
// the words of late, the higher; their energy halves as the meter's does. In a burst the stream becomes lightning.
class token_trail {
 public:
  using clock = std::chrono::steady_clock;

  void add(std::size_t length) {
    const std::lock_guard<std::mutex> lock(mutex_);
    mean_length_ += 0.3 * (static_cast<double>(std::min<std::size_t>(length, 16)) - mean_length_);
    tokens_.push_back({clock::now(), mean_length_});
    if (tokens_.size() > most) tokens_.pop_front();
  }

  wirthforge::energy_field field(double intensity) {
    wirthforge::energy_field field;
    field.model_id = model;
    field.intensity = intensity;
    const clock::time_point now = clock::now();
    const std::lock_guard<std::mutex> lock(mutex_);
    while (!tokens_.empty() && seconds(now - tokens_.front().came) > span_s) tokens_.pop_front();
    const bool is_burst = tokens_.size() == most && seconds(now - tokens_.front().came) < 0.5;
    field.field_type = is_burst ? wirthforge::field_type::lightning : wirthforge::field_type::stream;
    for (const token& each : tokens_) {
      const double age_s = seconds(now - each.came);
      const double rank = static_cast<double>(field.coordinates.size()) / static_cast<double>(most);  // where time is too short
      field.coordinates.push_back({is_burst ? rank : 1 - age_s / span_s, 0.95 - 0.08 * each.length, std::exp2(-age_s / 0.7)});
    }
    return field;
  }

 private:
  static constexpr std::size_t most = 96;
  static constexpr double span_s = 4;
  struct token {
    clock::time_point came;
    double length;  // the mean of the words up to it
  };
  static double seconds(clock::duration time) { return std::chrono::duration<double>(time).count(); }

  std::mutex mutex_;
  std::deque<token> tokens_;
  double mean_length_ = 5;
};
token_trail trail;

// True for a pipe, a socket or a file; a terminal and /dev/null are character devices.
bool is_piped() {
#if defined(_WIN32)
  return _isatty(_fileno(stdin)) == 0;
#else
  struct stat what {};
  return fstat(STDIN_FILENO, &what) == 0 && !S_ISCHR(what.st_mode);
#endif
}

// What is there, without waiting for a full buffer; empty at the end.
std::string read_some() {
  char buffer[4096];
#if defined(_WIN32)
  const int size = _read(_fileno(stdin), buffer, sizeof buffer);
#else
  const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
#endif
  return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
}

// Writes text in pieces of a word and the space after it, `per_second` of them a second. A line's end takes its time, as a
// reader's breath does; the words between go a little faster for it.
void write_words(wirthforge::token_stream_writer& answer, std::string_view text, double per_second, double breath_s = 0) {
  using clock = std::chrono::steady_clock;
  static clock::time_point due = clock::now();
  while (!text.empty() && !is_stopping) {
    const std::size_t end = std::min(text.find_first_of(" \n\t"), text.size() - 1) + 1;
    std::error_code stopped;
    answer.write(text.substr(0, end), stopped);
    if (stopped) return;
    ++tokens_written;
    trail.add(end);
    const double pause_s = 1 / per_second + (text[end - 1] == '\n' ? breath_s : 0);
    text.remove_prefix(end);
    due = std::max(due, clock::now() - std::chrono::milliseconds(50));
    due += std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(pause_s));
    std::this_thread::sleep_until(due);
  }
}

void read_aloud(wirthforge::server& server) {
  std::ifstream file("README.md");
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) text.str("There is no README.md here; run this from the repository, or pipe a model's answer in. ");
  for (int round = 1; !is_stopping; ++round) {
    auto answer = server.open_token_stream("readme-" + std::to_string(round), model);
    write_words(answer, text.str(), 24, 0.1);  // 20 tokens a second over a whole line
    answer.finish();
    for (int wait = 0; wait < 20 && !is_stopping; ++wait) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void stream_pipe(wirthforge::server& server) {
  constexpr double most_per_second = 2000;  // a whole book at once would outrun any reader
  auto answer = server.open_token_stream("stdin", model);
  for (std::string text = read_some(); !text.empty() && !is_stopping; text = read_some()) {
    write_words(answer, text, most_per_second);
  }
  answer.finish();
}

wirthforge::server* running = nullptr;
extern "C" void stop_running(int) {
  is_stopping = true;
  running->stop();  // stop() may be called in a signal handler
}

// A milestone every 250 tokens: what the reward channel is for.
void reward_milestone(wirthforge::server& server, std::int64_t before, std::int64_t after) {
  constexpr std::int64_t step = 250;
  if (before / step == after / step) return;
  wirthforge::reward_event reward;
  reward.reward_type = wirthforge::reward_type::milestone;
  reward.title = std::to_string(after / step * step) + " tokens";
  reward.points = step;
  server.publish(reward);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = options_from(argc, argv,
                                    "Serves the live dashboard. Text that is piped in is streamed as tokens;\n"
                                    "without a pipe it streams README.md.");
  wirthforge::server server(options);
  energy_meter meter;
  double total = 0;
  std::int64_t seen = 0;

  server.on_tick([&](wirthforge::tick& tick) {
    const std::int64_t written = tokens_written;
    wirthforge::energy_update energy;
    energy.model_id = model;
    energy.tokens_generated = written - seen;
    reward_milestone(server, seen, written);
    seen = written;
    energy.delta_energy = meter.step(energy.tokens_generated, tick.delta_seconds());
    energy.total_energy = total += energy.delta_energy;
    tick.publish(energy);
    const wirthforge::energy_field field = trail.field(std::min(1.0, energy.delta_energy));
    if (!field.coordinates.empty()) tick.publish(field);
  });
  server.ready({model, wirthforge::tier::mid, "1.0.0"});
  announce(server);
  running = &server;
  std::signal(SIGINT, stop_running);
  std::signal(SIGTERM, stop_running);
  const bool piped = is_piped();
  std::thread([&server, piped] { piped ? stream_pipe(server) : read_aloud(server); }).detach();
  server.run();
  std::_Exit(0);  // the reader may still wait for its pipe
}
