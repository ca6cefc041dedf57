// The fast checks: each limit, and one past it. Limits are those of docs/protocol.md.
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "samples.hpp"
#include "wirthforge_ws.hpp"

namespace check_test {

using namespace wirthforge;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::string broken_utf8 = "a\xc3";
const std::string emoji = "\xf0\x9f\x98\x80";

std::string times(const std::string& text, int count) {
  std::string made;
  for (; count > 0; --count) made += text;
  return made;
}

// `pointer rule`, or nothing.
template <class Event>
std::string found(const Event& event) {
  const auto bad = check(event);
  return bad ? bad->pointer + " " + bad->rule : "";
}

// Sets a member, asks, and sets it back.
template <class Event, class Member, class Value>
std::string with(Event& event, Member Event::*member, Value value) {
  const Member before = event.*member;
  event.*member = value;
  const std::string result = found(event);
  event.*member = before;
  return result;
}

void check_id(const std::function<std::string(std::string)>& with_id, const std::string& pointer) {
  for (const char* good : {"a", "_", "-", "aZ09_-", "llama3_2-3b"}) CHECK(with_id(good).empty());
  for (const char* bad : {"", "llama3.2:3b", "a b", "a\n", "\n", "mod\xc3\xa8le"}) CHECK(with_id(bad) == pointer + " pattern");
  CHECK(with_id(std::string("a\0", 2)) == pointer + " pattern");
  CHECK(with_id(broken_utf8) == pointer + " utf8");
}

void check_number(const std::function<std::string(double)>& with_number, const std::string& pointer, double low, double high) {
  CHECK(with_number(not_a_number) == pointer + " finite");
  CHECK(with_number(infinity) == pointer + " finite");
  CHECK(with_number(-infinity) == pointer + " finite");
  CHECK(with_number(low).empty());
  CHECK(with_number(high).empty());
  if (std::isfinite(std::nextafter(low, -infinity))) CHECK(with_number(std::nextafter(low, -infinity)) == pointer + " minimum");
  if (std::isfinite(std::nextafter(high, infinity))) CHECK(with_number(std::nextafter(high, infinity)) == pointer + " maximum");
}
constexpr double most = std::numeric_limits<double>::max();

}  // namespace

TEST_CASE("startup_complete keeps its rules", "[events][check]") {
  startup_complete event{"m", tier::mid, "1.0.0"};
  CHECK(found(event).empty());
  check_id([&](std::string id) { return with(event, &startup_complete::model, id); }, "/payload/model");
  CHECK(with(event, &startup_complete::tier, static_cast<tier>(3)) == "/payload/tier enum");
  CHECK(with(event, &startup_complete::tier, static_cast<tier>(-1)) == "/payload/tier enum");
  for (const char* good : {"0.0.0", "12.345.6789", "00.1.02"}) CHECK(with(event, &startup_complete::version, good).empty());
  for (const char* bad : {"", "1", "1.0", "1.0.", "1..0", ".1.0", "1.0.0.0", "v1.0.0", "1.0.0-rc", "1.0.0\n", "\xd9\xa1.0.0"}) {
    CHECK(with(event, &startup_complete::version, bad) == "/payload/version pattern");
  }
  event.capabilities = {capability::council, static_cast<capability>(4)};
  CHECK(found(event) == "/payload/capabilities/1 enum");
}

TEST_CASE("energy_update keeps its rules", "[events][check]") {
  energy_update event = samples::full_energy_update();
  CHECK(found(event).empty());
  check_number([&](double v) { return with(event, &energy_update::total_energy, v); }, "/payload/totalEnergy", 0, most);
  check_number([&](double v) { return with(event, &energy_update::delta_energy, v); }, "/payload/deltaEnergy", -most, most);
  CHECK(with(event, &energy_update::tokens_generated, 0).empty());
  CHECK(with(event, &energy_update::tokens_generated, INT64_MAX).empty());
  CHECK(with(event, &energy_update::tokens_generated, -1) == "/payload/tokensGenerated minimum");
  check_number([&](double v) { return with(event, &energy_update::processing_time, v); }, "/payload/processingTime", 0, 16.67);
  CHECK(with(event, &energy_update::processing_time, -0.0).empty());
  check_id([&](std::string id) { return with(event, &energy_update::model_id, id); }, "/payload/modelId");
  for (auto member : {&energy_distribution::generation, &energy_distribution::attention, &energy_distribution::reasoning}) {
    const char* name = member == &energy_distribution::generation  ? "generation"
                       : member == &energy_distribution::attention ? "attention"
                                                                   : "reasoning";
    check_number(
        [&](double v) {
          energy_distribution made;
          made.*member = v;
          return with(event, &energy_update::energy_distribution, made);
        },
        std::string("/payload/energyDistribution/") + name, 0, most);
  }
  CHECK(with(event, &energy_update::energy_distribution, std::nullopt).empty());
}

