// The enums, the traits and the schemas' texts.
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace schemas_test {

using namespace wirthforge;
using nlohmann::json;

TEST_CASE("events are numbered in the order of the protocol", "[events][traits]") {
  const char* const names[] = {"startup_complete", "energy_update", "energy_field", "token_stream", "interference_event",
                               "resonance_event",  "reward_event",  "heartbeat",    "error_event"};
  const char* const channels[] = {"system",  "energy", "energy", "experience", "council",
                                  "council", "reward", "system", "system"};
  CHECK(std::variant_size_v<any_event> == 9);
  for (std::size_t index = 0; index < 9; ++index) {
    const auto type = static_cast<event_type>(index);
    CHECK(to_string(type) == names[index]);
    event_type back{};
    CHECK(from_string(names[index], back));
    CHECK(back == type);
    CHECK(json::parse(schema_text(names[index])).at("properties").at("channel").at("const") == channels[index]);
  }
  CHECK_FALSE(is_known(static_cast<event_type>(9)));
  CHECK(to_string(static_cast<event_type>(9)).empty());
}

TEST_CASE("traits agree with the schema", "[events][traits]") {
  CHECK(event_traits<energy_update>::type == event_type::energy_update);
  CHECK(event_traits<energy_update>::channel_ == channel::energy);
  CHECK(event_traits<energy_update>::name == "energy_update");
  CHECK(event_traits<energy_update>::has_frame_number);
  CHECK(event_traits<energy_field>::has_frame_number);
  CHECK(event_traits<interference_event>::has_frame_number);
  CHECK(event_traits<resonance_event>::has_frame_number);
  CHECK_FALSE(event_traits<startup_complete>::has_frame_number);
  CHECK_FALSE(event_traits<token_stream>::has_frame_number);
  CHECK_FALSE(event_traits<reward_event>::has_frame_number);
  CHECK_FALSE(event_traits<heartbeat>::has_frame_number);
  CHECK_FALSE(event_traits<error_event>::has_frame_number);
  CHECK(event_traits<error_event>::schema() == schema_text("error_event"));
}

TEST_CASE("enums and their texts are one to one", "[events][enums]") {
  CHECK(to_string(tier::low) == "Low-Tier");
  CHECK(to_string(tier::mid) == "Mid-Tier");
  CHECK(to_string(tier::high) == "High-Tier");
  CHECK(to_string(reward_type::level_up) == "level_up");
  CHECK(to_string(channel::system) == "system");
  tier value = tier::high;
  CHECK_FALSE(from_string("mid", value));
  CHECK_FALSE(from_string("", value));
  CHECK(value == tier::high);
  CHECK(from_string("Low-Tier", value));
  CHECK(value == tier::low);
}

TEST_CASE("a schema's text can be used alone", "[events][schemas]") {
  for (const detail::named_schema& each : detail::all_schemas) {
    INFO(each.name);
    CHECK(schema_text(each.name) == each.text);
    CHECK(each.text.find("$ref") == std::string_view::npos);
    const json schema = json::parse(each.text);
    CHECK(schema.at("$schema") == "http://json-schema.org/draft-07/schema#");
    CHECK(schema.at("title") == each.name);
  }
  CHECK(schema_text("subscribe").size() > 0);
  CHECK(schema_text("").empty());
  CHECK(schema_text("energy").empty());
  CHECK(schema_text("definitions").empty());
}

TEST_CASE("startup_complete can be made in place with its first members", "[events][startup_complete]") {
  const auto ready = [](const startup_complete& event) { return event; };
  const startup_complete event = ready({"llama3_2-3b", wirthforge::tier::mid, "1.0.0"});
  CHECK(event.model == "llama3_2-3b");
  CHECK_FALSE(event.capabilities);
}

}  // namespace schemas_test
