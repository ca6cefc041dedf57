// Concatenates texts, out of line: the compiler would expand a chain of `+` anew, and at length, in each place.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// Appends the parts, one after the other.
WIRTHFORGE_COLD inline void append(std::string& to, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) to += part;
}
/// For log lines, errors and pages; the text of an event has a writer of its own.
WIRTHFORGE_COLD inline std::string concat(std::initializer_list<std::string_view> parts) {
  std::string whole;
  append(whole, parts);
  return whole;
}

}}}  // namespace wirthforge::tools