TEST_CASE("energy_field keeps its rules", "[events][check]") {
  energy_field event{field_type::stream, 0.5, {{0, 0, 0}, {1, 1, 1}}, "m"};
  CHECK(found(event).empty());
  CHECK(with(event, &energy_field::field_type, static_cast<field_type>(4)) == "/payload/fieldType enum");
  check_number([&](double v) { return with(event, &energy_field::intensity, v); }, "/payload/intensity", 0, 1);
  const auto point = [&](field_point made) {
    return with(event, &energy_field::coordinates, std::vector<field_point>{{0, 0, 0}, made});
  };
  check_number([&](double v) { return point({v, 0, 0}); }, "/payload/coordinates/1/x", -most, most);
  check_number([&](double v) { return point({0, v, 0}); }, "/payload/coordinates/1/y", -most, most);
  check_number([&](double v) { return point({0, 0, v}); }, "/payload/coordinates/1/energy", 0, most);
  check_id([&](std::string id) { return with(event, &energy_field::model_id, id); }, "/payload/modelId");
  CHECK(with(event, &energy_field::coordinates, std::vector<field_point>()).empty());
}

TEST_CASE("token_stream keeps its rules", "[events][check]") {
  token_stream event{{"a", "b"}, false, "s", "m"};
  CHECK(found(event).empty());
  CHECK(with(event, &token_stream::tokens, std::vector<std::string>()).empty());
  CHECK(with(event, &token_stream::tokens, std::vector<std::string>{"", emoji, std::string(1, '\0')}).empty());
  CHECK(with(event, &token_stream::tokens, std::vector<std::string>{"a", broken_utf8}) == "/payload/tokens/1 utf8");
  CHECK(with(event, &token_stream::tokens, std::vector<std::string>{"\xed\xa0\x80"}) == "/payload/tokens/0 utf8");
  CHECK(with(event, &token_stream::session_id, "").empty());
  CHECK(with(event, &token_stream::session_id, broken_utf8) == "/payload/sessionId utf8");
  check_id([&](std::string id) { return with(event, &token_stream::model_id, id); }, "/payload/modelId");
  check_number([&](double v) { return with(event, &token_stream::energy_cost, v); }, "/payload/energyCost", 0, most);
}

TEST_CASE("interference_event keeps its rules", "[events][check]") {
  interference_event event{pattern_type::neutral, {"a", "b"}, 0.5, 0.5};
  CHECK(found(event).empty());
  CHECK(with(event, &interference_event::pattern_type, static_cast<pattern_type>(3)) == "/payload/patternType enum");
  CHECK(with(event, &interference_event::models, std::vector<std::string>()) == "/payload/models minItems");
  CHECK(with(event, &interference_event::models, std::vector<std::string>{"a"}) == "/payload/models minItems");
  CHECK(with(event, &interference_event::models, std::vector<std::string>{"a", "a", "a"}).empty());
  check_id(
      [&](std::string id) {
        return with(event, &interference_event::models, std::vector<std::string>{"a", id});
      },
      "/payload/models/1");
  check_number([&](double v) { return with(event, &interference_event::intensity, v); }, "/payload/intensity", 0, 1);
  check_number([&](double v) { return with(event, &interference_event::coherence_score, v); }, "/payload/coherenceScore", 0, 1);
}

TEST_CASE("resonance_event keeps its rules", "[events][check]") {
  resonance_event event{resonance_type::harmonic, 440, 0.5, {"a", "b"}};
  CHECK(found(event).empty());
  CHECK(with(event, &resonance_event::resonance_type, static_cast<resonance_type>(3)) == "/payload/resonanceType enum");
  check_number([&](double v) { return with(event, &resonance_event::frequency, v); }, "/payload/frequency", 0, most);
  check_number([&](double v) { return with(event, &resonance_event::amplitude, v); }, "/payload/amplitude", 0, 1);
  CHECK(with(event, &resonance_event::participants, std::vector<std::string>{"a"}) == "/payload/participants minItems");
  check_id(
      [&](std::string id) {
        return with(event, &resonance_event::participants, std::vector<std::string>{id, "b"});
      },
      "/payload/participants/0");
  check_number([&](double v) { return with(event, &resonance_event::phase, v); }, "/payload/phase", 0, 360);
}

TEST_CASE("reward_event keeps its rules, and counts characters, not bytes", "[events][check]") {
  reward_event event{reward_type::feedback, "t", 1};
  CHECK(found(event).empty());
  CHECK(with(event, &reward_event::reward_type, static_cast<reward_type>(4)) == "/payload/rewardType enum");
  CHECK(with(event, &reward_event::title, "").empty());
  CHECK(with(event, &reward_event::title, times("x", 100)).empty());
  CHECK(with(event, &reward_event::title, times("x", 101)) == "/payload/title maxLength");
  CHECK(with(event, &reward_event::title, times(emoji, 100)).empty());
  CHECK(with(event, &reward_event::title, times(emoji, 101)) == "/payload/title maxLength");
  CHECK(with(event, &reward_event::title, times("x", 100) + "\xc3") == "/payload/title utf8");
  CHECK(with(event, &reward_event::points, 0).empty());
  CHECK(with(event, &reward_event::points, -1) == "/payload/points minimum");
  CHECK(with(event, &reward_event::description, times(emoji, 500)).empty());
  CHECK(with(event, &reward_event::description, times(emoji, 501)) == "/payload/description maxLength");
  CHECK(with(event, &reward_event::description, broken_utf8) == "/payload/description utf8");
  CHECK(with(event, &reward_event::level, 1).empty());
  CHECK(with(event, &reward_event::level, 5).empty());
  CHECK(with(event, &reward_event::level, 0) == "/payload/level minimum");
  CHECK(with(event, &reward_event::level, 6) == "/payload/level maximum");
  check_number([&](double v) { return with(event, &reward_event::energy_bonus, v); }, "/payload/energyBonus", 0, most);
}

