// A server to be attacked: every option on the command line, and everything that the library tells its integrator on stderr.
//
//   attack_target [NAME=VALUE]...     the names are those of `server_options`, durations in milliseconds; and
//     event_bytes=N                   instead of a small event each tick one of about N bytes
//     try_next=1, allow_null_origin=1, no_twins=1 are switches
//   attack_target --routes            prints the table of routes: path, "prefix", "public" or "token", "shared" or "own", example
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "wirthforge_ws.hpp"

namespace {

using number = unsigned long long;

struct choices {
  wirthforge::server_options options;
  std::size_t event_bytes = 0;

  bool set(const std::string& name, const std::string& value) {
    const number count = std::strtoull(value.c_str(), nullptr, 10);
    const auto size = [count](auto& field) { field = static_cast<std::decay_t<decltype(field)>>(count); };
    const auto time = [count](std::chrono::milliseconds& field) { field = std::chrono::milliseconds(count); };
    const std::map<std::string, std::function<void()>> known{
        {"port", [&] { size(options.port); }},
        {"extra_ports", [&] { size(options.extra_ports); }},
        {"try_next", [&] { options.when_port_taken = wirthforge::port_policy::try_next; }},
        {"token", [&] { options.token = value; }},
        {"allow_null_origin", [&] { options.allow_null_origin = true; }},
        {"allowed_origins", [&] { options.allowed_origins.push_back(value); }},
        {"no_twins", [&] { options.invite_loopback_twins = false; }},
        {"max_connections", [&] { size(options.max_connections); }},
        {"max_half_open", [&] { size(options.max_half_open); }},
        {"max_head_bytes", [&] { size(options.max_head_bytes); }},
        {"max_message_bytes", [&] { size(options.max_message_bytes); }},
        {"max_fragments", [&] { size(options.max_fragments); }},
        {"max_client_messages_per_second", [&] { size(options.max_client_messages_per_second); }},
        {"send_buffer_bytes", [&] { size(options.send_buffer_bytes); }},
        {"log_max_bytes", [&] { size(options.log_max_bytes); }},
        {"log_max_events", [&] { size(options.log_max_events); }},
        {"handshake_timeout", [&] { time(options.handshake_timeout); }},
        {"heartbeat_interval", [&] { time(options.heartbeat_interval); }},
        {"ping_interval", [&] { time(options.ping_interval); }},
        {"pong_timeout", [&] { time(options.pong_timeout); }},
        {"idle_timeout", [&] { time(options.idle_timeout); }},
        {"close_timeout", [&] { time(options.close_timeout); }},
        {"stop_timeout", [&] { time(options.stop_timeout); }},
        {"event_bytes", [&] { size(event_bytes); }},
    };
    const auto found = known.find(name);
    if (found != known.end()) found->second();
    return found != known.end();
  }
};

wirthforge::energy_field field_of(std::size_t bytes) {
  wirthforge::energy_field field;
  field.model_id = "m";
  constexpr std::size_t bytes_each = 33;  // {"x":0.125,"y":0.25,"energy":0.5},
  field.coordinates.resize(bytes / bytes_each + 1);
  for (auto& point : field.coordinates) {
    point.x = 0.125;
    point.y = 0.25;
    point.energy = 0.5;
  }
  return field;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--routes") {
    for (const auto& each : wirthforge::net::routes) {
      std::cout << each.path << (each.is_prefix ? " prefix" : " path") << (each.is_public ? " public" : " token")
                << (each.is_shared ? " shared " : " own ") << each.path << each.rest << "\n";
    }
    return 0;
  }
  choices chosen;
  chosen.options.port = 0;
  for (int at = 1; at < argc; ++at) {
    const std::string argument = argv[at];
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || !chosen.set(argument.substr(0, equals), argument.substr(equals + 1))) {
      std::cerr << "unknown argument: " << argument << "\n";
      return 2;
    }
  }
  asio::io_context io;
  wirthforge::server server(io.get_executor(), chosen.options);
  server.on_log([](wirthforge::log_level level, std::string_view line) {
    std::cerr << wirthforge::to_string(level) << ": " << line << std::endl;
  });
  server.on_disconnect([](const wirthforge::connection_info& who, const wirthforge::disconnect_info& how) {
    std::cerr << who.id << " left, code " << how.close_code << (how.error ? ", " + how.error.message() : "") << std::endl;
  });
  server.on_tick([big = chosen.event_bytes, field = field_of(chosen.event_bytes)](wirthforge::tick& tick) {
    wirthforge::energy_update small;
    small.model_id = "m";
    if (big > 0) tick.publish(field);
    else tick.publish(small);
  });
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&server](std::error_code, int) { server.stop(); });
  std::error_code error;
  server.listen(error);
  if (error) {
    std::cerr << "cannot listen: " << error.message() << "\n" << server.fault() << "\n";
    return 1;
  }
  server.ready({"m", wirthforge::tier::mid, "1.0.0"});
  std::cout << "http://127.0.0.1:" << server.port() << "/" << std::endl;
  server.start();
  io.run();
}
