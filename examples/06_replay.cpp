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
    if (said != nullptr && wirthforge::is_journal_remark(said->code)) return;  // the journal's own, never on the wire
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
  const std::vector<std::string> paths = wirthforge::journal_paths(chosen.file);
  if (chosen.file.empty() || paths.empty()) {
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
    player(server, chosen.speed).play(paths);
    server.stop();
  });
  server.run();
  playing.join();
}
