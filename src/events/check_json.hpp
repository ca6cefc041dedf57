// Checks any JSON value against a schema, by the rules of Draft-07 and the generated tables. The plain reference for
// the fast checks of the structs, and the check of all input from outside.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "events/check_support.hpp"
#include "events/generated/schema_tables.hpp"
#include "events/generated/types.hpp"
#include "events/read.hpp"
#include "events/schema_node.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline const char* kind_name(json_kind kind) noexcept {
  constexpr const char* names[] = {"anything", "object", "array", "string", "number", "integer", "boolean"};
  return names[static_cast<std::size_t>(kind)];
}

// Never the value itself: it may be private text.
inline std::string shape_of(const nlohmann::json& value) {
  if (value.is_number_float()) return number_text(value.get<double>());
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return value.type_name();
}

// Draft-07: an integer is a number without a fraction, however it is written (1.0, 1e3).
inline bool is_integer(const nlohmann::json& value) noexcept {
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return is_finite(number) && std::trunc(number) == number;
}

inline bool has_kind(const nlohmann::json& value, json_kind kind) noexcept {
  switch (kind) {
    case json_kind::any: return true;
    case json_kind::object: return value.is_object();
    case json_kind::array: return value.is_array();
    case json_kind::string: return value.is_string();
    case json_kind::number: return value.is_number();
    case json_kind::integer: return is_integer(value);
    case json_kind::boolean: return value.is_boolean();
  }
  return false;
}

class json_judge {
 public:
  found_violation judge(const schema_node& schema, const nlohmann::json& value) {
    if (!has_kind(value, schema.kind)) {
      // A const and an enum have no type of their own.
      if (schema.is_const) return bad_const(schema, shape_of(value));
      if (schema.values != nullptr) return found("enum", shape_of(value), listed(schema));
      return found("type", shape_of(value), kind_name(schema.kind));
    }
    switch (schema.kind) {
      case json_kind::object: return judge_object(schema, value);
      case json_kind::array: return judge_array(schema, value);
      case json_kind::string: return judge_string(schema, value.get_ref<const std::string&>());
      case json_kind::number:
      case json_kind::integer: return judge_number(schema, value.get<double>());
      case json_kind::any:
      case json_kind::boolean: break;
    }
    return std::nullopt;
  }

 private:
  found_violation judge_object(const schema_node& schema, const nlohmann::json& value) {
    std::size_t known = 0;
    for (std::size_t index = 0; index < schema.property_count; ++index) {
      const schema_property& property = schema.properties[index];
      const auto member = value.find(property.name);
      if (member == value.end() && !property.is_required) continue;
      const std::size_t size = enter(property.name);
      if (member == value.end()) return found("required", "nothing", "must be there");
      ++known;
      if (auto bad = judge(*property.schema, *member)) return bad;
      pointer_.resize(size);
    }
    if (!schema.is_closed || known == value.size()) return std::nullopt;
    for (auto each = value.begin(); each != value.end(); ++each) {
      if (!names(schema, each.key())) return found("additionalProperties", in_quotes(each.key()), "no other members");
    }
    return std::nullopt;
  }

  found_violation judge_array(const schema_node& schema, const nlohmann::json& value) {
    if (value.size() < schema.min_items) return too_few_items(pointer_, value.size(), schema.min_items);
    for (std::size_t index = 0; index < value.size(); ++index) {
      const std::size_t size = enter(std::to_string(index));
      if (auto bad = judge(*schema.items, value[index])) return bad;
      pointer_.resize(size);
    }
    return std::nullopt;
  }

  found_violation judge_string(const schema_node& schema, const std::string& value) const {
    if (schema.values != nullptr) {
      for (std::size_t index = 0; index < schema.value_count; ++index) {
        if (schema.values[index] == value) return std::nullopt;
      }
      if (schema.is_const) return bad_const(schema, in_quotes(value));
      return found("enum", in_quotes(value), listed(schema));
    }
    if (schema.matches != nullptr && !schema.matches(value)) return bad_pattern(pointer_, value, schema.pattern);
    if (!is_text(value, schema.max_length)) return bad_text(pointer_, value, schema.max_length);
    return std::nullopt;
  }

  found_violation judge_number(const schema_node& schema, const double& value) const {
    if (is_within(value, schema.minimum, schema.maximum)) return std::nullopt;
    if (schema.is_const && is_finite(value)) return bad_const(schema, number_text(value));
    return bad_number(pointer_, value, schema.minimum, schema.maximum);
  }

  found_violation bad_const(const schema_node& schema, std::string value) const {
    return found("const", std::move(value), schema.values ? in_quotes(schema.values[0]) : number_text(schema.minimum));
  }

  found_violation found(const char* rule, std::string value, std::string limit) const {
    return violation{pointer_, rule, std::move(value), std::move(limit)};
  }

  // The names of a schema hold no / and no ~, so they need no escape. Returns the size to go back to.
  std::size_t enter(std::string_view step) {
    const std::size_t size = pointer_.size();
    pointer_ += '/';
    pointer_ += step;
    return size;
  }

  static bool names(const schema_node& schema, std::string_view name) noexcept {
    for (std::size_t index = 0; index < schema.property_count; ++index) {
      if (schema.properties[index].name == name) return true;
    }
    return false;
  }

  static std::string listed(const schema_node& schema) {
    std::string result;
    for (std::size_t index = 0; index < schema.value_count; ++index) {
      result += (index > 0 ? ", " : "") + std::string(schema.values[index]);
    }
    return result;
  }

  std::string pointer_;
};

}}}  // namespace wirthforge::detail

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE std::optional<violation> check_json(event_type type, const nlohmann::json& value) {
  return detail::json_judge().judge(*detail::schema_tables::events[static_cast<std::size_t>(type)], value);
}

}}  // namespace wirthforge
