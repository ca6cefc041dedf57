// Numbers and strings as JSON text. Expected texts follow from RFC 8259 sections 6 and 7 and from "shortest that
// reads back".
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace json_text_test {

namespace {

namespace text = wirthforge::text;

std::string number(double value) {
  char buffer[text::max_json_number_bytes];
  return std::string(buffer, text::put_number(buffer, value));
}
std::string by_trial(double value) {
  char buffer[text::max_json_number_bytes];
  return std::string(buffer, text::put_number_by_trial(buffer, value));
}
std::string integer(std::int64_t value) {
  char buffer[text::max_json_integer_bytes];
  return std::string(buffer, text::put_integer(buffer, value));
}
std::string string(std::string_view value) {
  std::string out;
  char* to = text::make_room(out, text::json_string_size(value));
  char* const end = text::put_json_string(to, value);
  REQUIRE(end == out.data() + out.size());  // the size was exact
  return out;
}

}  // namespace

TEST_CASE("numbers are written in their shortest form", "[rfc8259][6]") {
  CHECK(number(0) == "0");
  CHECK(number(-0.0) == "0");  // read as an integer and written again, it must be the same text
  CHECK(number(42) == "42");
  CHECK(number(-1.5) == "-1.5");
  CHECK(number(0.1) == "0.1");
  CHECK(number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(number(16.67) == "16.67");
  CHECK(number(1e-5) == "1e-05");
  CHECK(number(1e21) == "1e+21");
  CHECK(number(123456789) == "123456789");
  CHECK(number(9007199254740993.0) == "9007199254740992");
  CHECK(number(5e-324) == "5e-324");
  CHECK(number(-2.2250738585072014e-308) == "-2.2250738585072014e-308");
  CHECK(number(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
}

TEST_CASE("the plain reference writes the same numbers", "[rfc8259][6]") {
  for (const double value : {0.0,
                             -0.0,
                             1.0,
                             42.0,
                             -1.5,
                             0.1,
                             0.30000000000000004,
                             16.67,
                             1e-5,
                             1e-4,
                             0.00123,
                             1e5,
                             1e21,
                             1e22,
                             123456.789,
                             1e100,
                             -1e-100,
                             5e-324,
                             9007199254740992.0,
                             4503599627370496.5,
                             1.7976931348623157e308}) {
    CHECK(by_trial(value) == number(value));
  }
  std::mt19937_64 random(20);
  for (int count = 0; count < 20000; ++count) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (count % 2 == 0) value = std::ldexp(static_cast<double>(bits % 1000000), -static_cast<int>(bits >> 60));
    if (!std::isfinite(value)) continue;
    const std::string fast = number(value);
    const std::string plain = by_trial(value);
    INFO(fast << " and " << plain);
    CHECK(std::strtod(fast.c_str(), nullptr) == value);
    CHECK(std::strtod(plain.c_str(), nullptr) == value);
    CHECK(plain.size() == fast.size());
  }
}

TEST_CASE("integers are written whole", "[rfc8259][6]") {
  CHECK(integer(0) == "0");
  CHECK(integer(-1) == "-1");
  CHECK(integer(9007199254740993) == "9007199254740993");
  CHECK(integer(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
  CHECK(integer(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("strings escape only what must be escaped", "[rfc8259][7]") {
  CHECK(string("") == R"("")");
  CHECK(string("plain") == R"("plain")");
  CHECK(string("\"\\/") == R"("\"\\/")");
  CHECK(string("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(string(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(string("\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80") == "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\"");
  CHECK(string("a\nb\nc") == R"("a\nb\nc")");
}

TEST_CASE("every byte below a space is escaped as nlohmann escapes it", "[rfc8259][7]") {
  for (int byte = 0; byte < 128; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    CHECK(string(one) == nlohmann::json(one).dump());
  }
}

}  // namespace json_text_test
