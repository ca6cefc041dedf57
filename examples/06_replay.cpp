// Plays a journal back through a server, with the pauses that were between its events: replay FILE [--speed X]
#include <chrono>
#include <cstdlib>
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

// Takes its own arguments out of the command line and leaves the rest.
struct choices {
  std::string file;
  double speed = 1;  // 0: as fast as it goes

  explicit choices(std::vector<char*>& arguments) {
    std::vector<char*> rest;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
      const std::string name = arguments[index];
      const bool has_value = index + 1 < arguments.size();
      if (name == "--speed" && has_value) {
        speed = std::atof(arguments[++index]);
      } else if (index > 0 && name.substr(0, 1) != "-") {
        file = name;
      } else {
        rest.push_back(arguments[index]);
        if ((name == "--port" || name == "--allow-origin") && has_value) rest.push_back(arguments[++index]);
      }
    }
    arguments = rest;
  }
};

class player {
 public:
  player(wirthforge::server& server, double speed) : server_(server), speed_(speed) {}

  void play(std::istream& file) {
    wirthforge::journal_reader journal;
    std::string piece(65536, '\0');
    while (file.read(&piece[0], static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
      const auto size = static_cast<std::size_t>(file.gcount());
      journal.feed(std::string_view(piece).substr(0, size), [&](const auto& event, const auto& outer) { show(event, outer); });
    }
    std::cout << shown_ << " events, " << journal.bad_lines() << " bad lines"
              << (journal.ends_incomplete() ? ", and the last one is not whole" : "") << std::endl;
  }

 private:
  void show(const wirthforge::any_event& event, const wirthforge::envelope& outer) {
    if (speed_ > 0) {
      if (shown_ == 0) first_ = outer.timestamp;
      const auto since = std::chrono::milliseconds(outer.timestamp - first_);
      std::this_thread::sleep_until(began_ + std::chrono::duration_cast<std::chrono::nanoseconds>(since / speed_));
    }
    ++shown_;
    std::visit([this](const auto& each) {
      using kind = std::decay_t<decltype(each)>;
      // The server greets its clients itself.
      if constexpr (!std::is_same_v<kind, wirthforge::startup_complete> && !std::is_same_v<kind, wirthforge::heartbeat>) {
        std::error_code stopped;
        server_.publish(each, stopped);
      }
    }, event);
  }

  wirthforge::server& server_;
  double speed_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t first_ = 0;
  std::int64_t shown_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const choices chosen(arguments);
  wirthforge::server server(options_from(static_cast<int>(arguments.size()), arguments.data(),
                                         "Plays a journal back to the first client that comes: replay FILE [--speed X],\n"
                                         "twice as fast with 2, at once with 0."));
  std::ifstream file(chosen.file, std::ios::binary);
  if (!file) {
    std::cerr << argv[0] << ": cannot read the journal '" << chosen.file << "'\nTry --help.\n";
    return 2;
  }
  if (!(chosen.speed >= 0)) {
    std::cerr << argv[0] << ": --speed takes a number from 0 on\nTry --help.\n";
    return 2;
  }
  announce(server);
  server.ready({"replay", wirthforge::tier::low, "1.0.0"});
  std::thread playing([&] {
    while (server.stats().connections == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for an audience
    player(server, chosen.speed).play(file);
    server.stop();
  });
  server.run();
  playing.join();
}
