// The building blocks of the generated checks: the tests of valid events, and the wording of violations, which is only
// reached when there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/finite.hpp"
#include "events/json_object.ipp"
#include "events/violation.hpp"
#include "text/json_text.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

using found_violation = std::optional<violation>;

// A range without an end ends at the limit of the type.
constexpr double no_minimum = std::numeric_limits<double>::lowest();
constexpr double no_maximum = std::numeric_limits<double>::max();
constexpr std::int64_t least_integer = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most_integer = std::numeric_limits<std::int64_t>::max();

inline bool is_within(const double& value, double minimum, double maximum) noexcept {
  return is_finite(value) && value >= minimum && value <= maximum;
}

// Code points are only counted if there are more bytes than the limit.
inline bool is_text(std::string_view value, std::size_t max_length) noexcept {
  return text::is_utf8(value) && (value.size() <= max_length || text::count_code_points(value) <= max_length);
}
inline bool is_text(std::string_view value) noexcept { return text::is_utf8(value); }

WIRTHFORGE_COLD inline std::string number_text(const double& value) {
  const double_bits bits(value);
  if (!bits.is_finite()) return bits.is_nan() ? "NaN" : bits.is_negative() ? "-infinity" : "infinity";
  char buffer[text::max_json_number_bytes];
  return std::string(buffer, text::put_number(buffer, value));
}

// The value in quotes, cut after 40 bytes, with all characters replaced that could disturb a terminal.
WIRTHFORGE_COLD inline std::string in_quotes(std::string_view value) {
  constexpr std::size_t most = 40;
  std::string result = "\"";
  for (const char each : value.substr(0, most)) result += each >= ' ' && each <= '~' ? each : '?';
  result += value.size() > most ? "...\" (" + std::to_string(value.size()) + " bytes)" : "\"";
  return result;
}

WIRTHFORGE_COLD inline std::string item_pointer(std::string_view array, std::size_t index) {
  return concat({array, "/", std::to_string(index)});
}

WIRTHFORGE_COLD inline violation bad_number(std::string_view pointer, const double& value, double minimum, double maximum) {
  if (!is_finite(value)) return {std::string(pointer), "finite", number_text(value), "a finite number"};
  const bool is_low = value < minimum;
  return {std::string(pointer), is_low ? "minimum" : "maximum", number_text(value), number_text(is_low ? minimum : maximum)};
}

WIRTHFORGE_COLD inline violation bad_integer(std::string_view pointer, std::int64_t value, std::int64_t minimum,
                                             std::int64_t maximum) {
  const bool is_low = value < minimum;
  return {std::string(pointer), is_low ? "minimum" : "maximum", std::to_string(value),
          std::to_string(is_low ? minimum : maximum)};
}

WIRTHFORGE_COLD inline violation bad_text(std::string_view pointer, std::string_view value) {
  return {std::string(pointer), "utf8", std::to_string(value.size()) + " bytes", "valid UTF-8"};
}

WIRTHFORGE_COLD inline violation bad_text(std::string_view pointer, std::string_view value, std::size_t max_length) {
  if (!text::is_utf8(value)) return bad_text(pointer, value);
  return {std::string(pointer), "maxLength", std::to_string(text::count_code_points(value)) + " characters",
          std::to_string(max_length)};
}

WIRTHFORGE_COLD inline violation bad_pattern(std::string_view pointer, std::string_view value, std::string_view pattern) {
  if (!text::is_utf8(value)) return bad_text(pointer, value);
  return {std::string(pointer), "pattern", in_quotes(value), std::string(pattern)};
}

WIRTHFORGE_COLD inline violation bad_enumerator(std::string_view pointer, int value, std::string_view texts) {
  return {std::string(pointer), "enum", "enumerator " + std::to_string(value), std::string(texts)};
}

WIRTHFORGE_COLD inline violation too_few_items(std::string_view pointer, std::size_t count, std::size_t min_items) {
  return {std::string(pointer), "minItems", std::to_string(count), std::to_string(min_items)};
}

WIRTHFORGE_COLD inline violation bad_object(std::string_view pointer, json_object::fault fault) {
  switch (fault) {
    case json_object::fault::finite: return {std::string(pointer), "finite", "NaN or infinity inside", "finite numbers"};
    case json_object::fault::utf8: return {std::string(pointer), "utf8", "broken text inside", "valid UTF-8"};
    case json_object::fault::representable:
      return {std::string(pointer), "representable", "nested deeper", std::to_string(json_object::max_depth) + " levels"};
    case json_object::fault::none:
    case json_object::fault::type: break;
  }
  return {std::string(pointer), "type", "no object", "object"};
}

}}}  // namespace wirthforge::detail
