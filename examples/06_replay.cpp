// Plays a journal back through a server, with the pauses between its events; a pause that is too long is shortened:
// replay FILE [--speed X] [--max-pause SECONDS]
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

namespace {

// A number from 0 on, as 2 or 0.5, in any locale; -1 for anything else.
double number_in(const std::string& text) {
  double value = 0;
  double unit = 0;  // of the next digit behind the point
  for (const char each : text) {
    if (each == '.' && unit == 0) {
      unit = 0.1;
    } else if (each < '0' || each > '9') {
      return -1;
    } else if (unit == 0) {
      value = value * 10 + (each - '0');
    } else {
      value += (each - '0') * unit;
      unit /= 10;
    }
  }
  const bool has_digits = text.find_first_of("0123456789") != std::string::npos;
  return has_digits && value <= 1e9 ? value : -1;
}

// Takes its own arguments out of the command line and leaves the rest.
struct choices {
  std::string file;
  std::string speed = "1";       // 0: as fast as it goes
  std::string max_pause = "10";  // or none

  explicit choices(std::vector<char*>& arguments) {
    std::vector<char*> rest;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
      const std::string name = arguments[index];
      const bool has_value = index + 1 < arguments.size();
      if (name == "--speed" && has_value) {
        speed = arguments[++index];
      } else if (name == "--max-pause" && has_value) {
        max_pause = arguments[++index];
      } else if (index > 0 && name.substr(0, 1) != "-") {
        file = name;
      } else {
        rest.push_back(arguments[index]);
        if ((name == "--port" || name == "--allow-origin") && has_value) rest.push_back(arguments[++index]);
      }
    }
    arguments = rest;
  }
  // Empty, or what is wrong.
  std::string fault() const {
    if (number_in(speed) < 0) return "--speed takes a number from 0 on, not " + speed;
    if (max_pause != "none" && number_in(max_pause) < 0) {
      return "--max-pause takes a number of seconds from 0 on, or none, not " + max_pause;
    }
    return "";
  }
};

std::string in_words(std::int64_t seconds) {
  std::string words;
  if (seconds >= 3600) words += std::to_string(seconds / 3600) + " h ";
  if (seconds >= 60) words += std::to_string(seconds / 60 % 60) + " min ";
  return words + std::to_string(seconds % 60) + " s";
}

class player {
 public:
  player(wirthforge::server& server, const choices& chosen)
      : server_(server), speed_(number_in(chosen.speed)),
        max_pause_ms_(chosen.max_pause == "none" ? -1 : number_in(chosen.max_pause) * 1000) {}

  // All files of the journal, the oldest first.
  void play(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) play(path);
    std::cout << shown_ << " events" << std::endl;
  }

 private:
  void play(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    wirthforge::journal_reader journal;
    std::string piece(65536, '\0');
    while (file.read(&piece[0], static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
      const auto size = static_cast<std::size_t>(file.gcount());
      journal.feed(std::string_view(piece).substr(0, size), [&](const auto& event, const auto& outer) { show(event, outer); });
    }
    if (journal.bad_lines() > 0) std::cout << path << ": " << journal.bad_lines() << " bad lines" << std::endl;
    if (journal.ends_incomplete()) std::cout << path << ": the last line is not whole" << std::endl;
  }

  void show(const wirthforge::any_event& event, const wirthforge::envelope& outer) {
    const auto* said = std::get_if<wirthforge::error_event>(&event);
    if (said != nullptr && wirthforge::is_journal_note(said->code)) return;  // the journal's own, never on the wire
    if (speed_ > 0 && shown_ > 0) wait_for(static_cast<double>(outer.timestamp) - static_cast<double>(last_));
    last_ = outer.timestamp;
    ++shown_;
    std::visit(
        [this](const auto& each) {
          using kind = std::decay_t<decltype(each)>;
          // The server greets its clients itself.
          if constexpr (!std::is_same_v<kind, wirthforge::startup_complete> && !std::is_same_v<kind, wirthforge::heartbeat>) {
            std::error_code stopped;
            server_.publish(each, stopped);
          }
        },
        event);
  }

  // When the clock was set back, the next event is sent at once.
  void wait_for(double pause_ms) {
    double shown_ms = std::max(pause_ms, 0.0);
    if (max_pause_ms_ >= 0 && shown_ms > max_pause_ms_) {
      const auto skipped = static_cast<std::int64_t>((shown_ms - max_pause_ms_) / 1000);
      if (skipped > 0) std::cout << "skipped " << in_words(skipped) << " without an event" << std::endl;
      shown_ms = max_pause_ms_;
    }
    const double longest_ms = 1e11;  // three years; a time stamp may be anything
    due_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double, std::milli>(std::min(shown_ms / speed_, longest_ms)));
    std::this_thread::sleep_until(due_);
  }

  wirthforge::server& server_;
  double speed_;
  double max_pause_ms_;  // below 0: no limit
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::now();
  std::int64_t last_ = 0;
  std::int64_t shown_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const choices chosen(arguments);
  if (const std::string fault = chosen.fault(); !fault.empty()) {
    std::cerr << argv[0] << ": " << fault << "\nTry --help.\n";
    return 2;
  }
  wirthforge::server server(
      options_from(static_cast<int>(arguments.size()), arguments.data(),
                   "Plays a journal back to the first client that comes:\n"
                   "replay FILE [--speed X] [--max-pause SECONDS]\n\n"
                   "  --speed X            twice as fast with 2, at once with 0\n"
                   "  --max-pause SECONDS  wait no longer for the next event than so many seconds of the\n"
                   "                       journal, and say what was skipped (default 10); \"none\" keeps all"));
  const std::vector<std::string> paths = wirthforge::journal_paths(chosen.file);
  if (chosen.file.empty() || paths.empty()) {
    std::cerr << argv[0] << ": cannot read the journal '" << chosen.file << "'\nTry --help.\n";
    return 2;
  }
  announce(server);
  server.ready({"replay", wirthforge::tier::low, "1.0.0"});
  std::thread playing([&] {
    while (server.stats().connections == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // waits for the first client
    player(server, chosen).play(paths);
    server.stop();
  });
  server.run();
  playing.join();
}
