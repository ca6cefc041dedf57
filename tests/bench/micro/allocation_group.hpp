// How often the server asks for memory in steady state: for each event, and for each event and client. Counted in all
// threads but this one, by the operator new that micro.cpp replaces.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <thread>

#include "../load/line.hpp"
#include "wirthforge_ws.hpp"

namespace micro {

inline std::atomic<bool> is_counting{false};  // else it would cost the other groups something
inline std::atomic<long> allocations{0};
inline thread_local bool is_counted = true;

/// Allocations of all other threads in one tick with one energy_update, with so many clients connected.
inline double allocations_a_tick(std::size_t clients, std::chrono::milliseconds window) {
  wirthforge::server_options options;
  options.port = 0;
  options.heartbeat_interval = std::chrono::hours(1);  // an event of its own for each client: not what is counted here
  options.log_max_age = std::chrono::seconds(1);       // so that the log has grown to its full size before the count begins
  wirthforge::server server(options);
  std::atomic<long> ticks{0};
  wirthforge::energy_update energy;
  energy.model_id = "llama3_2-3b";
  server.on_tick([&](wirthforge::tick& tick) {
    tick.publish(energy);
    ticks.fetch_add(1);
  });
  server.ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  server.start();
  std::deque<load::line> lines(clients);
  for (load::line& each : lines) {
    each.open({server.port(), "/ws"});
    each.do_not_block();
  }
  const auto listen_for = [&](std::chrono::milliseconds how_long) {
    const auto end = std::chrono::steady_clock::now() + how_long;
    while (std::chrono::steady_clock::now() < end) {
      for (load::line& each : lines) each.receive([](std::string_view) {});
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  };
  listen_for(std::chrono::milliseconds(1300));
  is_counting = true;
  const long allocations_before = allocations.load();
  const long ticks_before = ticks.load();
  listen_for(window);
  is_counting = false;
  const auto asked = static_cast<double>(allocations.load() - allocations_before);
  return asked / static_cast<double>(ticks.load() - ticks_before);
}

inline void allocation_group(bool is_quick) {
  is_counted = false;
  const std::chrono::milliseconds window(is_quick ? 200 : 1000);
  const double few = allocations_a_tick(10, window);
  const double many = allocations_a_tick(110, window);
  const double each_client = (many - few) / 100;
  std::printf(
      "{\"group\": \"allocations in steady state\", \"unit\": \"times\", \"an event\": %.4g, "
      "\"an event and client\": %.4g}\n",
      few - 10 * each_client, each_client);
}

}  // namespace micro
