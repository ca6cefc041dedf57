// Finds the sentence in a server's report of a failure. Each server has a form of its own:
// {"error":"..."}, {"error":{"message":"..."}}, {"object":"error","message":"..."}, {"detail":"..."}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/version.hpp"
#include "model/json_line.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

/// `value`: the error, or the object around it. Its own JSON text if it has no sentence; empty for a missing value and null.
inline std::string_view words_of_error(const std::optional<text::json_view>& value, std::string& memory) {
  std::optional<text::json_view> found = value;
  for (int level = 0; level < 3 && is_object(found); ++level) {
    const auto inner = find_members<3>(*found, {"error", "message", "detail"});
    if (is_object(inner[0]) || is_string(inner[0])) found = inner[0];
    else if (is_string(inner[1]) || is_object(inner[1])) found = inner[1];
    else if (inner[2]) found = inner[2];
    else break;
  }
  if (is_string(found)) return string_of(found, memory);
  return found && found->own() != "null" ? found->own() : std::string_view();
}

/// True for an object that reports a failure, in any format. `"error": null` and `""` report none.
inline bool is_error(const text::json_view& object) {
  const auto found = find_members<3>(object, {"error", "object", "type"});
  if (equals(found[1], "error") || equals(found[2], "error")) return true;
  return is_object(found[0]) || (is_string(found[0]) && !found[0]->equals(""));
}

}}}  // namespace wirthforge::model
