// Text that was cut anywhere, and JSON that strict readers refuse: nothing of it is lost.
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace model_text_test {

using namespace wirthforge;

namespace {

std::string mended(const std::vector<std::string>& pieces) {
  model::text_mender mender;
  std::string all;
  for (const std::string& each : pieces) {
    const std::string copy = each;
    const std::string_view got = mender.take(copy);
    CHECK(text::is_utf8(got));
    all += got;
  }
  return all.append(mender.finish());
}
// Whole, byte by byte, and cut at every offset: all the same.
std::string mended_each_way(const std::string& bytes) {
  const std::string whole = mended({bytes});
  std::vector<std::string> single;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    single.emplace_back(1, bytes[cut]);
    INFO("cut at " << cut);
    CHECK(mended({bytes.substr(0, cut), bytes.substr(cut)}) == whole);
  }
  CHECK(mended(single) == whole);
  return whole;
}
std::optional<text::json_view> parse(std::string_view json, std::string& memory, std::error_code* error = nullptr) {
  std::optional<text::json_view> value;
  const std::error_code found = model::read_json(json, memory, value);
  if (error != nullptr) *error = found;
  return value;
}
std::string string_in(std::string_view json) {
  std::string memory, characters;
  const auto value = parse(json, memory);
  REQUIRE(value);
  return std::string(model::string_of(value, characters));
}

const std::string unknown = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace

TEST_CASE("a token that ends inside a character waits for its other half", "[model][utf8]") {
  CHECK(mended({"3,50 \xE2\x82", "\xAC."}) == "3,50 \xE2\x82\xAC.");
  CHECK(mended({"\xF0", "\x9F", "\x94", "\xA5"}) == "\xF0\x9F\x94\xA5");
  CHECK(mended({"a\xE2\x82"}) == "a" + unknown);
  CHECK(mended({"a\xE2\x82", "b"}) == "a" + unknown + "b");
  CHECK(mended_each_way("Gr\xC3\xBC\xC3\x9F \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x8E\x89 \xED\x95\x9C\xED\x9F\xBF") ==
        "Gr\xC3\xBC\xC3\x9F \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x8E\x89 \xED\x95\x9C\xED\x9F\xBF");
  CHECK(mended_each_way("\xC0\xAF\xFF\xE2\x82\x41") == unknown + unknown + unknown + unknown + "A");
}

TEST_CASE("two halves of a surrogate pair become one character, and one alone U+FFFD", "[model][utf8]") {
  const std::string first = "\xED\xA0\xBD", second = "\xED\xB4\xA5";  // U+D83D U+DD25, which are U+1F525
  CHECK(mended_each_way(first + second) == "\xF0\x9F\x94\xA5");
  CHECK(mended_each_way("a" + first + second + "b" + first + second) ==
        "a\xF0\x9F\x94\xA5"
        "b\xF0\x9F\x94\xA5");
  CHECK(mended_each_way(first + "x" + second) == unknown + "x" + unknown);
  CHECK(mended_each_way(first + first + second) == unknown + "\xF0\x9F\x94\xA5");
  CHECK(mended_each_way(second + first) == unknown + unknown);
  CHECK(mended_each_way(first + "\xED\x95\x9C") == unknown + "\xED\x95\x9C");
  CHECK(mended_each_way("\xE2\x82" + first + "\xED").substr(0, 6) == unknown + unknown);
}

TEST_CASE("text of random bytes is valid, and the same however it is cut", "[model][utf8]") {
  std::mt19937 random(18);
  const std::string bytes = "a\xC3\xBC\xE2\x82\xAC\xED\xA0\xB0\xBD\xF0\x9F\x94\xA5\xFF\x80";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (auto count = random() % 10; count > 0; --count) text += bytes[random() % bytes.size()];
    const std::string whole = mended({text});
    const std::size_t cut = text.empty() ? 0 : random() % text.size();
    const std::size_t next = cut + (text.empty() ? 0 : random() % (text.size() - cut));
    INFO(nlohmann::json::binary({text.begin(), text.end()}).dump());
    REQUIRE(mended({text.substr(0, cut), text.substr(cut, next - cut), text.substr(next)}) == whole);
    REQUIRE(text::is_utf8(whole));
    if (text::is_utf8(text)) REQUIRE(whole == text);
  }
}

