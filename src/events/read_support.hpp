// The building blocks of the generated readers: one `get` for each type. Each is only called with a value that its schema
// permits, so only a size can be wrong: a JSON integer may be any size, and a JSON object any depth.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "events/enum_text.hpp"
#include "events/check_json.hpp"
#include "events/generated/types.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline bool get(const nlohmann::json& from, double& value) {
  value = from.get<double>();
  return true;
}
inline bool get(const nlohmann::json& from, bool& value) {
  value = from.get<bool>();
  return true;
}
inline bool get(const nlohmann::json& from, std::string& value) {
  value = from.get_ref<const std::string&>();
  return true;
}
inline bool get(const nlohmann::json& from, std::int64_t& value) {
  if (from.is_number_float()) {
    // 2^63 is the first double past the range; its negative is the last inside.
    const double number = from.get<double>();
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return false;
    value = static_cast<std::int64_t>(number);
    return true;
  }
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (from.is_number_unsigned() && from.get<std::uint64_t>() > most) return false;
  value = from.get<std::int64_t>();
  return true;
}
inline bool get(const nlohmann::json& from, json_object& value) {
  value = json_object(from);
  return value.found() == json_object::fault::none;
}
template <class Enum>
std::enable_if_t<std::is_enum_v<Enum>, bool> get(const nlohmann::json& from, Enum& value) {
  return from_string(from.get_ref<const std::string&>(), value);
}
// A generated struct.
template <class Struct>
std::enable_if_t<std::is_class_v<Struct>, bool> get(const nlohmann::json& from, Struct& value) {
  return member_reader<Struct>::read(from, value);
}
template <class Item>
bool get(const nlohmann::json& from, std::vector<Item>& values) {
  values.clear();
  values.reserve(from.size());
  for (const nlohmann::json& each : from) {
    if (!get(each, values.emplace_back())) return false;
  }
  return true;
}

template <class Value>
bool get_member(const nlohmann::json& from, const char* name, Value& value) {
  return get(from.at(name), value);
}
template <class Value>
bool get_member(const nlohmann::json& from, const char* name, std::optional<Value>& value) {
  const auto member = from.find(name);
  if (member == from.end()) value.reset();
  return member == from.end() || get(*member, value.emplace());
}

template <class Value>
found_violation read_member(const nlohmann::json& from, const char* pointer, const char* name, Value& value) {
  if (get_member(from, name, value)) return std::nullopt;
  return violation{std::string(pointer) + "/" + name, "representable", shape_of(from.at(name)), "a C++ value"};
}

}}}  // namespace wirthforge::detail
