// Decimal text and doubles without the locale and without floating-point arithmetic. Expected values come from the standard
// library's own conversions, where it has them, and from the places where a rounding goes wrong: halves, powers of two, the ends.
// Bits are compared, so that it holds with -ffast-math as well.
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace decimal_test {

namespace {

using wirthforge::text::put_number_by_trial;
using wirthforge::text::read_decimal;

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
double double_of(std::uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
constexpr std::uint64_t infinity = std::uint64_t{0x7ff} << 52;
constexpr std::uint64_t sign = std::uint64_t{1} << 63;

std::string written(double value) {
  char buffer[wirthforge::text::max_json_number_bytes];
  return std::string(buffer, put_number_by_trial(buffer, value));
}

#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
constexpr bool has_reference = true;
double reference(const std::string& text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc()) return value;
  const bool is_big = text.find("e-") == std::string::npos && text.find("0.0") == std::string::npos;
  return double_of((is_big ? infinity : 0) | (text[0] == '-' ? sign : 0));
}
std::string reference(double value) {
  char buffer[400];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}
std::string all_digits(double value) {  // every one of them
  char buffer[1100];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 766).ptr);
}
#else
constexpr bool has_reference = false;
double reference(const std::string&) { return 0; }
std::string reference(double) { return {}; }
std::string all_digits(double) { return {}; }
#endif

void must_agree(const std::string& text) {
  INFO(text);
  REQUIRE(bits_of(read_decimal(text)) == bits_of(reference(text)));
}

}  // namespace

TEST_CASE("decimal text is read as the double that is nearest to it", "[text][decimal]") {
  CHECK(read_decimal("42.75") == 42.75);
  CHECK(read_decimal("-0.1") == -0.1);
  CHECK(bits_of(read_decimal("-0")) == sign);
  CHECK(bits_of(read_decimal("-0.000e5")) == sign);
  CHECK(read_decimal("1e22") == 1e22);
  CHECK(read_decimal("1E+23") == 1e23);
  CHECK(read_decimal("123456789012345678901234567890") == 123456789012345678901234567890.0);
  CHECK(read_decimal("9007199254740993") == 9007199254740992.0);  // a half, to the even one
  CHECK(read_decimal("9007199254740993.0000000000000000000000000001") == 9007199254740994.0);
  CHECK(read_decimal("9007199254740995") == 9007199254740996.0);
  CHECK(read_decimal("1.7976931348623157e308") == std::numeric_limits<double>::max());
  CHECK(read_decimal("1.797693134862315807e308") == std::numeric_limits<double>::max());
  CHECK(bits_of(read_decimal("1.797693134862315808e308")) == infinity);
  CHECK(bits_of(read_decimal("1e309")) == infinity);
  CHECK(bits_of(read_decimal("-1e999999999999999999999999999999")) == (infinity | sign));
  CHECK(read_decimal("5e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(read_decimal("2.4703282292062328e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(read_decimal("2.4703282292062327e-324") == 0);
  CHECK(read_decimal("2.2250738585072011e-308") == double_of(0x000FFFFFFFFFFFFF));  // it once stopped PHP and Java
  CHECK(read_decimal("2.2250738585072014e-308") == std::numeric_limits<double>::min());
  CHECK(bits_of(read_decimal("-1e-999999999999999999999999999999")) == sign);
}

TEST_CASE("any number of digits and zeros is read exactly", "[text][decimal]") {
  const std::string zeros(100'000, '0');
  CHECK(read_decimal("0." + zeros + "1e100001") == 1);
  CHECK(read_decimal("1" + zeros + "e-100000") == 1);
  CHECK(read_decimal("1." + zeros + "1") == 1);
  CHECK(read_decimal("9007199254740993." + zeros + "1") == 9007199254740994.0);
  CHECK(read_decimal("9007199254740993." + zeros) == 9007199254740992.0);
  CHECK(bits_of(read_decimal(std::string(400, '9'))) == infinity);
  CHECK(read_decimal(std::string(100'000, '9') + "e-100000") == 1);
}

TEST_CASE("each power of two, its neighbours and the halves between them are read to the last bit", "[text][decimal]") {
  if (!has_reference) return;
  std::uint64_t values = 0;
  for (std::uint64_t power = 0; power < 2047; ++power) {
    for (const std::uint64_t bits : {power << 52, (power << 52) + 1, ((power + 1) << 52) - 1}) {
      const double value = double_of(bits);
      if (value == 0 || !wirthforge::is_finite(value)) continue;
      ++values;
      must_agree(reference(value));
      const std::string exact = all_digits(value);
      must_agree(exact);
      must_agree(exact.substr(0, 20) + exact.substr(exact.find('e')));
      INFO(exact);
      REQUIRE(written(value) == reference(value));
    }
  }
  CHECK(values > 6000);
}

TEST_CASE("a half between two doubles rounds to the even one, and the least bit more rounds up", "[text][decimal]") {
  std::mt19937_64 random(15);
  for (int round = 0; round < 3000; ++round) {
    // A whole number of 54 bits whose last is set, times a power of two: its decimal text is exact.
    const std::uint64_t odd = (random() >> 10) | (std::uint64_t{1} << 53) | 1;
    const std::string text = std::to_string(odd);
    const std::uint64_t low = odd - 1;
    const std::uint64_t high = odd + 1;
    const std::uint64_t even = low / 2 % 2 == 0 ? low : high;
    INFO(text);
    REQUIRE(read_decimal(text) == static_cast<double>(even));
    REQUIRE(read_decimal(text + ".0000000000000000000000000000000000000000000001") == static_cast<double>(high));
    REQUIRE(read_decimal(std::to_string(odd - 1) + ".9999999999999999999999999999999999999999") == static_cast<double>(low));
    REQUIRE(read_decimal(text + std::string(300 - text.size(), '0') + "e-" + std::to_string(300 - text.size())) ==
            static_cast<double>(even));
  }
}

TEST_CASE("numbers at random are read and written as the standard library does", "[text][decimal]") {
  if (!has_reference) return;
  std::mt19937_64 random(16);
  for (int round = 0; round < 30'000; ++round) {
    const double value = double_of(random());
    if (!wirthforge::is_finite(value)) continue;
    const std::string text = reference(value);
    INFO(text);
    REQUIRE(bits_of(read_decimal(text)) == bits_of(value));
    if (round % 10 == 0) REQUIRE(written(value) == text);
    std::string digits = random() % 2 == 0 ? "-" : "";
    for (std::uint64_t left = random() % 40 + 1; left > 0; --left) digits += static_cast<char>('0' + random() % 10);
    digits = (digits[0] == '-' ? "-1" : "1") + digits.substr(digits[0] == '-' ? 1 : 0);
    if (random() % 2 == 0) digits += "." + std::to_string(random());
    if (random() % 2 == 0) digits += "e" + std::to_string(static_cast<int>(random() % 700) - 350);
    must_agree(digits);
  }
}

TEST_CASE("every number of up to four digits with two behind the point is read and written", "[text][decimal]") {
  for (int number = 1; number < 100'000; number += 7) {
    std::string text = std::to_string(number / 100) + "." + static_cast<char>('0' + number / 10 % 10);
    if (number % 10 != 0) text += static_cast<char>('0' + number % 10);
    else if (number % 100 == 0) text.resize(text.size() - 2);
    INFO(text);
    if (has_reference) must_agree(text);
    REQUIRE(written(read_decimal(text)) == text);
  }
}

}  // namespace decimal_test
