// Finds out whether a model server's sentence repeats the request: some servers quote a request that they refuse, and the
// prompt must not appear in any event or log. Pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cold.hpp"
#include "base/version.hpp"
#include "model/json_line.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

namespace detail {

// Strings as they read, so that differences in escapes do not matter; control characters are spaces, as in a sentence.
WIRTHFORGE_COLD inline std::string plain_strings(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] != '\\' || at + 1 == json.size()) {
      out += static_cast<unsigned char>(json[at]) < 0x20 ? ' ' : json[at];
      continue;
    }
    const std::size_t size = text::detail::escape_size(json, at);
    if (size < 6) {
      const char next = json[++at];
      out += next == '"' || next == '\\' || next == '/' ? next : ' ';
      continue;
    }
    const int first = text::detail::unit_at(json, at + 2);
    const int second = size == 12 ? text::detail::unit_at(json, at + 8) : 0;
    const auto point = size == 12 ? 0x10000U + ((static_cast<unsigned>(first) - 0xD800U) << 10U) +
                                        (static_cast<unsigned>(second) - 0xDC00U)
                                  : static_cast<unsigned>(first);
    if (point < 0x20) out += ' ';
    else text::detail::append_utf8(out, point);
    at += size - 1;
  }
  return out;
}

}  // namespace detail

/// True if `sentence` holds 23 consecutive bytes of the request's body; fewer may suffice, but at least 12. The name of the
/// model, which a server may quote, does not count as part of the body.
WIRTHFORGE_COLD inline bool repeats_request(std::string_view sentence, std::string_view body) {
  constexpr std::size_t block = 12;
  std::string asked = detail::plain_strings(body);
  std::optional<text::json_view> object;
  std::string memory, name;
  if (!body.empty() && !read_json(body, memory, object)) {
    const std::string_view model = string_of(find_member(object, "model"), name);
    const std::size_t at = model.empty() ? std::string::npos : asked.find(model);
    if (at != std::string::npos) asked.erase(at, model.size());
  }
  std::vector<std::string_view> windows;
  for (std::size_t at = 0; at + block <= sentence.size(); ++at) windows.push_back(sentence.substr(at, block));
  std::sort(windows.begin(), windows.end());
  for (std::size_t at = 0; at + block <= asked.size(); at += block) {
    if (std::binary_search(windows.begin(), windows.end(), std::string_view(asked).substr(at, block))) return true;
  }
  return false;
}

}}}  // namespace wirthforge::model
