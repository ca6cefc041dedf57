// The JSON reader that builds nothing, against the one that does.
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace json_view_test {

using namespace wirthforge;
using nlohmann::json;
using text::json_view;

namespace {

void must_agree(const std::string& text) {
  json value;
  const bool expected = detail::parse_json(text, value);
  INFO(text);
  REQUIRE(text::is_json(text) == expected);
}

// Rebuilds through the views what nlohmann/json has parsed.
json rebuilt(const json_view& view) {
  if (view.is_object()) {
    json result = json::object();
    view.each_member([&](const json_view& name, const json_view& value) { result[name.as_string()] = rebuilt(value); });
    return result;
  }
  if (view.is_array()) {
    json result = json::array();
    view.all_elements([&](const json_view& each) {
      result.push_back(rebuilt(each));
      return true;
    });
    return result;
  }
  if (view.is_string()) return view.as_string();
  if (view.is_number()) return view.as_number();
  if (view.is_boolean()) return view.as_boolean();
  return nullptr;
}

}  // namespace

TEST_CASE("is_json has the verdict of RFC 8259 on each form", "[text][json]") {
  // clang-format off
  for (const char* good : {"0", "-0", "10", "-1.5", "1e3", "1E+3", "1e-3", "0.0e0", "1.7976931348623157e308", "1e-400", "true",
                           "false", "null", "\"\"", "\"a\"", "[]", "{}", "[1,2]", "[[],{}]", " { \"a\" : [ 1 , null ] }\r\n\t",
                           R"({"a":{"b":[{"c":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}]}})", R"({"":0,"":1})"}) {
    // clang-format on
    INFO(good);
    CHECK(text::is_json(good));
    must_agree(good);
  }
  // clang-format off
  for (const char* bad : {"", " ", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1e400", "-1e400", "tru",
                          "truee", "nul", "\"", "\"a", "\"\\\"", "\"\t\"", R"("\x")", R"("\u12")", R"("\u12g4")", R"("\ud800")",
                          R"("\ud800x")", R"("\ud800\u0041")", R"("\udc00")", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}",
                          "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "[}", "{]", "[]]",
                          "{}{}", "1 1", "\xEF\xBB\xBF{}", "\"\xFF\"", "// c", "[1]//", "'a'"}) {
    // clang-format on
    INFO(bad);
    CHECK_FALSE(text::is_json(bad));
    must_agree(bad);
  }
  must_agree(std::string("{}\0", 3));
  must_agree(std::string("\"a\0\"", 4));
  CHECK_FALSE(text::is_json(std::string(400, '9')));  // beyond a double
  must_agree(std::string(400, '9'));
  must_agree(std::string(300, '9'));
}

TEST_CASE("a text that is nested a million deep is judged without recursion", "[text][json]") {
  const std::string deep(1 << 20, '[');
  CHECK_FALSE(text::is_json(deep));
  CHECK(text::is_json(deep + std::string(deep.size(), ']')));
  CHECK_FALSE(text::is_json(deep + std::string(deep.size(), '}')));
  std::string objects = "0";
  for (int n = 0; n < 1000; ++n) objects = "{\"a\":" + objects + "}";
  CHECK(text::is_json(objects));
  CHECK(json_view("[" + deep + "0" + std::string(deep.size(), ']') + "]").is_array());
}

TEST_CASE("views agree with nlohmann/json on randomly damaged text", "[text][json]") {
  const std::vector<std::string> seeds{
      R"({"type":"subscribe","payload":{"channels":["energy","reward"]}})",
      R"({"type":"heartbeat_response","timestamp":17.5,"payload":{"sequence":5,"paint":-3.2e1,"more":[true,false,null]}})",
      R"([{"a\u00e9\ud83d\ude00\n":"\"\\"},[[]],{},"x\/y",0.1,1e3, -0 ])"};
  const std::string alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn d8\x01\xC3\xA9";
  std::mt19937 random(11);
  std::size_t valid = 0;
  constexpr int rounds = test::rounds(60'000);
  for (int round = 0; round < rounds; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char with = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0: text[at] = with; break;
        case 1: text.insert(at, 1, with); break;
        default: text.erase(at, 1); break;
      }
      if (text.empty()) text = "0";
    }
    json value;
    const bool expected = detail::parse_json(text, value);
    INFO(text);
    REQUIRE(text::is_json(text) == expected);
    if (!expected) continue;
    ++valid;
    REQUIRE(rebuilt(json_view(text)) == value);
  }
  CHECK(valid > std::size_t{rounds} / 12);
}

TEST_CASE("a member is found under its name, however that is escaped, and the last of several", "[text][json]") {
  const std::string text = R"({"a":1,"\u0062":[2],"a" : {"c":3} })";
  json_view found{text};
  REQUIRE(json_view(text).find("b", found));
  CHECK(found.own() == "[2]");
  REQUIRE(json_view(text).find("a", found));
  CHECK(found.own() == R"({"c":3})");
  CHECK_FALSE(json_view(text).find("c", found));
}

}  // namespace json_view_test
