// One valid event of each kind, with every member, for tests to start from. And random ones from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "wirthforge_ws.hpp"

namespace samples {

using namespace wirthforge;

inline energy_update full_energy_update() {
  energy_update event;
  event.total_energy = 42.5;
  event.delta_energy = -0.25;
  event.tokens_generated = 3;
  event.processing_time = 1.5;
  event.model_id = "llama3_2-3b";
  event.energy_distribution = wirthforge::energy_distribution{0.5, 0.3, 0.2};
  return event;
}

inline error_event full_error_event() {
  error_event event;
  event.severity = severity::warning;
  event.code = "FRAME_OVERRUN";
  event.message = "a frame took 20.1 ms";
  event.component = component::decipher;
  event.details = nlohmann::json{{"ms", 20.1}};
  event.recoverable = true;
  return event;
}

/// Random events that `check` passes.
class random_events {
 public:
  explicit random_events(std::uint64_t seed) : random_(seed) {}

  any_event next() {
    switch (below(9)) {
      case 0: return any_startup();
      case 1: return any_update();
      case 2: return any_field();
      case 3: return any_tokens();
      case 4: return interference_event{any<pattern_type>(3), ids(), unit(), unit()};
      case 5: {
        resonance_event event{any<resonance_type>(3), positive(), unit(), ids()};
        if (coin()) event.phase = unit() * 360;
        return event;
      }
      case 6: return any_reward();
      case 7: {
        heartbeat event{whole(), whole()};
        if (coin()) event.frame_rate = positive();
        if (coin()) event.connection_id = string(40);
        return event;
      }
      default: return any_error();
    }
  }
  envelope outer() { return {static_cast<std::int64_t>(below(9999999999999)), whole()}; }

 private:
  any_event any_startup() {
    startup_complete event{id(), any<tier>(3), std::to_string(below(99)) + "." + std::to_string(below(99)) + ".0"};
    if (coin()) event.capabilities.emplace(below(4), any<capability>(4));
    return event;
  }
  any_event any_update() {
    energy_update event{positive(), -positive(), whole(), unit() * 16.67, id()};
    if (coin()) event.energy_distribution.emplace();
    if (event.energy_distribution && coin()) event.energy_distribution->generation = positive();
    if (event.energy_distribution && coin()) event.energy_distribution->attention = positive();
    if (event.energy_distribution && coin()) event.energy_distribution->reasoning = positive();
    return event;
  }
  any_event any_field() {
    energy_field event{any<field_type>(4), unit(), {}, id()};
    for (std::size_t count = below(5); count > 0; --count) event.coordinates.push_back({-positive(), positive(), positive()});
    return event;
  }
  any_event any_tokens() {
    token_stream event{{}, coin(), string(20), id()};
    for (std::size_t count = below(5); count > 0; --count) event.tokens.push_back(string(30));
    if (coin()) event.energy_cost = positive();
    return event;
  }
  any_event any_reward() {
    reward_event event{any<reward_type>(4), string(100), whole()};
    if (coin()) event.description = string(500);
    if (coin()) event.level = 1 + static_cast<std::int64_t>(below(5));
    if (coin()) event.energy_bonus = positive();
    return event;
  }
  any_event any_error() {
    error_event event{any<severity>(4), "CODE_" + std::to_string(below(1000)), string(1000), any<component>(5)};
    if (coin()) event.details = nlohmann::json{{string(5), positive()}, {"list", {1, nullptr, string(9)}}};
    if (coin()) event.recoverable = coin();
    return event;
  }

  std::size_t below(std::uint64_t count) { return static_cast<std::size_t>(random_() % count); }
  bool coin() { return below(2) == 0; }
  double unit() { return static_cast<double>(below(1000001)) / 1000000; }
  double positive() { return unit() * (coin() ? 1 : coin() ? 1e300 : 1e-300); }
  std::int64_t whole() { return static_cast<std::int64_t>(coin() ? below(1000) : random_() >> 1); }
  template <class Enum>
  Enum any(std::size_t count) {
    return static_cast<Enum>(below(count));
  }
  std::string id() { return "model-" + std::to_string(below(1000)); }
  std::vector<std::string> ids() {
    std::vector<std::string> made(2 + below(3));
    for (std::string& each : made) each = id();
    return made;
  }
  // Of at most so many characters, of every width and with all that must be escaped.
  std::string string(std::size_t most) {
    static const std::vector<std::string> characters = {"a",
                                                        " ",
                                                        "\"",
                                                        "\\",
                                                        "\n",
                                                        "\x01",
                                                        std::string(1, '\0'),
                                                        "\x7f",
                                                        "\xc3\xa9",
                                                        "\xe2\x80\xa8",
                                                        "\xef\xbf\xbf",
                                                        "\xf0\x9f\x98\x80"};
    std::string made;
    for (std::size_t count = below(most + 1); count > 0; --count) made += characters[below(characters.size())];
    return made;
  }

  std::mt19937_64 random_;
};

}  // namespace samples
