// The JSON texts of the events, byte by byte: the members in the schema's order, the timestamp in its fixed field.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "catch.hpp"
#include "samples.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace write_test {

using namespace wirthforge;

namespace {

constexpr envelope at{1700000000000, 120};

template <class Event>
std::string written(const Event& event, const envelope& outer = at) {
  REQUIRE_FALSE(check(event));
  std::string out;
  write(out, event, outer);
  return out;
}

}  // namespace

TEST_CASE("startup_complete is written with its constant frameRate", "[events][startup_complete]") {
  CHECK(written(startup_complete{"llama3_2-3b", tier::mid, "1.0.0"}) ==
        R"({"type":"startup_complete","channel":"system","timestamp":1700000000000,"payload":{"model":"llama3_2-3b",)"
        R"("tier":"Mid-Tier","version":"1.0.0","frameRate":60}})");
  startup_complete event{"m", tier::high, "0.10.2"};
  event.capabilities = {capability::council, capability::plugins};
  CHECK(written(event) == R"({"type":"startup_complete","channel":"system","timestamp":1700000000000,"payload":{"model":"m",)"
                          R"("tier":"High-Tier","version":"0.10.2","frameRate":60,"capabilities":["council","plugins"]}})");
  event.capabilities->clear();
  CHECK(written(event).find(R"("frameRate":60,"capabilities":[]}})") != std::string::npos);
}

TEST_CASE("energy_update is written with and without its distribution", "[events][energy_update]") {
  energy_update event = samples::full_energy_update();
  CHECK(written(event) ==
        R"({"type":"energy_update","channel":"energy","timestamp":1700000000000,"frameNumber":120,"payload":{)"
        R"("totalEnergy":42.5,"deltaEnergy":-0.25,"tokensGenerated":3,"processingTime":1.5,"modelId":"llama3_2-3b",)"
        R"("energyDistribution":{"generation":0.5,"attention":0.3,"reasoning":0.2}}})");
  event.energy_distribution->generation.reset();
  event.energy_distribution->reasoning.reset();
  CHECK(written(event).find(R"("energyDistribution":{"attention":0.3}}})") != std::string::npos);
  event.energy_distribution->attention.reset();
  CHECK(written(event).find(R"("energyDistribution":{}}})") != std::string::npos);
  event.energy_distribution.reset();
  CHECK(written(event).find(R"("modelId":"llama3_2-3b"}})") != std::string::npos);
}

TEST_CASE("energy_field is written with its points", "[events][energy_field]") {
  CHECK(written(energy_field{field_type::lightning, 0.75, {{1.5, -2, 0.5}, {0, 0, 0}}, "m"}) ==
        R"({"type":"energy_field","channel":"energy","timestamp":1700000000000,"frameNumber":120,"payload":{)"
        R"("fieldType":"lightning","intensity":0.75,"coordinates":[{"x":1.5,"y":-2,"energy":0.5},{"x":0,"y":0,"energy":0}],)"
        R"("modelId":"m"}})");
  CHECK(written(energy_field{field_type::resonance, 0, {}, "m"}).find(R"("coordinates":[],)") != std::string::npos);
}

TEST_CASE("token_stream is written with its text escaped", "[events][token_stream]") {
  token_stream event{{"Hel", "lo \"\n", "\xf0\x9f\x98\x80"}, false, "session-1", "m"};
  CHECK(written(event) == R"({"type":"token_stream","channel":"experience","timestamp":1700000000000,"payload":{)"
                          "\"tokens\":[\"Hel\",\"lo \\\"\\n\",\"\xf0\x9f\x98\x80\"],"
                          R"("isComplete":false,"sessionId":"session-1","modelId":"m"}})");
  event = token_stream{{}, true, "", "m"};
  event.energy_cost = 0.125;
  CHECK(written(event) == R"({"type":"token_stream","channel":"experience","timestamp":1700000000000,"payload":{)"
                          R"("tokens":[],"isComplete":true,"sessionId":"","modelId":"m","energyCost":0.125}})");
}

TEST_CASE("the council's events are written", "[events][interference_event][resonance_event]") {
  CHECK(written(interference_event{pattern_type::constructive, {"a", "b"}, 0.5, 0.25}) ==
        R"({"type":"interference_event","channel":"council","timestamp":1700000000000,"frameNumber":120,"payload":{)"
        R"("patternType":"constructive","models":["a","b"],"intensity":0.5,"coherenceScore":0.25}})");
  resonance_event event{resonance_type::overtone, 440, 1, {"a", "b", "c"}};
  event.phase = 90;
  CHECK(written(event) ==
        R"({"type":"resonance_event","channel":"council","timestamp":1700000000000,"frameNumber":120,"payload":{)"
        R"("resonanceType":"overtone","frequency":440,"amplitude":1,"participants":["a","b","c"],"phase":90}})");
}

