// Checks JSON text against a schema and reads it into structs in place, without a JSON value in between: a client's messages
// are many and small. The verdict is that of `json_judge`; the tests compare the two.
#pragma once

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "events/check_support.hpp"
#include "events/enum_text.hpp"
#include "events/json_object.hpp"
#include "events/schema_node.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline bool conforms(const schema_node& schema, const text::json_view& value);

// One pass over the members, in any order; of several with one name the last one counts.
inline bool object_conforms(const schema_node& schema, const text::json_view& value) {
  constexpr std::size_t most_properties = 16;  // more than any of our schemas has
  assert(schema.property_count <= most_properties);
  std::array<std::optional<text::json_view>, most_properties> found;
  bool all_known = true;
  value.each_member([&](const text::json_view& name, const text::json_view& its) {
    std::size_t index = 0;
    while (index < schema.property_count && !name.equals(schema.properties[index].name)) ++index;
    if (index < schema.property_count) found[index] = its;
    else all_known = false;
  });
  for (std::size_t index = 0; index < schema.property_count; ++index) {
    const schema_property& property = schema.properties[index];
    if (found[index] ? !conforms(*property.schema, *found[index]) : property.is_required) return false;
  }
  return all_known || !schema.is_closed;
}

inline bool array_conforms(const schema_node& schema, const text::json_view& value) {
  std::size_t count = 0;
  return value.all_elements([&](const text::json_view& each) {
    ++count;
    return conforms(*schema.items, each);
  }) && count >= schema.min_items;
}

inline bool string_conforms(const schema_node& schema, const text::json_view& value) {
  if (schema.values != nullptr) {
    for (std::size_t index = 0; index < schema.value_count; ++index) {
      if (value.equals(schema.values[index])) return true;
    }
    return false;
  }
  const std::string text = value.as_string();
  return (schema.matches == nullptr || schema.matches(text)) && is_text(text, schema.max_length);
}

inline bool conforms(const schema_node& schema, const text::json_view& value) {
  switch (schema.kind) {
    case json_kind::any: return true;
    case json_kind::object: return value.is_object() && object_conforms(schema, value);
    case json_kind::array: return value.is_array() && array_conforms(schema, value);
    case json_kind::string: return value.is_string() && string_conforms(schema, value);
    case json_kind::boolean: return value.is_boolean();
    case json_kind::number:
    case json_kind::integer: break;
  }
  if (!value.is_number()) return false;
  const double number = value.as_number();
  if (schema.kind == json_kind::integer && std::trunc(number) != number) return false;
  return is_within(number, schema.minimum, schema.maximum);
}

inline bool get(const text::json_view& from, double& value) {
  value = from.as_number();
  return true;
}
inline bool get(const text::json_view& from, bool& value) {
  value = from.as_boolean();
  return true;
}
inline bool get(const text::json_view& from, std::int64_t& value) {
  // 2^63 is the first double past the range; its negative is the last inside. A client's integer beyond 2^53 is rounded, as in
  // a page.
  const double number = from.as_number();
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return false;
  value = static_cast<std::int64_t>(number);
  return true;
}
inline bool get(const text::json_view& from, std::string& value) {
  value = from.as_string();
  return true;
}
inline bool get(const text::json_view& from, json_object& value) {
  value = json_object::of_valid_text(std::string(from.own()));
  return true;
}
template <class Enum>
std::enable_if_t<std::is_enum_v<Enum>, bool> get(const text::json_view& from, Enum& value) {
  return from_string(from.as_string(), value);
}
// A generated struct.
template <class Struct>
std::enable_if_t<std::is_class_v<Struct>, bool> get(const text::json_view& from, Struct& value) {
  return member_reader<Struct>::read(from, value);
}
template <class Item>
bool get(const text::json_view& from, std::vector<Item>& values) {
  constexpr std::size_t few = 8;
  values.clear();
  values.reserve(few);
  return from.all_elements([&](const text::json_view& each) { return get(each, values.emplace_back()); });
}

template <class Value>
bool get_member(const text::json_view& from, const char* name, Value& value) {
  text::json_view member = from;
  return from.find(name, member) && get(member, value);
}
template <class Value>
bool get_member(const text::json_view& from, const char* name, std::optional<Value>& value) {
  text::json_view member = from;
  value.reset();
  return !from.find(name, member) || get(member, value.emplace());
}

template <class Value>
found_violation read_member(const text::json_view& from, const char* pointer, const char* name, Value& value) {
  if (get_member(from, name, value)) return std::nullopt;
  return violation{std::string(pointer) + "/" + name, "representable", "a value", "a C++ value"};
}

}}}  // namespace wirthforge::detail
