// An open object keeps what it is given, or what is wrong with it.
#include <cmath>
#include <cstdint>
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

TEST_CASE("details are made member by member without a JSON library", "[events][json_object]") {
  json_object made;
  made.add("path", std::string("a \"b\"\n"))
      .add("view", std::string_view("v"))
      .add("literal", "l")
      .add("bytes", 42)
      .add("below", -7LL);
  made.add("most", std::numeric_limits<std::uint64_t>::max()).add("share", 0.25).add("is_so", true).add("is_not", false);
  REQUIRE(made.found() == json_object::fault::none);
  CHECK(json::parse(made.text()) == json{{"path", "a \"b\"\n"},
                                         {"view", "v"},
                                         {"literal", "l"},
                                         {"bytes", 42},
                                         {"below", -7},
                                         {"most", std::numeric_limits<std::uint64_t>::max()},
                                         {"share", 0.25},
                                         {"is_so", true},
                                         {"is_not", false}});
  json_object grown = json{{"from", json{{"a", 1}}}};
  CHECK(json::parse(grown.add("to", 2).text()) == json{{"from", {{"a", 1}}}, {"to", 2}});
  CHECK(json::parse(json_object::of_valid_text(" { } ").add("a", 1).text()) == json{{"a", 1}});
}

TEST_CASE("a member that cannot be written is reported, and stays so", "[events][json_object]") {
  json_object made;
  made.add("good", 1).add("bad", std::nan("")).add("more", 2);
  CHECK(made.found() == json_object::fault::finite);
  CHECK(made.text() == "{}");
  CHECK(made.add("text", "\xff").found() == json_object::fault::finite);  // the first one
  CHECK(json_object().add("text", "\xff").found() == json_object::fault::utf8);
  CHECK(json_object().add("\xff", 1).found() == json_object::fault::utf8);
  CHECK(json_object().add("text", mended("\xff")).text() == "{\"text\":\"\xEF\xBF\xBD\"}");
}

TEST_CASE("a message of a model's with broken UTF-8 is refused as it is, and published when it was mended",
          "[events][mended]") {
  error_event event;
  event.code = "MODEL_SAID";
  event.message = "half a character: \xf0\x9f";
  REQUIRE(check(event));
  event.message = mended(event.message);
  CHECK_FALSE(check(event));
  CHECK(event.message == "half a character: \xEF\xBF\xBD");
  event.message = std::string(5000, 'x') + "\xff";
  REQUIRE(check(event));
  event.message = mended(event.message);
  CHECK_FALSE(check(event));
  CHECK(event.message == std::string(999, 'x') + "\xE2\x80\xA6");
  CHECK(mended("\xC3\xA4\xC3\xB6\xC3\xBC", 3) == "\xC3\xA4\xC3\xB6\xC3\xBC");
  CHECK(mended("abcd", 3) == "ab\xE2\x80\xA6");
  CHECK(mended("abcd", 1) == "\xE2\x80\xA6");
  CHECK(mended("abcd", 0).empty());
  CHECK(mended("").empty());
}

}  // namespace json_object_test
