// Each of the nine events three times: as our struct, as a user of nlohmann/json would build it, and written by hand
// with std::to_chars into a buffer that is large enough, without any check.
#pragma once

#include <charconv>
#include <cstring>

#include "wirthforge_ws.hpp"

namespace micro {

using wirthforge::envelope;
using json = nlohmann::json;

constexpr envelope outer{1732348800123, 987654};

class pen {
 public:
  explicit pen(char* to) : at_(to) {}
  template <std::size_t Size>
  pen& operator()(const char (&literal)[Size]) {
    std::memcpy(at_, literal, Size - 1);
    at_ += Size - 1;
    return *this;
  }
  pen& operator()(const std::string& text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  pen& operator()(double number) {
    at_ = std::to_chars(at_, at_ + 32, number).ptr;
    return *this;
  }
  pen& operator()(std::int64_t number) {
    at_ = std::to_chars(at_, at_ + 32, number).ptr;
    return *this;
  }
  char* end() const { return at_; }

 private:
  char* at_;
};

inline json around(const char* type, const char* channel, json payload, bool is_numbered) {
  json made{{"type", type}, {"channel", channel}, {"timestamp", outer.timestamp}, {"payload", std::move(payload)}};
  if (is_numbered) made["frameNumber"] = outer.frame_number;
  return made;
}

struct by_hand {
  wirthforge::startup_complete startup{"llama3_2-3b", wirthforge::tier::mid, "1.0.0",
                                       std::vector{wirthforge::capability::council, wirthforge::capability::plugins}};
  wirthforge::energy_update update{12345.6789, -0.0625,       3,
                                   1.25,       "llama3_2-3b", wirthforge::energy_distribution{0.512345, 0.3125, 0.175155}};
  wirthforge::energy_field field{wirthforge::field_type::stream,
                                 0.75,
                                 {{0.125, -3.5, 1.75}, {10.0625, 2.25, 0.5}, {7.3, 4.1, 2.2}, {0.1, 0.2, 0.3}},
                                 "llama3_2-3b"};
  wirthforge::token_stream tokens{{"The ", "energy ", "of ", "a ", "thought"}, false, "session-1", "llama3_2-3b", 0.125};
  wirthforge::interference_event interference{
      wirthforge::pattern_type::constructive, {"llama3_2-3b", "qwen2_5-coder-7b"}, 0.625, 0.875};
  wirthforge::resonance_event resonance{
      wirthforge::resonance_type::harmonic, 432.1, 0.625, {"llama3_2-3b", "qwen2_5-coder-7b"}, 90.5};
  wirthforge::reward_event reward{
      wirthforge::reward_type::milestone, "1000 tokens", 50, "A thousand tokens in one answer.", 3, 12.5};
  wirthforge::heartbeat beat{42, 1732348800123, 59.98, "0123456789abcdef0123456789abcdef.7"};
  wirthforge::error_event error{wirthforge::severity::warning,   "FRAME_OVERRUN",    "a frame took 20.1 ms",
                                wirthforge::component::decipher, json{{"ms", 20.1}}, true};

  // clang-format off
  json built(const wirthforge::startup_complete& e) const {
    return around("startup_complete", "system", {{"model", e.model}, {"tier", "Mid-Tier"}, {"version", e.version},
                  {"frameRate", 60}, {"capabilities", {"council", "plugins"}}}, false);
  }
  json built(const wirthforge::energy_update& e) const {
    return around("energy_update", "energy", {{"totalEnergy", e.total_energy}, {"deltaEnergy", e.delta_energy},
                  {"tokensGenerated", e.tokens_generated}, {"processingTime", e.processing_time}, {"modelId", e.model_id},
                  {"energyDistribution", {{"generation", *e.energy_distribution->generation},
                  {"attention", *e.energy_distribution->attention}, {"reasoning", *e.energy_distribution->reasoning}}}}, true);
  }
  json built(const wirthforge::energy_field& e) const {
    json points = json::array();
    for (const auto& each : e.coordinates) points.push_back({{"x", each.x}, {"y", each.y}, {"energy", each.energy}});
    return around("energy_field", "energy", {{"fieldType", "stream"}, {"intensity", e.intensity},
                  {"coordinates", std::move(points)}, {"modelId", e.model_id}}, true);
  }
  json built(const wirthforge::token_stream& e) const {
    return around("token_stream", "experience", {{"tokens", e.tokens}, {"isComplete", e.is_complete},
                  {"sessionId", e.session_id}, {"modelId", e.model_id}, {"energyCost", *e.energy_cost}}, false);
  }
  json built(const wirthforge::interference_event& e) const {
    return around("interference_event", "council", {{"patternType", "constructive"}, {"models", e.models},
                  {"intensity", e.intensity}, {"coherenceScore", e.coherence_score}}, true);
  }
  json built(const wirthforge::resonance_event& e) const {
    return around("resonance_event", "council", {{"resonanceType", "harmonic"}, {"frequency", e.frequency},
                  {"amplitude", e.amplitude}, {"participants", e.participants}, {"phase", *e.phase}}, true);
  }
  json built(const wirthforge::reward_event& e) const {
    return around("reward_event", "reward", {{"rewardType", "milestone"}, {"title", e.title}, {"points", e.points},
                  {"description", *e.description}, {"level", *e.level}, {"energyBonus", *e.energy_bonus}}, false);
  }
  json built(const wirthforge::heartbeat& e) const {
    return around("heartbeat", "system", {{"sequence", e.sequence}, {"serverTime", e.server_time},
                  {"frameRate", *e.frame_rate}, {"connectionId", *e.connection_id}}, false);
  }
  json built(const wirthforge::error_event& e) const {
    return around("error_event", "system", {{"severity", "warning"}, {"code", e.code}, {"message", e.message},
                  {"component", "decipher"}, {"details", {{"ms", 20.1}}}, {"recoverable", true}}, false);
  }

