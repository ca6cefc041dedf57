// Makes foreign text fit for an event: invalid UTF-8 is replaced, and text that is too long is cut.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/version.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

/// Invalid UTF-8 becomes U+FFFD; of more than `most` code points the first `most` - 1 are kept, and U+2026 (an ellipsis) is
/// added.
WIRTHFORGE_COLD inline std::string mended(std::string_view any, std::size_t most) {
  constexpr std::size_t longest_code_point = 4;
  std::string whole;  // only the bytes that can matter are read
  append_repaired(whole, any.substr(0, (most + 1) * longest_code_point));
  std::size_t count = 0;
  std::size_t last = 0;  // where the code point number `most` begins
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if ((static_cast<unsigned char>(whole[at]) & 0xC0U) == 0x80U) continue;
    if (++count == most) last = at;
  }
  if (count > most) whole.replace(last, std::string::npos, "\xE2\x80\xA6");
  return whole;
}

}}}  // namespace wirthforge::text
