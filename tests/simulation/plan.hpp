// The plan of one seed: the server's options, the length of the run, the clients. Values are drawn so that rare values meet
// common ones: most options have their defaults, some are far off.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wirthforge_ws.hpp"

#include "simulation/dice.hpp"
#include "simulation/scheduler.hpp"

namespace simulation {

struct plan {
  std::uint64_t seed = 0;
  ticks length = minute;
  wirthforge::live::engine_options engine;
  wirthforge::live::peer_options peer;
  ticks stop_timeout = 3 * second;
  ticks post_delay = 0;  ///< From a publisher's thread to the server's.
  int browsers = 3;
  int models = 1;
  bool is_busy = true;  ///< Bursts at 60 Hz most of the time, or hours with little.
  bool has_small_log = false;
  bool has_restarts = false;
  bool has_clock_steps = false;
  bool has_big_events = false;
  bool has_fields = false;
  std::size_t journal_file_bytes = 0;  ///< 0: it keeps no journal.
  bool has_token_text = true;          ///< In it.
  bool has_short_memory = false;       ///< Now and then there is none.
  std::size_t max_connections = 4096;
  std::size_t max_half_open = 512;
  ticks ready_at = 0;
};

inline plan plan_for(std::uint64_t seed) {
  using namespace wirthforge;
  dice chance(seed * 2 + 1);
  plan result;
  result.seed = seed;
  result.is_busy = !chance.one_in(8);
  result.length = result.is_busy ? chance.between(20, 150) * second : chance.between(5, 60) * minute;
  if (chance.one_in(150)) {
    result.is_busy = false;
    result.length = chance.between(3, 12) * hour;
  }
  result.browsers = static_cast<int>(chance.spread(1, 9));
  result.models = static_cast<int>(chance.between(1, 4));
  result.post_delay = chance.percent(50) ? 100 * microsecond : chance.between(0, 30) * millisecond;
  result.has_restarts = chance.percent(40);
  result.has_clock_steps = chance.one_in(3);
  result.has_big_events = chance.one_in(6);
  result.has_fields = chance.percent(40);
  if (chance.one_in(4)) result.ready_at = chance.spread(1, 10'000) * millisecond;

  live::hub_options& hub = result.engine.hub;
  if (chance.one_in(4)) {
    result.has_small_log = true;
    hub.log.max_events = static_cast<std::size_t>(chance.spread(1, 2000));
    hub.log.max_bytes = static_cast<std::size_t>(chance.spread(200, 300'000));
  }
  if (chance.one_in(4)) hub.log.max_age = seconds(chance.spread(1, 120));
  if (chance.one_in(4)) hub.batch_bytes = static_cast<std::size_t>(chance.spread(1, 65536));
  if (chance.one_in(4)) hub.open_answers_bytes = static_cast<std::size_t>(chance.spread(20'000, 100'000));
  if (chance.one_in(4)) hub.heartbeat_interval = milliseconds(chance.spread(100, 2000));

  auto& times = result.peer.liveness;
  if (chance.one_in(3)) {
    times.ping_interval = milliseconds(chance.spread(500, 15'000));
    times.pong_timeout = milliseconds(chance.spread(500, 10'000));
    times.close_timeout = milliseconds(chance.spread(200, 2000));
    times.handshake_timeout = milliseconds(chance.spread(500, 5000));
  }
  if (chance.one_in(8)) times.idle_timeout = milliseconds(chance.spread(3000, 60'000));
  if (chance.one_in(4)) result.peer.protocol.max_message_bytes = static_cast<std::size_t>(chance.spread(125, 65536));
  if (chance.one_in(4)) result.peer.max_unsent_bytes = static_cast<std::size_t>(chance.spread(1000, 1 << 20));
  result.has_short_memory = chance.one_in(6);
  if (chance.one_in(5)) result.max_connections = static_cast<std::size_t>(chance.spread(1, 12));
  if (chance.percent(40)) result.max_half_open = static_cast<std::size_t>(chance.between(1, 2));
  if (chance.percent(40)) result.stop_timeout = chance.spread(10, 3000) * millisecond;
  if (result.has_restarts && chance.percent(60)) {
    result.journal_file_bytes = static_cast<std::size_t>(chance.spread(4096, 8 << 20));
    result.has_token_text = !chance.one_in(8);
  }
  return result;
}

}  // namespace simulation
