// Parses JSON text strictly: nlohmann/json with its three leniencies taken away, and no exceptions.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// False where the text is not exactly one JSON value (RFC 8259) whose strings are valid UTF-8 and whose numbers are
/// finite. A number too big for a double and an escaped lone surrogate (`\ud800`) are refused: neither has a value
/// here. nlohmann/json would skip a byte order mark, and end the text at a zero byte, whatever follows. It does not
/// recurse.
inline bool parse_json(std::string_view text, nlohmann::json& value) {
  if (text.substr(0, 1) == "\xEF" || text.find('\0') != std::string_view::npos) return false;
  value = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  return !value.is_discarded();
}

}}}  // namespace wirthforge::detail
