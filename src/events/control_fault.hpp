// Finds the place and the rule that a refused text of a client breaks. The verdict is that of `json_judge`, without the value.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "events/control.hpp"
#include "events/generated/schema_tables.hpp"
#include "events/view_support.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// Finds the first rule that a JSON text breaks; goes no deeper than the schema.
class control_fault_finder {
 public:
  WIRTHFORGE_COLD const char* rule_broken_by(const schema_node& schema, const text::json_view& value) {
    if (!has_kind(schema.kind, value)) return schema.is_const ? "const" : schema.values != nullptr ? "enum" : "type";
    switch (schema.kind) {
      case json_kind::object: return rule_of_object(schema, value);
      case json_kind::array: return rule_of_array(schema, value);
      case json_kind::string: return rule_of_string(schema, value);
      case json_kind::number:
      case json_kind::integer: return rule_of_number(schema, value.as_number());
      case json_kind::any:
      case json_kind::boolean: break;
    }
    return nullptr;
  }
  std::string take_pointer() noexcept { return std::move(pointer_); }

 private:
  static bool has_kind(json_kind kind, const text::json_view& value) {
    switch (kind) {
      case json_kind::any: return true;
      case json_kind::object: return value.is_object();
      case json_kind::array: return value.is_array();
      case json_kind::string: return value.is_string();
      case json_kind::number: return value.is_number();
      case json_kind::integer: return value.is_number() && std::trunc(value.as_number()) == value.as_number();
      case json_kind::boolean: return value.is_boolean();
    }
    return false;
  }
  WIRTHFORGE_COLD const char* rule_of_object(const schema_node& schema, const text::json_view& value) {
    const std::size_t size = pointer_.size();
    for (std::size_t index = 0; index < schema.property_count; ++index) {
      const schema_property& property = schema.properties[index];
      text::json_view member = value;
      const bool is_there = value.find(property.name, member);
      if (!is_there && !property.is_required) continue;
      append(pointer_, {"/", property.name});
      if (!is_there) return "required";
      if (const char* const rule = rule_broken_by(*property.schema, member)) return rule;
      pointer_.resize(size);
    }
    bool all_known = true;
    value.each_member([&](const text::json_view& name, const text::json_view&) {
      std::size_t index = 0;
      while (index < schema.property_count && !name.equals(schema.properties[index].name)) ++index;
      all_known = all_known && index < schema.property_count;
    });
    return all_known || !schema.is_closed ? nullptr : "additionalProperties";
  }
  WIRTHFORGE_COLD const char* rule_of_array(const schema_node& schema, const text::json_view& value) {
    const std::size_t size = pointer_.size();
    const char* rule = nullptr;
    std::size_t count = 0;
    value.all_elements([&](const text::json_view& each) {
      append(pointer_, {"/", std::to_string(count++)});
      rule = rule_broken_by(*schema.items, each);
      if (rule == nullptr) pointer_.resize(size);
      return rule == nullptr;
    });
    return rule == nullptr && count < schema.min_items ? "minItems" : rule;
  }
  static const char* rule_of_string(const schema_node& schema, const text::json_view& value) {
    if (string_conforms(schema, value)) return nullptr;
    if (schema.values != nullptr) return schema.is_const ? "const" : "enum";
    return schema.matches != nullptr && !schema.matches(value.as_string()) ? "pattern" : "maxLength";
  }
  static const char* rule_of_number(const schema_node& schema, double value) {
    if (is_within(value, schema.minimum, schema.maximum)) return nullptr;
    if (schema.minimum == schema.maximum) return "const";
    return value < schema.minimum ? "minimum" : "maximum";
  }

  std::string pointer_;
};

}}}  // namespace wirthforge::detail

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

inline violation find_control_fault(std::string_view text) {
  if (!text::is_json(text)) return {"", "json", "", ""};
  const text::json_view value(text);
  if (!value.is_object()) return {"", "type", "", ""};
  text::json_view type = value;
  if (!value.find("type", type)) return {"/type", "required", "", ""};
  for (std::size_t index = 0; index < std::variant_size_v<control_message>; ++index) {
    if (!type.is_string() || !type.equals(control_message_texts[index])) continue;
    detail::control_fault_finder finder;
    const char* const rule = finder.rule_broken_by(*detail::schema_tables::controls[index], value);
    if (rule == nullptr) return {"/payload", "representable", "", ""};
    return {finder.take_pointer(), rule, "", ""};
  }
  return {"/type", "enum", "", ""};
}

}}}  // namespace wirthforge::tools
