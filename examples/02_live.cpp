// The live dashboard: shows a model's answer, or the text that is piped in, as it arrives, and the energy of the token flow with a
// field whose points are its newest tokens.
//   live --model ollama:qwen3:4b "why is the sky blue"      asks a model server on this machine; several are a council
//   some-model | live                                       text, or a model server's stream
//   live                                                    reads the README aloud, at a human 20 tokens a second
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "arguments.hpp"
#include "models.hpp"
#include "pipe.hpp"
#include "wirthforge_ws.hpp"

namespace {

constexpr char model[] = "live-1";
std::atomic<bool> is_stopping{false};

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

  wirthforge::energy_field field(const std::string& model_id, double intensity) {
    wirthforge::energy_field field;
    field.model_id = model_id;
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

// One model: its energy as the server measures it, with its newest tokens from where everything that is published passes by.
class voice {
 public:
  explicit voice(std::string id) : id_(std::move(id)) {}
  const std::string& id() const noexcept { return id_; }

  void heard(const std::string& token) { trail_.add(token.size()); }
  void publish(wirthforge::tick& tick, wirthforge::server& server) {
    tick.publish_energy(id_);
    const wirthforge::energy_reading now = server.energy(id_);
    const auto tokens = static_cast<std::int64_t>(now.tokens);
    reward_milestone(server, seen_, tokens);
    seen_ = tokens;
    const wirthforge::energy_field field = trail_.field(id_, now.energy);
    if (!field.coordinates.empty()) tick.publish(field);
  }

 private:
  // A milestone every 250 tokens, to show the reward channel.
  static void reward_milestone(wirthforge::server& server, std::int64_t before, std::int64_t after) {
    constexpr std::int64_t step = 250;
    if (before / step == after / step) return;
    wirthforge::reward_event reward;
    reward.reward_type = wirthforge::reward_type::milestone;
    reward.title = std::to_string(after / step * step) + " tokens";
    reward.points = step;
    server.publish(reward);
  }

  const std::string id_;
  token_trail trail_;
  std::int64_t seen_ = 0;
};

// Writes text in pieces: a word and the space after it, or one character of a script without spaces; `per_second` of
// them a second. A line's end adds a pause; the words of the line go a little faster in exchange.
void write_words(wirthforge::token_stream_writer& answer, std::string_view text, double per_second, double breath_s = 0) {
  using clock = std::chrono::steady_clock;
  constexpr std::size_t longest = 24;
  static clock::time_point due = clock::now();
  while (!text.empty() && !is_stopping && !answer.stop_requested()) {
    std::size_t end = std::min(text.find_first_of(" \n\t"), text.size() - 1) + 1;
    if (end > longest) end = std::max(wirthforge::text::last_cut(text.substr(0, longest)), std::size_t(1));
    std::error_code stopped;
    answer.write(text.substr(0, end), stopped);
    if (stopped) return;
    const double pause_s = 1 / per_second + (text[end - 1] == '\n' ? breath_s : 0);
    text.remove_prefix(end);
    due = std::max(due, clock::now() - std::chrono::milliseconds(50));
    due += std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(pause_s));
    std::this_thread::sleep_until(due);
  }
}

// A person may have stopped it.
void end(wirthforge::token_stream_writer& answer) {
  answer.finish(answer.stop_requested() ? wirthforge::finish_reason::stopped : wirthforge::finish_reason::stop);
}

void read_aloud(wirthforge::server& server) {
  std::ifstream file("README.md");
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) text.str("There is no README.md here; run this from the repository, or pipe a model's answer in. ");
  for (int round = 1; !is_stopping; ++round) {
    auto answer = server.open_token_stream("readme-" + std::to_string(round), model);
    write_words(answer, text.str(), 24, 0.1);  // 20 tokens a second over a whole line
    end(answer);
    for (int wait = 0; wait < 20 && !is_stopping; ++wait) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void stream_pipe(wirthforge::server& server, bool exits_with_pipe) {
  constexpr double most_per_second = 2000;  // a whole book at once would be too fast for any reader
  wirthforge::token_stream_writer answer;
  bool is_open = false;
  read_pipe(server, model, [&](std::string_view text) {
    if (text.empty()) return;
    if (!is_open) answer = server.open_token_stream("stdin", model);
    is_open = true;
    write_words(answer, text, most_per_second);
  });
  if (is_open) end(answer);
  if (exits_with_pipe) server.stop();  // queued events are sent first
}

// The models that answer, and what they are asked.
struct council {
  std::vector<std::string> wanted;  // as --model has them
  std::string prompt;
  std::vector<wirthforge::model_question> questions;

  // Prints what is wrong, and exits.
  void find() {
    if (wanted.empty() && prompt.empty()) return;
    try {
      if (prompt.empty())
        throw std::runtime_error("--model needs a prompt: --model " + wanted.front() + " \"why is the sky blue\"");
      if (wanted.empty()) wanted.emplace_back();
      for (const std::string& each : wanted) questions.push_back(find_model(each, prompt));
      for (wirthforge::model_question& each : questions) {
        const std::string name = text_at(nlohmann::json::parse(each.body), "/model");
        each.model_id = wirthforge::model_id_from_name(name.empty() ? "model" : name);
      }
    } catch (const std::exception& found) {
      std::cerr << found.what() << std::endl;
      std::exit(1);
    }
  }
};

wirthforge::server* running = nullptr;
extern "C" void stop_running(int) {
  is_stopping = true;
  running->stop();  // stop() may be called in a signal handler
}

}  // namespace

int main(int argc, char** argv) {
  council models;
  bool exits_with_pipe = false;
  const auto options = options_from(
      argc, argv,
      "Serves the live dashboard. Asks model servers on this machine, or streams what is piped in: text, or what\n"
      "a model server streams. Without either it streams README.md.",
      {{"--model", "MODEL", "ask ollama:NAME, llama, lmstudio:NAME, vllm:NAME or http://127.0.0.1:PORT; repeatable",
        [&](const std::string& value) { models.wanted.push_back(value); }},
       {"", "PROMPT", "the prompt; without --model for the first model server that is there",
        [&](const std::string& value) { models.prompt += (models.prompt.empty() ? "" : " ") + value; }},
       {"--exit-with-pipe", "", "end when what is piped in ends; without it the page stays",
        [&](const std::string&) { exits_with_pipe = true; }}});
  models.find();

  std::vector<std::unique_ptr<voice>> voices;
  for (const auto& each : models.questions) voices.push_back(std::make_unique<voice>(each.model_id));
  if (voices.empty()) voices.push_back(std::make_unique<voice>(model));

  wirthforge::server server(options);
  server.on_tick([&](wirthforge::tick& tick) {
    for (const auto& each : voices) each->publish(tick, server);
  });
  server.on_event([&](const wirthforge::event_view& event) {
    if (event.type != wirthforge::event_type::token_stream) return;
    for (const auto& each : voices) {
      if (event.model_id != each->id()) continue;
      const auto whole = nlohmann::json::parse(event.json);
      for (const auto& token : whole["payload"]["tokens"]) each->heard(token);
      return;
    }
  });
  server.ready({voices.front()->id(), wirthforge::tier::mid, "1.0.0"});
  announce(server);
  running = &server;
  std::signal(SIGINT, stop_running);
  std::signal(SIGTERM, stop_running);

  wirthforge::model_bridge bridge(server);
  if (!models.questions.empty()) {
    for (std::size_t index = 0; index < models.questions.size(); ++index) {
      bridge.ask(models.questions[index], "answer-" + std::to_string(index + 1));
    }
  } else {
    const bool piped = is_piped();
    std::thread([&, piped] { piped ? stream_pipe(server, exits_with_pipe) : read_aloud(server); }).detach();
  }
  server.run();
  std::_Exit(0);  // the reader may still wait for its pipe
}
