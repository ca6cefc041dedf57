// Runs in your own io_context, beside its other work, with every hook: clients that connect and leave, published events, and
// the library's log lines.
#include <csignal>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "arguments.hpp"
#include "wirthforge_ws.hpp"

int main(int argc, char** argv) {
  asio::io_context io;
  wirthforge::server server(io.get_executor(), options_from(argc, argv, "Serves on the program's own io_context."));

  server.on_connect([](const wirthforge::connection_info& who) { std::cout << who.id << " came" << std::endl; });
  server.on_disconnect([](const wirthforge::connection_info& who, const wirthforge::disconnect_info& how) {
    std::cout << who.id << " left, code " << how.close_code << (how.error ? ", " + how.error.message() : "") << std::endl;
  });
  server.on_event([](const wirthforge::event_view& event) {
    if (event.channel != wirthforge::channel::energy) std::cout << event.json << std::endl;
  });
  server.on_log([](wirthforge::log_level level, std::string_view line) {
    std::cerr << wirthforge::to_string(level) << ": " << line << std::endl;
  });
  server.on_tick([&server](wirthforge::tick& tick) {
    if (tick.number() % 60 != 0) return;
    wirthforge::reward_event reward;
    reward.reward_type = wirthforge::reward_type::feedback;
    reward.title = "A second has passed";
    reward.points = 1;
    server.publish(reward);  // from any thread
  });

  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&server](std::error_code, int) { server.stop(); });  // clients get 1001, then the loop ends

  server.ready({"llama3_2-3b", wirthforge::tier::low, "1.0.0"});
  announce(server);
  server.start();
  io.run();
}