  // Frame header of four bytes first, as the event goes out.
  char* bare(char* to, const wirthforge::startup_complete& e) const {
    return pen(to + 4)("{\"type\":\"startup_complete\",\"channel\":\"system\",\"timestamp\":")(outer.timestamp)(
        ",\"payload\":{\"model\":\"")(e.model)("\",\"tier\":\"Mid-Tier\",\"version\":\"")(e.version)(
        "\",\"frameRate\":60,\"capabilities\":[\"council\",\"plugins\"]}}").end();
  }
  char* bare(char* to, const wirthforge::energy_update& e) const {
    return pen(to + 4)("{\"type\":\"energy_update\",\"channel\":\"energy\",\"timestamp\":")(outer.timestamp)(",\"frameNumber\":")(
        outer.frame_number)(",\"payload\":{\"totalEnergy\":")(e.total_energy)(",\"deltaEnergy\":")(e.delta_energy)(
        ",\"tokensGenerated\":")(e.tokens_generated)(",\"processingTime\":")(e.processing_time)(",\"modelId\":\"")(e.model_id)(
        "\",\"energyDistribution\":{\"generation\":")(*e.energy_distribution->generation)(",\"attention\":")(
        *e.energy_distribution->attention)(",\"reasoning\":")(*e.energy_distribution->reasoning)("}}}").end();
  }
  char* bare(char* to, const wirthforge::energy_field& e) const {
    pen it(to + 4);
    it("{\"type\":\"energy_field\",\"channel\":\"energy\",\"timestamp\":")(outer.timestamp)(",\"frameNumber\":")(outer.frame_number)(
        ",\"payload\":{\"fieldType\":\"stream\",\"intensity\":")(e.intensity)(",\"coordinates\":[");
    for (const auto& each : e.coordinates) it("{\"x\":")(each.x)(",\"y\":")(each.y)(",\"energy\":")(each.energy)("},");
    return it("],\"modelId\":\"")(e.model_id)("\"}}").end();
  }
  char* bare(char* to, const wirthforge::token_stream& e) const {
    pen it(to + 4);
    it("{\"type\":\"token_stream\",\"channel\":\"experience\",\"timestamp\":")(outer.timestamp)(",\"payload\":{\"tokens\":[");
    for (const auto& each : e.tokens) it("\"")(each)("\",");
    return it("],\"isComplete\":false,\"sessionId\":\"")(e.session_id)("\",\"modelId\":\"")(e.model_id)("\",\"energyCost\":")(
        *e.energy_cost)("}}").end();
  }
  char* bare(char* to, const wirthforge::interference_event& e) const {
    return pen(to + 4)("{\"type\":\"interference_event\",\"channel\":\"council\",\"timestamp\":")(outer.timestamp)(
        ",\"frameNumber\":")(outer.frame_number)(",\"payload\":{\"patternType\":\"constructive\",\"models\":[\"")(e.models[0])(
        "\",\"")(e.models[1])("\"],\"intensity\":")(e.intensity)(",\"coherenceScore\":")(e.coherence_score)("}}").end();
  }
  char* bare(char* to, const wirthforge::resonance_event& e) const {
    return pen(to + 4)("{\"type\":\"resonance_event\",\"channel\":\"council\",\"timestamp\":")(outer.timestamp)(
        ",\"frameNumber\":")(outer.frame_number)(",\"payload\":{\"resonanceType\":\"harmonic\",\"frequency\":")(e.frequency)(
        ",\"amplitude\":")(e.amplitude)(",\"participants\":[\"")(e.participants[0])("\",\"")(e.participants[1])("\"],\"phase\":")(
        *e.phase)("}}").end();
  }
  char* bare(char* to, const wirthforge::reward_event& e) const {
    return pen(to + 4)("{\"type\":\"reward_event\",\"channel\":\"reward\",\"timestamp\":")(outer.timestamp)(
        ",\"payload\":{\"rewardType\":\"milestone\",\"title\":\"")(e.title)("\",\"points\":")(e.points)(",\"description\":\"")(
        *e.description)("\",\"level\":")(*e.level)(",\"energyBonus\":")(*e.energy_bonus)("}}").end();
  }
  char* bare(char* to, const wirthforge::heartbeat& e) const {
    return pen(to + 4)("{\"type\":\"heartbeat\",\"channel\":\"system\",\"timestamp\":")(outer.timestamp)(
        ",\"payload\":{\"sequence\":")(e.sequence)(",\"serverTime\":")(e.server_time)(",\"frameRate\":")(*e.frame_rate)(
        ",\"connectionId\":\"")(*e.connection_id)("\"}}").end();
  }
  char* bare(char* to, const wirthforge::error_event& e) const {
    return pen(to + 4)("{\"type\":\"error_event\",\"channel\":\"system\",\"timestamp\":")(outer.timestamp)(
        ",\"payload\":{\"severity\":\"warning\",\"code\":\"")(e.code)("\",\"message\":\"")(e.message)(
        "\",\"component\":\"decipher\",\"details\":{\"ms\":20.1},\"recoverable\":true}}").end();
  }
  // clang-format on
};

}  // namespace micro
