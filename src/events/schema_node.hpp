// A schema as a table, for checking JSON that comes from outside: `check_json` reads the generated tables.
// Constant data, no code.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

enum class json_kind { any, object, array, string, number, integer, boolean };

struct schema_property;

struct schema_node {
  json_kind kind = json_kind::any;
  // object
  const schema_property* properties = nullptr;
  std::size_t property_count = 0;
  bool is_closed = false;
  // array
  const schema_node* items = nullptr;
  std::size_t min_items = 0;
  // string
  std::size_t max_length = std::numeric_limits<std::size_t>::max();
  bool (*matches)(std::string_view) noexcept = nullptr;
  std::string_view pattern{};
  // enum and const
  const std::string_view* values = nullptr;
  std::size_t value_count = 0;
  bool is_const = false;
  // number and integer; a const number has minimum == maximum
  double minimum = std::numeric_limits<double>::lowest();
  double maximum = std::numeric_limits<double>::max();
};

struct schema_property {
  std::string_view name;
  const schema_node* schema;
  bool is_required;
};

}}}  // namespace wirthforge::detail