TEST_CASE("JSON that strict readers refuse is read without losing text", "[model][json]") {
  CHECK(string_in("\"\xE2\x82\"") == "\xE2\x82");
  CHECK(string_in(R"("a\ud83d")") == "a\xED\xA0\xBD");
  CHECK(string_in(R"("\udd25b")") ==
        "\xED\xB4\xA5"
        "b");
  CHECK(string_in(R"("\ud83d\ud83d\udd25\\ud83d")") == "\xED\xA0\xBD\xF0\x9F\x94\xA5\\ud83d");
  CHECK(string_in("\"a\tb\x01\x1f\"") == "a\tb\x01\x1f");
  CHECK(string_in(R"("\u00e9\ud83d\udd25\"\\\/\b\f\n\r\t")") == "\xC3\xA9\xF0\x9F\x94\xA5\"\\/\b\f\n\r\t");
  std::string memory;
  const auto object = parse(R"({"logprob":-Infinity,"p":[NaN,Infinity],"text":"NaN \ud800","n":-1})", memory);
  REQUIRE(object);
  std::string characters;
  CHECK(model::string_of(model::find_member(object, "text"), characters) == "NaN \xED\xA0\x80");
  CHECK(model::find_member(object, "logprob")->own() == "null");
  CHECK(model::find_member(object, "p")->own() == "[null,null]");
}

TEST_CASE("text that is no JSON is refused, and so is deep nesting", "[model][json]") {
  std::string memory;
  std::error_code error;
  for (const char* bad :
       {"", "{", "{\"a\":}", "\"a", "\"\\u12\"", "\"\\x\"", "nonsense", "{}{}", "[1,]", "NaNs", "-", "\"\\"}) {
    INFO(bad);
    CHECK_FALSE(parse(bad, memory, &error));
    CHECK(error == errc::json_malformed);
  }
  const std::string deep(model::max_json_depth, '[');
  const std::string closed(model::max_json_depth, ']');
  CHECK(parse(deep + closed, memory, &error));
  CHECK_FALSE(parse("[" + deep + closed + "]", memory, &error));
  CHECK(error == errc::json_too_deep);
  CHECK_FALSE(parse(std::string(1000000, '['), memory, &error));
  CHECK(error == errc::json_too_deep);
}

TEST_CASE("members are found in one pass, the last one of a name, and counts are whole numbers", "[model][json]") {
  std::string memory;
  const auto object = parse(R"({"a":1,"b":"x","a":2.5,"c":-1,"d":1e300,"e":"7","f":true,"\u0067":3})", memory);
  const auto found = model::find_members<7>(*object, {"a", "b", "c", "d", "e", "f", "g"});
  CHECK(model::number_of(found[0]) == 2.5);
  CHECK(model::count_of(found[0]) == 2U);
  CHECK_FALSE(model::count_of(found[1]));
  CHECK_FALSE(model::count_of(found[2]));
  CHECK(model::count_of(found[3]) == 9000000000000000000U);
  CHECK_FALSE(model::count_of(found[4]));
  CHECK(model::is_true(found[5]));
  CHECK(model::count_of(found[6]) == 3U);
  CHECK_FALSE(model::find_member(object, "z"));
  CHECK_FALSE(model::find_member(model::find_member(object, "b"), "a"));
}

TEST_CASE("the first bytes tell JSON, events and text apart", "[model][first]") {
  using form = model::stream_form;
  for (const char* each : {"{\"model\":", "\xEF\xBB\xBF {\"a\"", "\r\n\t{ \n \"a\"", "{}"})
    CHECK(model::form_of(each) == form::json);
  for (const char* each :
       {"data: {", "data:[DONE]", "event: x", ": keep-alive", ":\n", ":\r\n", "error: {", "id: 1", "retry: 5",
        "\xEF\xBB\xBF"
        "data: {"}) {
    INFO(each);
    CHECK(model::form_of(each) == form::events);
  }
  for (const char* each : {"Hello", "<html>", "[1", "{ not json", "data: 5 apples", "error: no such file", ":-)", "dat ",
                           "\xEF\xBB\xBFhi", "\xE4\xBD\xA0"}) {
    INFO(each);
    CHECK(model::form_of(each) == form::text);
  }
  for (const char* each : {"", " \n", "\xEF", "\xEF\xBB", "\xEF\xBB\xBF", "d", "data", "data:", "data: ", "{", "{ \n", ":",
                           "err", "error: ", "e"}) {
    INFO(each);
    CHECK(model::form_of(each) == form::undecided);
  }
}

}  // namespace model_text_test
