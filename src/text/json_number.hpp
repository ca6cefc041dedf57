// Numbers in JSON text, and as the members of objects.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/version.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

inline bool read_number(const json_view& of, std::string_view name, double& result) {
  json_view value = of;
  if (!of.find(name, value) || !value.is_number()) return false;
  result = value.as_number();
  return true;
}
/// False, and `result` is as it was, for what is no number or is not below `bound` in size.
inline bool read_integer(const json_view& value, std::int64_t& result, double bound = 9e18) {
  if (!value.is_number() || !(std::abs(value.as_number()) < bound)) return false;
  result = static_cast<std::int64_t>(value.as_number());
  return true;
}
inline bool read_integer(const json_view& of, std::string_view name, std::int64_t& result, double bound = 9e18) {
  json_view value = of;
  return of.find(name, value) && read_integer(value, result, bound);
}

}}}  // namespace wirthforge::text
