// Shared by all racers in C++: the event that is fanned out, its beat, and the line that prints the port. The
// event carries its own measurement: `totalEnergy` is when it was published (steady clock, ns), `deltaEnergy` how late
// its tick began (ns), `frameNumber` counts periods, skipped ones too. Written by snprintf, which is cheaper than what
// the means of the peers' users.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace race {

constexpr std::int64_t second_ns = 1'000'000'000;

inline std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

inline std::string energy_text(std::int64_t number, std::int64_t published_ns, std::int64_t lateness_ns) {
  char text[512];
  const int size = std::snprintf(
      text, sizeof text,
      "{\"type\":\"energy_update\",\"channel\":\"energy\",\"timestamp\":1732348800000,\"frameNumber\":%lld,"
      "\"payload\":{\"totalEnergy\":%lld,\"deltaEnergy\":%lld,\"tokensGenerated\":3,\"processingTime\":1.25,"
      "\"modelId\":\"llama3_2-3b\","
      "\"energyDistribution\":{\"generation\":0.512345,\"attention\":0.3125,\"reasoning\":0.175155}}}",
      static_cast<long long>(number), static_cast<long long>(published_ns), static_cast<long long>(lateness_ns));
  return std::string(text, static_cast<std::size_t>(size));
}

/// 60 Hz to absolute deadlines.
class beat {
 public:
  std::int64_t deadline_ns() const { return start_ns_ + next_ / 60 * second_ns + next_ % 60 * second_ns / 60; }

  /// The event of the tick that begins now. A period that went by whole is skipped, not made up for.
  std::string next_text() {
    const std::int64_t now = steady_ns();
    const std::int64_t due = (now - start_ns_) * 60 / second_ns;
    if (due > next_) next_ = due;
    const std::int64_t lateness = now > deadline_ns() ? now - deadline_ns() : 0;
    return energy_text(next_++, steady_ns(), lateness);
  }

 private:
  std::int64_t start_ns_ = steady_ns();
  std::int64_t next_ = 1;
};

inline void announce(unsigned port) {
  std::printf("port %u\n", port);
  std::fflush(stdout);
}

}  // namespace race
