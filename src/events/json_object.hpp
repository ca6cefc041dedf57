// An open JSON object, such as `error_event::details`, kept as its text so that a struct which carries one needs no
// JSON library. It is made from an nlohmann::json, and written as it stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// Holds the text of a JSON object; `{}` at first.
///
/// Made from any nlohmann::json (of any version: only member functions are used). A value that cannot be written is
/// replaced by its fault, and `check` of the event reports the fault, as it does for every other member: not an object
/// (rule `type`), a NaN or an infinity inside (`finite`), invalid UTF-8 (`utf8`), nested deeper than `max_depth`
/// (`representable`).
class json_object {
 public:
  static constexpr std::size_t max_depth = 256;  ///< Writing a value is recursive, and the stack is the caller's.
  /// Why a value cannot be written, by the rule that `check` names; `none`: it can.
  enum class fault { none, type, finite, utf8, representable };

  json_object() = default;

  /// From a JSON value of nlohmann/json. Any value is taken; `found()` says whether it can be written.
  template <class Json, class = decltype(std::declval<const Json&>().is_discarded())>
  json_object(const Json& value)  // NOLINT: implicit, so that `event.details = json` reads as it should
      : fault_(value.is_object() ? fault_in(value, max_depth) : fault::type) {
    if (fault_ == fault::none) text_ = value.dump();  // throws only for invalid UTF-8, and fault_in has checked that
  }

  /// Adds a member, so that an event's details need no JSON library: `json_object().add("path", path).add("bytes", 42)`. The value
  /// is text, a number or a truth value. A value that cannot be written is reported as for a JSON value: a number that is not finite, broken
  /// UTF-8 (`mended` makes it whole). A name that is there already stands twice, and readers take the last.
  json_object& add(std::string_view name, std::string_view value);
  json_object& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  json_object& add(std::string_view name, const std::string& value) { return add(name, std::string_view(value)); }
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  json_object& add(std::string_view name, Number value) {
    if constexpr (std::is_same_v<Number, bool>) return add_text(name, value ? "true" : "false");
    else if constexpr (std::is_floating_point_v<Number>) return add_number(name, static_cast<double>(value));
    else return add_text(name, std::to_string(value));
  }

  /// From text that is known to be a JSON object, and is kept as it stands.
  static json_object of_valid_text(std::string text) {
    json_object result;
    result.text_ = std::move(text);
    return result;
  }

  /// The text. `{}` if there is a fault.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// The fault, or `none`.
  [[nodiscard]] fault found() const noexcept { return fault_; }

  friend bool operator==(const json_object& left, const json_object& right) noexcept {
    return left.fault_ == right.fault_ && left.text_ == right.text_;
  }
  friend bool operator!=(const json_object& left, const json_object& right) noexcept { return !(left == right); }

 private:
  template <class Json>
  static fault fault_in(const Json& value, std::size_t levels) {
    if (value.is_number_float()) return fault_in_number(value.template get<double>());
    if (value.is_string()) return fault_in_text(value.template get_ref<const typename Json::string_t&>());
    if (value.is_discarded()) return fault::type;
    if (!value.is_structured()) return fault::none;
    if (levels == 0) return fault::representable;
    for (auto each = value.begin(); each != value.end(); ++each) {
      fault found = value.is_object() ? fault_in_text(each.key()) : fault::none;
      if (found == fault::none) found = fault_in(*each, levels - 1);
      if (found != fault::none) return found;
    }
    return fault::none;
  }
  json_object& add_text(std::string_view name, std::string_view json);
  json_object& add_number(std::string_view name, const double& value);
  json_object& fail(fault found) noexcept;
  static fault fault_in_number(const double& value) noexcept;
  static fault fault_in_text(std::string_view any) noexcept;

  std::string text_ = "{}";
  fault fault_ = fault::none;
};

}}  // namespace wirthforge
