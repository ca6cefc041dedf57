// Comma-separated lists of header fields, as RFC 9110 section 5.6.1 has them.
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace list_test {

namespace text = wirthforge::text;

namespace {

using elements = std::vector<std::string>;

struct reading {
  elements found;
  bool is_list = true;
};
reading read(const elements& lines) {
  reading result;
  text::list_reader list;
  for (const std::string& line : lines) {
    result.is_list = result.is_list && list.read(line, [&](std::string_view each) { result.found.emplace_back(each); });
  }
  return result;
}
elements elements_of(std::string_view line) {
  const reading result = read({std::string(line)});
  CHECK(result.is_list);
  return result.found;
}

}  // namespace

TEST_CASE("a list is split at its commas, without the spaces around its elements", "[text][list]") {
  CHECK(elements_of("a") == elements{"a"});
  CHECK(elements_of("a, b ,\tc") == elements{"a", "b", "c"});
  CHECK(elements_of(" a b ") == elements{"a b"});
  CHECK(read({"a", "b, c"}).found == elements{"a", "b", "c"});
}

TEST_CASE("empty elements are ignored, as in the examples of the RFC", "[text][list][5.6.1.2]") {
  CHECK(elements_of("foo,bar") == elements{"foo", "bar"});
  CHECK(elements_of("foo ,bar,") == elements{"foo", "bar"});
  CHECK(elements_of("foo , ,bar,charlie") == elements{"foo", "bar", "charlie"});
  for (const char* none : {"", ",", ",   ,", " ", ",\t,,"}) CHECK(elements_of(none).empty());
  CHECK(read({"", "a", ""}).found == elements{"a"});
}

TEST_CASE("a list has 32 empty elements at the most, counted over all its lines", "[text][list][5.6.1.2]") {
  CHECK(read({std::string(31, ',')}).is_list);
  CHECK_FALSE(read({std::string(32, ',')}).is_list);
  CHECK(read({"a" + std::string(32, ',')}).is_list);
  CHECK_FALSE(read({"a" + std::string(33, ',')}).is_list);
  CHECK(read(elements(32, "")).is_list);
  CHECK_FALSE(read(elements(33, "")).is_list);
  CHECK(read({std::string(16, ',') + "a", std::string(16, ',') + "b"}).is_list);
  CHECK_FALSE(read({std::string(16, ',') + "a", std::string(17, ',') + "b"}).is_list);
  CHECK(read(elements(500, "a,b")).found.size() == 1000);
}

TEST_CASE("a comma inside a quoted string separates nothing", "[text][list][5.6.4]") {
  CHECK(elements_of(R"(a;b="c, websocket, d", e)") == elements{R"(a;b="c, websocket, d")", "e"});
  CHECK(elements_of(R"("a\",b",c)") == elements{R"("a\",b")", "c"});
  CHECK(elements_of(R"("\\",c)") == elements{R"("\\")", "c"});
  CHECK(elements_of(R"(a\,b)") == elements{R"(a\)", "b"});
  for (const char* endless : {R"(")", R"(a, "b, c)", R"("a\")", R"("a\)", R"("a"")"}) CHECK_FALSE(read({endless}).is_list);
}

TEST_CASE("random lists without quotes read the same as a plain split", "[text][list]") {
  std::mt19937 random(9110);
  for (int round = 0; round < 2000; ++round) {
    std::string line(random() % 12, ' ');
    for (char& each : line) each = "ab, \t"[random() % 5];
    elements expected;
    std::string element;
    for (const char each : line + ",") {
      if (each != ',') {
        element += each;
        continue;
      }
      const std::size_t first = element.find_first_not_of(" \t");
      if (first != std::string::npos) expected.push_back(element.substr(first, element.find_last_not_of(" \t") + 1 - first));
      element.clear();
    }
    if (elements_of(line) != expected) FAIL_CHECK("'" << line << "'");
  }
}

}  // namespace list_test
