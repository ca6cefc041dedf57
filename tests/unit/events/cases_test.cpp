// Replays schemas/cases/: every verdict, pointer and rule as the case says; valid instances are read, written and parsed
// again.
#include <cstddef>
#include <fstream>
#include <string>
#include <variant>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace cases_test {

using namespace wirthforge;
using nlohmann::json;

namespace {

json cases_of(const std::string& name) {
  const std::string path = std::string(WIRTHFORGE_SOURCE_DIR) + "/schemas/cases/" + name + ".json";
  std::ifstream file(path);
  INFO(path);
  REQUIRE(file);
  return json::parse(file).at("cases");
}

void must_agree(const json& one, const std::optional<violation>& bad) {
  INFO(one.at("name") << ": " << (bad ? bad->message() : "valid"));
  REQUIRE(one.at("valid") == !bad.has_value());
  if (!bad) return;
  CHECK(bad->pointer == one.at("pointer"));
  CHECK(bad->rule == one.at("rule"));
  CHECK_FALSE(bad->value.empty());
  CHECK_FALSE(bad->limit.empty());
}

}  // namespace

TEST_CASE("every case of every event gets the verdict that it names", "[events][cases]") {
  std::size_t replayed = 0;
  for (std::size_t index = 0; index < std::variant_size_v<any_event>; ++index) {
    const auto type = static_cast<event_type>(index);
    for (const json& one : cases_of(std::string(to_string(type)))) {
      must_agree(one, check_json(type, one.at("instance")));
      ++replayed;
    }
  }
  CHECK(replayed > 500);
}

TEST_CASE("the check of JSON text agrees with the check of JSON values on every case", "[events][cases]") {
  for (std::size_t index = 0; index < std::variant_size_v<any_event>; ++index) {
    for (const json& one : cases_of(std::string(to_string(static_cast<event_type>(index))))) {
      INFO(one.at("name"));
      const std::string text = one.at("instance").dump();
      const bool expected = one.at("valid");
      CHECK(detail::conforms(*detail::schema_tables::events[index], text::json_view(text)) == expected);
    }
  }
}

TEST_CASE("every valid case is the same after it was read and written", "[events][cases]") {
  for (std::size_t index = 0; index < std::variant_size_v<any_event>; ++index) {
    for (const json& one : cases_of(std::string(to_string(static_cast<event_type>(index))))) {
      if (!one.at("valid")) continue;
      INFO(one.at("name"));
      any_event event;
      envelope outer;
      REQUIRE_FALSE(read_event(one.at("instance").dump(), event, outer));
      REQUIRE(event.index() == index);
      std::string text;
      std::visit(
          [&](const auto& each) {
            CHECK_FALSE(check(each));
            write(text, each, outer);
          },
          event);
      json expected = one.at("instance");
      if (expected["timestamp"] > 9999999999999) expected["timestamp"] = 9999999999999;  // its field has 13 characters
      CHECK(json::parse(text) == expected);
    }
  }
}

TEST_CASE("every case of every client message gets the verdict that it names", "[events][cases][control]") {
  for (std::size_t index = 0; index < std::variant_size_v<control_message>; ++index) {
    const std::string name(detail::control_message_texts[index]);
    for (const json& one : cases_of("client/" + name)) {
      must_agree(one, detail::json_judge().judge(*detail::schema_tables::controls[index], one.at("instance")));
      control_message message;
      const std::error_code error = read_control(one.at("instance").dump(), message);
      INFO(one.at("name"));
      CHECK(one.at("valid") == !error);
      if (!error) CHECK(message.index() == index);
      if (error != errc::control_message_malformed) continue;
      const violation found = find_control_fault(one.at("instance").dump());
      CHECK(found.pointer == one.at("pointer"));
      CHECK(found.rule == one.at("rule"));
    }
  }
}

}  // namespace cases_test
