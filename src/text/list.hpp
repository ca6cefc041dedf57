// The comma-separated lists of HTTP header fields (RFC 9110 section 5.6.1): one reader for every field that is a list. No
// allocation.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/version.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

/// "A recipient MUST parse and ignore a reasonable number of empty list elements" (section 5.6.1.2): the number in one list.
/// Programs that merge lists, or have nothing to send, leave one or two.
inline constexpr std::size_t max_empty_elements = 32;

/// Reads one list. A repeated field is one list in several lines (section 5.3): read them in their order.
class list_reader {
 public:
  /// Hands each element that is not empty to `take`, without the spaces around it. A comma inside a quoted string does not
  /// separate elements. False if the line is no list: a quoted string does not end, or there are too many empty elements; the
  /// elements before that place have been taken.
  template <class Take>
  bool read(std::string_view line, Take take) {
    for (;;) {
      const std::size_t end = end_of_element(line);
      if (end == std::string_view::npos) return false;
      const std::string_view element = trim(line.substr(0, end));
      if (!element.empty()) take(element);
      else if (++empty_elements_ > max_empty_elements) return false;
      if (end == line.size()) return true;
      line.remove_prefix(end + 1);
    }
  }

 private:
  // The position of the first comma outside quotes, or the size; npos inside a quoted string that does not end.
  static std::size_t end_of_element(std::string_view line) noexcept {
    bool is_quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
      if (line[at] == '"') is_quoted = !is_quoted;
      else if (is_quoted && line[at] == '\\') ++at;  // a quoted pair
      else if (!is_quoted && line[at] == ',') return at;
    }
    return is_quoted ? std::string_view::npos : line.size();
  }

  std::size_t empty_elements_ = 0;
};

}}}  // namespace wirthforge::text
