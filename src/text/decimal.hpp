// Reads decimal text as a double, correctly rounded, and writes a double as its shortest decimal digits. It computes with
// integers alone: no C library function that takes its decimal point from the locale, and no floating-point arithmetic that
// compiler options may make inexact. Used where the standard library has no floating-point <charconv>; no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {
namespace detail {

// A natural number below 2^3072; a double with 800 digits needs no more.
class big_natural {
 public:
  int bits() const noexcept {
    if (size_ == 0) return 0;
    int bits = (size_ - 1) * 32;
    for (std::uint32_t top = words_[size_ - 1]; top != 0; top >>= 1) ++bits;
    return bits;
  }
  void multiply_and_add(std::uint32_t factor, std::uint64_t carry) noexcept {
    for (int index = 0; index < size_; ++index) {
      carry += std::uint64_t{words_[index]} * factor;
      words_[index] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    for (; carry != 0; carry >>= 32) words_[size_++] = static_cast<std::uint32_t>(carry);
  }
  // The remainder.
  std::uint32_t divide(std::uint32_t divisor) noexcept {
    std::uint64_t rest = 0;
    for (int index = size_; --index >= 0;) {
      rest = (rest << 32) | words_[index];
      words_[index] = static_cast<std::uint32_t>(rest / divisor);
      rest %= divisor;
    }
    while (size_ > 0 && words_[size_ - 1] == 0) --size_;
    return static_cast<std::uint32_t>(rest);
  }
  void shift_left(int bits) noexcept {
    for (; bits >= 32; bits -= 32) {
      std::memmove(words_ + 1, words_, static_cast<std::size_t>(size_) * sizeof words_[0]);
      words_[0] = 0;
      ++size_;
    }
    multiply_and_add(std::uint32_t{1} << bits, 0);
  }
  // Calls `step(5^n)` for each factor of 5^power.
  template <class Step>
  static void each_factor_of_five(int power, Step step) {
    constexpr std::uint32_t most = 1'220'703'125;  // 5^13
    for (; power >= 13; power -= 13) step(most);
    std::uint32_t factor = 1;
    for (; power > 0; --power) factor *= 5;
    step(factor);
  }
  // The uppermost 64 bits, of which the first is set, and whether a bit below them is set. Precondition: at least 65 bits.
  std::uint64_t top(bool& has_more) const noexcept {
    const int below = bits() - 64;
    const int word = below / 32;
    const int shift = below % 32;
    for (int index = 0; index < word; ++index) has_more = has_more || words_[index] != 0;
    has_more = has_more || (words_[word] & ((std::uint32_t{1} << shift) - 1)) != 0;
    const std::uint64_t low = words_[word] | std::uint64_t{words_[word + 1]} << 32U;
    return shift == 0 ? low : low >> shift | std::uint64_t{words_[word + 2]} << (64 - shift);
  }

 private:
  std::uint32_t words_[96];
  int size_ = 0;
};

inline double double_of(std::uint64_t bits) noexcept {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The double nearest to top * 2^exponent, the even one of two equally near; `has_more`: the number is a little greater than
// that.
inline std::uint64_t round_to_double(std::uint64_t top, int exponent, bool has_more) noexcept {
  const int first = exponent + 63;  // the power of two of the first bit
  if (first > 1023) return std::uint64_t{0x7ff} << 52U;
  const int kept_bits = first >= -1022 ? 53 : first + 1075;  // subnormal numbers have fewer
  if (kept_bits < 0) return 0;
  const int dropped_bits = 64 - kept_bits;
  const std::uint64_t half = std::uint64_t{1} << (dropped_bits - 1);
  const std::uint64_t kept = dropped_bits == 64 ? 0 : top >> dropped_bits;
  const std::uint64_t rest = top & (half | (half - 1));
  const bool is_up = rest > half || (rest == half && (has_more || (kept & 1U) != 0));
  // A carry out of the fraction increments the exponent, as it must.
  const std::uint64_t base = first >= -1022 ? static_cast<std::uint64_t>(first + 1022) << 52U : 0;
  return base + kept + (is_up ? 1 : 0);
}

}  // namespace detail

/// The double that is nearest to a number, the even one of two equally near; an infinity beyond the greatest. Precondition: a
/// number in the grammar of RFC 8259 section 6.
WIRTHFORGE_COLD inline double read_decimal(std::string_view number) noexcept {
  constexpr int most_digits = 800;  // later digits decide nothing but whether there is a remainder
  std::size_t at = 0;
  const auto is_next = [&](char a, char b) { return at < number.size() && (number[at] == a || number[at] == b) && ++at > 0; };
  const std::uint64_t sign = is_next('-', '-') ? std::uint64_t{1} << 63U : 0;
  detail::big_natural digits;
  int count = 0;
  bool has_more = false;
  std::int64_t exponent = 0;
  for (bool is_fraction = false; at < number.size(); ++at) {
    if (number[at] == '.') {
      is_fraction = true;
      continue;
    }
    if (number[at] < '0' || number[at] > '9') break;
    const auto digit = static_cast<unsigned>(number[at] - '0');
    const bool is_kept = count < most_digits;
    if (is_kept) digits.multiply_and_add(10, digit);
    else has_more = has_more || digit != 0;
    if (is_kept && (count > 0 || digit != 0)) ++count;
    exponent += (is_kept ? 0 : 1) - (is_fraction ? 1 : 0);
  }
  if (count == 0) return detail::double_of(sign);
  if (is_next('e', 'E')) {
    const bool is_negative = is_next('-', '-');
    is_next('+', '+');
    std::int64_t value = 0;
    for (; at < number.size(); ++at) {
      if (value < 1'000'000'000'000'000) value = value * 10 + (number[at] - '0');
    }
    exponent += is_negative ? -value : value;
  }
  if (count + exponent > 310) return detail::double_of(sign | std::uint64_t{0x7ff} << 52U);
  if (count + exponent < -330) return detail::double_of(sign);
  // digits * 10^exponent is digits * 5^exponent * 2^exponent.
  int twos = static_cast<int>(exponent);
  if (exponent >= 0) {
    detail::big_natural::each_factor_of_five(twos, [&](std::uint32_t factor) { digits.multiply_and_add(factor, 0); });
  }
  const int fives_below = exponent < 0 ? -twos : 0;
  const int missing = 65 + fives_below * 2322 / 1000 + 1 - digits.bits();  // 64 bits remain after the division
  if (missing > 0) {
    digits.shift_left(missing);
    twos -= missing;
  }
  detail::big_natural::each_factor_of_five(fives_below,
                                           [&](std::uint32_t factor) { has_more = digits.divide(factor) != 0 || has_more; });
  twos += digits.bits() - 64;
  const std::uint64_t top = digits.top(has_more);
  return detail::double_of(sign | detail::round_to_double(top, twos, has_more));
}

/// The digits of a positive number; d.ddd times ten to the power of `exponent`.
struct decimal_digits {
  char all[800];      ///< All digits, without zeros at the end.
  int count = 0;      ///< The number of digits in `all`.
  char shortest[18];  ///< The fewest that read back as the same double.
  int short_count = 0;
  int exponent = 0;
  int short_exponent = 0;
};

namespace detail {

// Precondition: finite and positive.
WIRTHFORGE_COLD inline void find_all_digits(std::uint64_t bits, decimal_digits& found) noexcept {
  const int power = static_cast<int>(bits >> 52U);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52U) - 1);
  const int twos = (power == 0 ? 1 : power) - 1075;
  big_natural number;
  number.multiply_and_add(0, power == 0 ? fraction : fraction | std::uint64_t{1} << 52U);
  if (twos > 0) number.shift_left(twos);
  if (twos < 0) big_natural::each_factor_of_five(-twos, [&](std::uint32_t factor) { number.multiply_and_add(factor, 0); });
  char* const end = found.all + sizeof found.all;
  char* to = end;
  while (number.bits() > 0) {
    std::uint32_t piece = number.divide(1'000'000'000);
    for (int digit = 0; digit < 9; ++digit, piece /= 10) *--to = static_cast<char>('0' + piece % 10);
  }
  while (*to == '0') ++to;
  // Not from std::ptrdiff_t, which is int where pointers have 32 bits: -Wuseless-cast.
  found.count = static_cast<int>(std::int64_t{end - to});
  std::memmove(found.all, to, static_cast<std::size_t>(found.count));
  found.exponent = found.count - 1 + (twos < 0 ? twos : 0);
  while (found.all[found.count - 1] == '0') --found.count;
}

// The first `count` digits, or the next number above them.
inline void take_digits(decimal_digits& found, int count, bool is_above) noexcept {
  for (int index = 0; index < count; ++index) found.shortest[index] = index < found.count ? found.all[index] : '0';
  found.short_count = count;
  found.short_exponent = found.exponent;
  if (!is_above) return;
  int last = count - 1;
  for (; last >= 0 && found.shortest[last] == '9'; --last) found.shortest[last] = '0';
  if (last >= 0) {
    ++found.shortest[last];
    return;
  }
  found.shortest[0] = '1';
  ++found.short_exponent;
}

inline std::uint64_t bits_of_shortest(const decimal_digits& found) noexcept {
  char text[32];
  char* to = text;
  std::memcpy(to, found.shortest, static_cast<std::size_t>(found.short_count));
  to += found.short_count;
  *to++ = 'e';
  int exponent = found.short_exponent - (found.short_count - 1);
  if (exponent < 0) {
    *to++ = '-';
    exponent = -exponent;
  }
  for (int unit = 100; unit > 0; unit /= 10) *to++ = static_cast<char>('0' + exponent / unit % 10);
  const double value = read_decimal({text, static_cast<std::size_t>(to - text)});
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

}  // namespace detail

namespace detail {

// Takes the nearest number with that many digits, or its neighbour: beside a power of two, only the neighbour may read back as
// the double.
WIRTHFORGE_COLD inline bool takes_digits(decimal_digits& found, int count, std::uint64_t bits) noexcept {
  bool is_above = false;
  if (count < found.count) {  // half or more; exactly half goes to the even digit
    const char next = found.all[count];
    is_above = next > '5' || (next == '5' && (found.count > count + 1 || (found.all[count - 1] - '0') % 2 != 0));
  }
  take_digits(found, count, is_above);
  if (count >= found.count || bits_of_shortest(found) == bits) return true;
  take_digits(found, count, !is_above);
  return bits_of_shortest(found) == bits;
}

}  // namespace detail

/// Precondition: finite and above 0.
WIRTHFORGE_COLD inline void find_digits(double value, decimal_digits& found) noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  detail::find_all_digits(bits, found);
  int least = 1;
  for (int most = 17; least < most;) {  // if a number of digits is enough, more are too; 17 always are
    const int middle = (least + most) / 2;
    if (detail::takes_digits(found, middle, bits)) most = middle;
    else least = middle + 1;
  }
  detail::takes_digits(found, least, bits);
}

}}}  // namespace wirthforge::text
