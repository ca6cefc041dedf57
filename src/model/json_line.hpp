// Reads the JSON of model servers in place. Text must not be lost because strict readers refuse it: a token that ends
// inside a character (invalid UTF-8), half a surrogate pair as an escape, a control character in a string, a NaN among
// figures. Strings keep such bytes; half a pair becomes three bytes that are invalid in UTF-8 (as in WTF-8), so that
// `text_mender` can join it with its other half. Nothing recurses: brackets are counted, and bounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/version.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

inline constexpr std::size_t max_json_depth = 64;  ///< Brackets within each other. `errc::json_too_deep`.

namespace detail {

/// The text with all repairable faults of `find_json_fault` repaired. The rest stays as it is, and is refused again.
WIRTHFORGE_COLD inline std::string mended_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 16);
  bool is_in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char each = json[at];
    if (!is_in_string) {
      is_in_string = each == '"';
      const std::size_t sign = each == '-' ? 1 : 0;
      const std::string_view word = json.substr(at + sign);
      if (word.substr(0, 8) == "Infinity" || json.substr(at, 3) == "NaN") {
        out += "null";
        at += word[0] == 'I' ? sign + 7 : 2;
      } else {
        out += each;
      }
    } else if (each == '\\') {
      const std::size_t size = text::detail::escape_size(json, at);
      const bool is_unit = size == 0 && at + 1 < json.size() && json[at + 1] == 'u' && text::detail::unit_at(json, at + 2) >= 0;
      if (is_unit) text::detail::append_utf8(out, static_cast<std::uint32_t>(text::detail::unit_at(json, at + 2)));
      else out += json.substr(at, size > 0 ? size : 2);
      at += is_unit ? 5 : (size > 0 ? size : 2) - 1;
    } else if (static_cast<unsigned char>(each) < 0x20) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += each >= 0x10 ? '1' : '0';
      out += digits[static_cast<unsigned char>(each) & 15U];
    } else {
      is_in_string = each != '"';
      out += each;
    }
  }
  return out;
}

}  // namespace detail

/// Valid: `value` is there, a view of `json` or of `memory`. Else `errc::json_malformed` or `errc::json_too_deep`.
inline std::error_code read_json(std::string_view json, std::string& memory, std::optional<text::json_view>& value) {
  text::json_fault fault = text::find_json_fault(json, max_json_depth);
  if (fault == text::json_fault::malformed) {
    memory = detail::mended_json(json);
    json = memory;
    fault = text::find_json_fault(json, max_json_depth);
  }
  if (fault == text::json_fault::too_deep) return errc::json_too_deep;
  if (fault != text::json_fault::none) return errc::json_malformed;
  value.emplace(json);
  return {};
}

/// Some members of an object, found in one pass over it. Of several with one name the last one counts.
template <std::size_t Count>
using json_members = std::array<std::optional<text::json_view>, Count>;

inline void find_members(const text::json_view& object, const std::string_view* names, std::optional<text::json_view>* found,
                         std::size_t count) {
  if (!object.is_object()) return;
  object.each_member([&](const text::json_view& name, const text::json_view& value) {
    for (std::size_t index = 0; index < count; ++index) {
      if (name.equals(names[index])) found[index] = value;
    }
  });
}
template <std::size_t Count>
json_members<Count> find_members(const text::json_view& object, const std::array<std::string_view, Count>& names) {
  json_members<Count> found;
  find_members(object, names.data(), found.data(), Count);
  return found;
}
inline std::optional<text::json_view> find_member(const std::optional<text::json_view>& object, std::string_view name) {
  std::optional<text::json_view> found;
  if (object) find_members(*object, &name, &found, 1);
  return found;
}

inline bool is_string(const std::optional<text::json_view>& value) { return value && value->is_string(); }
inline bool is_object(const std::optional<text::json_view>& value) { return value && value->is_object(); }
inline bool is_array(const std::optional<text::json_view>& value) { return value && value->is_array(); }
inline bool is_true(const std::optional<text::json_view>& value) { return value && value->is_boolean() && value->as_boolean(); }
inline bool equals(const std::optional<text::json_view>& value, std::string_view other) {
  return is_string(value) && value->equals(other);
}

/// A string's characters: a view of the JSON text if nothing is escaped, else of `memory`. Empty for a value that is no
/// string.
inline std::string_view string_of(const std::optional<text::json_view>& value, std::string& memory) {
  if (!is_string(value)) return {};
  const std::string_view quoted = value->own();
  const std::string_view body = quoted.substr(1, quoted.size() - 2);
  if (body.find('\\') == std::string_view::npos) return body;
  memory = value->as_string();
  return memory;
}

inline std::optional<double> number_of(const std::optional<text::json_view>& value) {
  return value && value->is_number() ? std::optional<double>(value->as_number()) : std::nullopt;
}
/// A count: nothing for a value that is no number or is below 0.
inline std::optional<std::uint64_t> count_of(const std::optional<text::json_view>& value) {
  const std::optional<double> number = number_of(value);
  if (!number || !(*number >= 0)) return std::nullopt;
  constexpr double most = 9e18;
  return static_cast<std::uint64_t>(*number < most ? *number : most);
}

}}}  // namespace wirthforge::model
