// Letters without case and tokens, as RFC 9110 section 5.6 has them.
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace ascii_test {

namespace text = wirthforge::text;

TEST_CASE("lower case changes the 26 letters and no other byte", "[text][ascii]") {
  for (int value = 0; value < 256; ++value) {
    const char each = static_cast<char>(value);
    const char expected = value >= 'A' && value <= 'Z' ? static_cast<char>(value + 32) : each;
    if (text::to_lower(each) != expected) FAIL_CHECK("byte " << value);
  }
}

TEST_CASE("case is ignored in letters and nowhere else", "[text][ascii]") {
  CHECK(text::equals_ignoring_case("Sec-WebSocket-Key", "sec-websocket-KEY"));
  CHECK(text::equals_ignoring_case("", ""));
  CHECK_FALSE(text::equals_ignoring_case("host", "hosts"));
  CHECK_FALSE(text::equals_ignoring_case("host", "hos"));
  CHECK_FALSE(text::equals_ignoring_case("a[", "a{"));  // differ by the bit that makes lower case
  CHECK_FALSE(text::equals_ignoring_case("@", "`"));
  CHECK_FALSE(text::equals_ignoring_case("\xC4", "\xE4"));  // Latin-1 letters are no letters here
  CHECK_FALSE(text::equals_ignoring_case("web\xC5\xBFocket", "websocket"));
}

TEST_CASE("a token is made of the characters of RFC 9110 section 5.6.2", "[text][ascii]") {
  const std::string allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (int value = 0; value < 256; ++value) {
    const char each = static_cast<char>(value);
    if (text::is_token_character(each) != (allowed.find(each) != std::string::npos)) FAIL_CHECK("byte " << value);
  }
  CHECK(text::is_token(allowed));
  CHECK_FALSE(text::is_token(""));
  CHECK_FALSE(text::is_token("a b"));
  CHECK_FALSE(text::is_token(std::string_view("a\0b", 3)));
}

TEST_CASE("trim takes spaces and tabs from both ends alone", "[text][ascii]") {
  CHECK(text::trim(" \t a b\t ") == "a b");
  CHECK(text::trim("ab") == "ab");
  CHECK(text::trim(" \t ").empty());
  CHECK(text::trim("").empty());
  CHECK(text::trim("\na\n") == "\na\n");
}

}  // namespace ascii_test
