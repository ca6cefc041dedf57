// Repair of text that is no UTF-8: an unfinished character waits, and every other invalid part is replaced by U+FFFD.
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace utf8_repair_test {

namespace {

namespace text = wirthforge::text;
using namespace std::string_literals;

std::string repaired(std::string_view bytes) {
  std::string out;
  text::append_repaired(out, bytes);
  return out;
}
const std::string replacement = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("an incomplete tail is the valid beginning of a character, and nothing else", "[text][utf8]") {
  CHECK(text::incomplete_tail("") == 0);
  CHECK(text::incomplete_tail("abc") == 0);
  for (const std::string& character : {"\xC3\xA4"s, "\xE2\x82\xAC"s, "\xF0\x9F\x98\x80"s}) {
    for (std::size_t size = 1; size < character.size(); ++size) {
      CHECK(text::incomplete_tail(character.substr(0, size)) == size);
      CHECK(text::incomplete_tail("abc" + character.substr(0, size)) == size);
      CHECK(text::incomplete_tail(character + character.substr(0, size)) == size);
    }
    CHECK(text::incomplete_tail(character) == 0);
    CHECK(text::incomplete_tail("abc" + character) == 0);
  }
  // A beginning that no continuation can make valid is not held back.
  CHECK(text::incomplete_tail("\x80") == 0);
  CHECK(text::incomplete_tail("\xBF\xBF\xBF\xBF") == 0);
  CHECK(text::incomplete_tail("\xFF") == 0);
  CHECK(text::incomplete_tail("\xED\xA0") == 0);
  CHECK(text::incomplete_tail("\xE0\x80") == 0);
  CHECK(text::incomplete_tail("\xF4\x90") == 0);
}

TEST_CASE("repair puts one U+FFFD for each maximal invalid part", "[text][utf8]") {
  CHECK(repaired("").empty());
  CHECK(repaired("k\xC3\xB6nnen \xF0\x9F\x98\x80") == "k\xC3\xB6nnen \xF0\x9F\x98\x80");
  CHECK(repaired("\xE2\x82") == replacement);
  CHECK(repaired("\xE2\x82"
                 "A") == replacement + "A");
  CHECK(repaired("\xE0\x80") == replacement + replacement);
  CHECK(repaired("\xED\xA0\x80") == replacement + replacement + replacement);
  CHECK(repaired("a\x80"
                 "b") == "a" + replacement + "b");
  // The three examples of "U+FFFD Substitution of Maximal Subparts", Unicode 15 section 3.9, tables 3-8 to 3-11.
  const std::string& r = replacement;
  CHECK(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == r + r + r + r + r + r + r + r + "A");
  CHECK(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == r + r + r + r + r + r + r + r + "A");
  CHECK(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == r + r + r + r + r + "A" + r + r + "B");
  CHECK(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == r + r + r + r + "A");
}

TEST_CASE("repaired text is valid, and valid text is not changed", "[text][utf8]") {
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& each : bytes) each = static_cast<char>(random() % 3 == 0 ? 'a' : 0x80 + random() % 0x80);
    std::string out = "before ";
    text::append_repaired(out, bytes);
    if (!text::is_utf8(out)) FAIL_CHECK("round " << round);
    if (text::is_utf8(bytes) && out != "before " + bytes) FAIL_CHECK("round " << round);
  }
}

}  // namespace utf8_repair_test