TEST_CASE("heartbeat keeps its rules", "[events][check]") {
  heartbeat event{0, 0};
  CHECK(found(event).empty());
  CHECK(with(event, &heartbeat::sequence, -1) == "/payload/sequence minimum");
  CHECK(with(event, &heartbeat::server_time, -1) == "/payload/serverTime minimum");
  check_number([&](double v) { return with(event, &heartbeat::frame_rate, v); }, "/payload/frameRate", 0, most);
  CHECK(with(event, &heartbeat::connection_id, "").empty());
  CHECK(with(event, &heartbeat::connection_id, broken_utf8) == "/payload/connectionId utf8");
}

TEST_CASE("error_event keeps its rules", "[events][check]") {
  error_event event = samples::full_error_event();
  CHECK(found(event).empty());
  CHECK(with(event, &error_event::severity, static_cast<severity>(4)) == "/payload/severity enum");
  CHECK(with(event, &error_event::component, static_cast<component>(5)) == "/payload/component enum");
  for (const char* good : {"A", "_", "0", "RESUME_GAP"}) CHECK(with(event, &error_event::code, good).empty());
  for (const char* bad : {"", "a", "A-B", "A B", "A\n", "\xc3\x84"})
    CHECK(with(event, &error_event::code, bad) == "/payload/code pattern");
  CHECK(with(event, &error_event::message, times(emoji, 1000)).empty());
  CHECK(with(event, &error_event::message, times(emoji, 1001)) == "/payload/message maxLength");
  CHECK(with(event, &error_event::message, broken_utf8) == "/payload/message utf8");
  CHECK(with(event, &error_event::details, json_object()).empty());
  CHECK(with(event, &error_event::details, json_object(nlohmann::json::array())) == "/payload/details type");
}

TEST_CASE("an event with default members is not valid where an id is required", "[events][check]") {
  CHECK(found(startup_complete{}) == "/payload/model pattern");
  CHECK(found(energy_update{}) == "/payload/modelId pattern");
  CHECK(found(interference_event{}) == "/payload/models minItems");
  CHECK(found(error_event{}) == "/payload/code pattern");
  CHECK(found(heartbeat{}).empty());
}

TEST_CASE("a violation names the place, the rule, the value and the permitted values", "[events][violation]") {
  energy_update update = samples::full_energy_update();
  update.processing_time = 20.5;
  CHECK(check(update)->message() == "/payload/processingTime violates maximum: 20.5, limit 16.67");
  update.processing_time = not_a_number;
  CHECK(check(update)->message() == "/payload/processingTime violates finite: NaN, limit a finite number");
  update.processing_time = 1;
  update.model_id = "llama3.2:3b";
  CHECK(check(update)->message() == "/payload/modelId violates pattern: \"llama3.2:3b\", limit ^[a-zA-Z0-9_-]+$");
  update.model_id = std::string(1000, '.');
  CHECK(check(update)->value == "\"" + std::string(40, '.') + "...\" (1000 bytes)");
  update.model_id = "a\x1b[2J";
  CHECK(check(update)->value == "\"a?[2J\"");
  startup_complete startup{"m", static_cast<tier>(7), "1.0.0"};
  CHECK(check(startup)->message() == "/payload/tier violates enum: enumerator 7, limit Low-Tier, Mid-Tier, High-Tier");
  reward_event reward{reward_type::feedback, "t", -5};
  CHECK(check(reward)->message() == "/payload/points violates minimum: -5, limit 0");
}

TEST_CASE("a violation never quotes free text", "[events][violation]") {
  const std::string secret = "my secret prompt";
  const auto silent = [&](const auto& event) {
    const auto bad = check(event);
    REQUIRE(bad);
    CHECK(bad->message().find("secret") == std::string::npos);
    return bad->message();
  };
  CHECK(silent(token_stream{{secret + "\xff"}, false, "s", "m"}) ==
        "/payload/tokens/0 violates utf8: 17 bytes, limit valid UTF-8");
  CHECK(silent(token_stream{{}, false, secret + "\xff", "m"}) ==
        "/payload/sessionId violates utf8: 17 bytes, limit valid UTF-8");
  CHECK(silent(reward_event{reward_type::feedback, times(secret, 10), 0}) ==
        "/payload/title violates maxLength: 160 characters, limit 100");
  CHECK(silent(error_event{severity::info, "A", times(secret, 100), component::ui}) ==
        "/payload/message violates maxLength: 1600 characters, limit 1000");
}

}  // namespace check_test