TEST_CASE("reward_event is written", "[events][reward_event]") {
  reward_event event{reward_type::level_up, "Level 2", 50};
  CHECK(written(event) == R"({"type":"reward_event","channel":"reward","timestamp":1700000000000,"payload":{)"
                          R"("rewardType":"level_up","title":"Level 2","points":50}})");
  event.description = "Well\tdone.";
  event.level = 2;
  event.energy_bonus = 1.5;
  CHECK(written(event) == R"({"type":"reward_event","channel":"reward","timestamp":1700000000000,"payload":{)"
                          R"("rewardType":"level_up","title":"Level 2","points":50,"description":"Well\tdone.","level":2,)"
                          R"("energyBonus":1.5}})");
}

TEST_CASE("heartbeat is written", "[events][heartbeat]") {
  heartbeat event{5, 1700000000123};
  CHECK(written(event) == R"({"type":"heartbeat","channel":"system","timestamp":1700000000000,"payload":{)"
                          R"("sequence":5,"serverTime":1700000000123}})");
  event.frame_rate = 59.98;
  event.connection_id = "00ff.7";
  CHECK(written(event) == R"({"type":"heartbeat","channel":"system","timestamp":1700000000000,"payload":{)"
                          R"("sequence":5,"serverTime":1700000000123,"frameRate":59.98,"connectionId":"00ff.7"}})");
}

TEST_CASE("error_event is written with its details as they are", "[events][error_event]") {
  CHECK(written(samples::full_error_event()) ==
        R"({"type":"error_event","channel":"system","timestamp":1700000000000,"payload":{"severity":"warning",)"
        R"("code":"FRAME_OVERRUN","message":"a frame took 20.1 ms","component":"decipher","details":{"ms":20.1},)"
        R"("recoverable":true}})");
  CHECK(written(error_event{severity::info, "A", "", component::ui}) ==
        R"({"type":"error_event","channel":"system","timestamp":1700000000000,"payload":{"severity":"info",)"
        R"("code":"A","message":"","component":"ui"}})");
}

TEST_CASE("a short timestamp is right-aligned, a long one clamped", "[events][timestamp]") {
  const heartbeat event{0, 0};
  const auto stamped = [&](std::int64_t ms) {
    return written(event, {ms, 0}).substr(event_traits<heartbeat>::timestamp_offset, timestamp_bytes);
  };
  CHECK(stamped(0) == "            0");
  CHECK(stamped(7) == "            7");
  CHECK(stamped(999999999999) == " 999999999999");
  CHECK(stamped(1700000000000) == "1700000000000");
  CHECK(stamped(9999999999999) == "9999999999999");
  CHECK(stamped(10000000000000) == "9999999999999");
  CHECK(stamped(-1) == "            0");
  CHECK(stamped(INT64_MAX) == "9999999999999");
  CHECK(stamped(INT64_MIN) == "            0");
}

TEST_CASE("stamping later gives the same text as writing with the stamp", "[events][timestamp]") {
  samples::random_events random(3);
  for (int count = 0; count < 500; ++count) {
    std::visit(
        [&](const auto& event) {
          using traits = event_traits<std::decay_t<decltype(event)>>;
          std::string late;
          write(late, event, {0, 9});
          stamp_timestamp(&late[traits::timestamp_offset], 1700000000001);
          std::string early;
          write(early, event, {1700000000001, 9});
          CHECK(late == early);
          CHECK(late.find(traits::has_frame_number ? "\"frameNumber\":9," : "\"timestamp\":1700000000001,\"payload\"") !=
                std::string::npos);
        },
        random.next());
  }
}

TEST_CASE("writing appends", "[events]") {
  std::string out = "before";
  write(out, heartbeat{1, 2}, {3, 0});
  CHECK(out ==
        R"(before{"type":"heartbeat","channel":"system","timestamp":            3,"payload":{"sequence":1,"serverTime":2}})");
}

TEST_CASE("a random event is written as valid JSON, and reads back as that event", "[events][property]") {
  samples::random_events random(2026);
  for (int count = 0; count < test::rounds(5000); ++count) {
    const any_event event = random.next();
    const envelope outer = random.outer();
    std::visit(
        [&](const auto& each) {
          INFO("number " << count);
          REQUIRE_FALSE(check(each));
          std::string text;
          write(text, each, outer);
          using event_kind = std::decay_t<decltype(each)>;
          const nlohmann::json value = nlohmann::json::parse(text);
          const auto bad = check_json(event_traits<event_kind>::type, value);
          INFO((bad ? bad->message() : text));
          REQUIRE_FALSE(bad);
          any_event again;
          envelope head;
          REQUIRE_FALSE(read_event(text, again, head));
          REQUIRE(again.index() == event.index());
          CHECK(head.timestamp == outer.timestamp);
          CHECK(head.frame_number == (event_traits<event_kind>::has_frame_number ? outer.frame_number : 0));
          std::string rewritten;
          write(rewritten, std::get<event_kind>(again), head);
          CHECK(rewritten == text);
        },
        event);
  }
}

}  // namespace write_test
