// Invalid bytes and messages of clients.
#pragma once

#include <string>

#include "simulation/dice.hpp"
#include "simulation/ledger.hpp"

namespace simulation {

inline std::string nonsense_head(dice& chance) {
  switch (chance.below(6)) {
    case 0: return "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nUpg";  // and no more
    case 1: return "GET / HTTP/1.1\r\nHost: 127.0.0.1:8145\r\n\r\n";
    case 2: return "GET /ws HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\n\r\n";
    case 3: return std::string(static_cast<std::size_t>(chance.spread(1, 20'000)), 'A');
    case 4: return "";
    default: break;
  }
  std::string noise;
  for (auto count = chance.spread(1, 400); count > 0; --count) noise += static_cast<char>(chance.below(256));
  return noise;
}

inline std::string nonsense_frames(dice& chance) {
  switch (chance.below(5)) {
    case 0: return "\x81\x05hello";  // not masked
    case 1:
      return "\x83\x80"
             "abcd";                                                                      // a reserved opcode
    case 2: return std::string("\x81\xFF\x00\x00\x00\x7F\x00\x00\x00\x00", 10) + "abcd";  // half a terabyte announced
    case 3:
      return "\xC1\x80"
             "abcd";  // a reserved bit
    default: break;
  }
  std::string noise;
  for (auto count = chance.spread(1, 400); count > 0; --count) noise += static_cast<char>(chance.below(256));
  return noise;
}

inline std::string nonsense_text(dice& chance) {
  switch (chance.below(6)) {
    case 0: return "[1]";
    case 1: return "{\"type\":\"prompt\",\"payload\":{\"text\":\"secret\"}}";
    case 2: return "{\"type\":\"heartbeat_response\",\"payload\":7}";
    case 3: return std::string(static_cast<std::size_t>(chance.spread(1, 50)), '[');
    case 4: return "{\"type\":\"heartbeat_response\"}";
    default: return "null";
  }
}

/// A request that an answer ends: one that runs, or that has ended, or that nobody knows.
inline std::string stop_text(const ledger& truth, dice& chance) {
  std::string session = "nobody-knows-it";
  for (int tries = 0; tries < 8 && !truth.streams.empty(); ++tries) {
    const std::size_t back = static_cast<std::size_t>(chance.below(std::min<std::size_t>(truth.streams.size(), 12)));
    const stream_account& each = truth.streams[truth.streams.size() - 1 - back];
    session = each.session_id;
    if (!each.is_complete && chance.percent(80)) break;
  }
  return R"({"type":"stop","payload":{"sessionId":")" + session + "\"}}";
}

/// Never sound by accident.
inline std::string nonsense_query(dice& chance) {
  const std::string epoch = "epoch=0123456789abcdef0123456789abcdef";
  switch (chance.below(9)) {
    case 0: return "epoch=1&since=2";
    case 1: return "since=17";
    case 2: return epoch + "&since=-5";
    case 3: return epoch + "&since=12&since=12";
    case 4: return epoch + "&since=99999999999999999999999";
    case 5: return epoch + "&since=12&frames=a:b";
    case 6: return "frame=3";
    case 7: return epoch;
    default: return epoch + "&since=12&began=x";
  }
}

}  // namespace simulation
