// An open object keeps its text, or the fault of its text.
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace json_object_test {

using namespace wirthforge;
using nlohmann::json;

TEST_CASE("a json_object is empty at first and takes a JSON value as it is", "[events][json_object]") {
  CHECK(json_object().text() == "{}");
  const json_object made = json{{"cause", "restart"}, {"from", 1}, {"to", nullptr}};
  CHECK(json::parse(made.text()) == json{{"cause", "restart"}, {"from", 1}, {"to", nullptr}});
  CHECK(made.found() == json_object::fault::none);
  CHECK(made == json_object(json{{"to", nullptr}, {"from", 1}, {"cause", "restart"}}));
  CHECK(made != json_object());
  std::optional<json_object> optional;
  optional = json{{"a", 1}};
  CHECK(optional->text() == R"({"a":1})");
  json value = json::object();
  const json_object copied = value;
  CHECK(copied.text() == "{}");
  CHECK(json_object(nlohmann::ordered_json{{"z", 1}, {"a", 2}}).text() == R"({"z":1,"a":2})");
}

TEST_CASE("a json_object made of something else remembers the fault", "[events][json_object]") {
  using fault = json_object::fault;
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(json_object(json::array()).found() == fault::type);
  CHECK(json_object(json(nullptr)).found() == fault::type);
  CHECK(json_object(json("text")).found() == fault::type);
  CHECK(json_object(json(json::value_t::discarded)).found() == fault::type);
  CHECK(json_object(json{{"a", {1, infinity}}}).found() == fault::finite);
  CHECK(json_object(json{{"a", "b\xff"}}).found() == fault::utf8);
  CHECK(json_object(json{{"a\xff", 1}}).found() == fault::utf8);
  CHECK(json_object(json{{"a", "b\xff"}}).text() == "{}");
}

TEST_CASE("a json_object may be 256 levels deep", "[events][json_object]") {
  const auto nested = [](std::size_t levels) {
    json value = json::object();
    for (std::size_t level = 1; level < levels; ++level) {
      json outer = json::object();
      outer["a"] = std::move(value);
      value = std::move(outer);
    }
    return value;
  };
  CHECK(json_object(nested(256)).found() == json_object::fault::none);
  error_event event;
  event.message = "m";
  event.code = "C";
  event.details = json_object(nested(257));
  const auto bad = check(event);
  REQUIRE(bad);
  CHECK(bad->message() == "/payload/details violates representable: nested deeper, limit 256 levels");
  CHECK(json_object(nested(257)).found() == json_object::fault::representable);
  CHECK(json_object(nested(100000)).found() == json_object::fault::representable);
}

TEST_CASE("check reports the fault in details", "[events][json_object]") {
  error_event event{severity::info, "A", "", component::ui};
  event.details = json{{"a", std::numeric_limits<double>::quiet_NaN()}};
  CHECK(check(event)->message() == "/payload/details violates finite: NaN or infinity inside, limit finite numbers");
  event.details = json{{"a", "\xff"}};
  CHECK(check(event)->message() == "/payload/details violates utf8: broken text inside, limit valid UTF-8");
  event.details = json::array({1});
  CHECK(check(event)->message() == "/payload/details violates type: no object, limit object");
}

}  // namespace json_object_test
