// How a simulated page behaves, drawn from a seed.
#pragma once

#include <cstddef>
#include <string>

#include "simulation/network.hpp"
#include "simulation/plan.hpp"
#include "simulation/witness.hpp"

namespace simulation {

class browser;

/// Its invalid messages.
enum class gibberish { none, heads, frames, messages, parameters };

struct temper {
  weather up;
  weather down;
  bool behaves = false;         ///< It may expect never to be cut off, and to be served in time.
  bool may_lag = false;         ///< The log is so small that any client may fall off it.
  bool may_be_refused = false;  ///< There is room for so few that any client may be refused.
  ticks most_latency = 0;
  ticks most_silence = 4 * second;
  bool answers_heartbeats = true;
  bool is_patient = false;  ///< Does not mind silence.
  bool wants_open_answers = false;
  bool wants_stops = false;  ///< Asks for the end of answers.
  unsigned channels = witness::every_channel;
  ticks resubscribe_every = 0;
  ticks stall_every = 0;
  ticks stall_for = 0;
  ticks read_every = 0;  ///< A slow reader.
  std::size_t read_bytes = 0;
  ticks life = 0;  ///< At most so long until it leaves. 0: it stays.
  bool cuts_at_bytes = false;
  ticks away = 0;
  unsigned forgets = 0;  ///< Percent: a reload instead of a return.
  ticks flood_every = 0;
  int flood_burst = 1;
  gibberish says = gibberish::none;
  browser* twin = nullptr;  ///< The page whose cursor it takes over now and then.
};

/// The message that asks for these channels.
inline std::string subscription_text(unsigned channels) {
  std::string list;
  static constexpr const char* names[] = {"energy", "experience", "council", "reward", "system"};
  for (std::size_t each = 0; each < 5; ++each) {
    if ((channels & (1U << each)) != 0) list += std::string(list.empty() ? "\"" : ",\"") + names[each] + "\"";
  }
  return R"({"type":"subscribe","payload":{"channels":[)" + list + "]}}";
}

inline weather bad_weather(dice& chance) {
  weather sky;
  sky.latency = chance.spread(10 * microsecond, 80 * millisecond);
  if (chance.percent(50)) sky.jitter = chance.spread(microsecond, 100 * millisecond);
  sky.capacity = static_cast<std::size_t>(chance.spread(200, 300'000));
  if (chance.percent(40)) sky.most_read = static_cast<std::size_t>(chance.spread(1, 20'000));
  if (chance.percent(40)) sky.most_written = static_cast<std::size_t>(chance.spread(1, 20'000));
  if (sky.most_read > 0 && sky.most_read < 64 && !chance.one_in(6)) sky.most_read += 500;  // reading byte by byte is slow
  if (sky.most_written > 0 && sky.most_written < 64 && !chance.one_in(6)) sky.most_written += 500;
  return sky;
}

inline temper temper_for(dice& chance, const plan& chosen) {
  temper result;
  result.wants_open_answers = chance.percent(40);
  result.wants_stops = chance.percent(40);
  if (chance.percent(30)) result.channels = static_cast<unsigned>(chance.below(16)) | 16U;
  const ticks log_age = std::chrono::nanoseconds(chosen.engine.hub.log.max_age).count();
  result.may_be_refused = chosen.max_connections < 100 || chosen.max_half_open < 100;
  if (chance.percent(35) && !chosen.has_short_memory) {
    result.behaves = true;
    result.up.capacity = result.down.capacity = 1U << 20U;
    result.up.latency = result.down.latency = chance.spread(10 * microsecond, 2 * millisecond);
    result.may_lag = chosen.has_small_log;
    result.most_latency = chosen.post_delay + 2 * result.down.latency + 40 * millisecond;
    result.most_silence = std::chrono::nanoseconds(chosen.engine.hub.heartbeat_interval).count() + second / 4 +
                          result.most_latency;
    return result;
  }
  if (chance.percent(70)) {
    result.up = bad_weather(chance);
    result.down = bad_weather(chance);
  }
  result.answers_heartbeats = chance.percent(60);
  result.is_patient = chance.percent(20);
  if (chance.percent(25)) {
    result.stall_every = chance.spread(100 * millisecond, 20 * second);
    result.stall_for = chance.spread(100 * millisecond, 3 * minute);
  }
  if (chance.percent(15)) {
    result.read_every = chance.spread(millisecond, 500 * millisecond);
    result.read_bytes = static_cast<std::size_t>(chance.spread(10, 20'000));
  }
  if (chance.percent(60)) {
    result.life = chance.spread(50 * millisecond, 60 * second);
    result.away = chance.percent(60) ? chance.spread(millisecond, 20 * second) : chance.spread(second, 2 * log_age + second);
    result.forgets = chance.percent(30) ? 30 : 0;
    if (!chosen.is_busy) result.life *= 20;
  }
  result.cuts_at_bytes = chance.percent(40);
  if (chance.percent(15)) result.resubscribe_every = chance.spread(50 * millisecond, 10 * second);
  if (chance.percent(12)) {
    result.flood_every = chance.spread(5 * millisecond, second);
    result.flood_burst = static_cast<int>(chance.spread(1, 200));
  }
  if (chance.percent(20)) result.says = static_cast<gibberish>(chance.between(1, 4));
  return result;
}

}  // namespace simulation
