// Texts of a few bytes, which are checked by a way of their own: most tokens of a model, and most names.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace short_text_test {

namespace {

namespace text = wirthforge::text;
using namespace std::string_literals;

using exact_copy = std::vector<char>;  // no byte behind it may be read, as a string's zero may be
std::string_view view_of(const exact_copy& bytes) { return {bytes.data(), bytes.size()}; }

// Single bytes do not go through the fast ways.
bool is_valid_bytewise(std::string_view bytes) {
  text::utf8_checker checker;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (!checker.feed(bytes.substr(at, 1))) return false;
  }
  return checker.is_complete();
}

}  // namespace

TEST_CASE("a short text is judged by each of its bytes, whatever its length", "[text][utf8]") {
  std::size_t wrong = 0;
  for (std::size_t size = 0; size <= 20; ++size) {
    const std::string ascii(size, '\x7F');
    const exact_copy copy(ascii.begin(), ascii.end());
    std::string repaired;
    text::append_repaired(repaired, view_of(copy));
    if (!text::is_utf8(view_of(copy)) || repaired != ascii) ++wrong;
    for (std::size_t place = 0; place < size; ++place) {
      for (const std::string& put : {"\x80"s, "\xC3"s, "\xFF"s, "\xC3\xA4"s, "\xE2\x82\xAC"s, "\xED\xA0\x80"s}) {
        if (place + put.size() > size) continue;
        std::string bytes = ascii;
        bytes.replace(place, put.size(), put);
        const exact_copy changed(bytes.begin(), bytes.end());
        const bool is_valid = is_valid_bytewise(bytes);
        repaired.clear();
        text::append_repaired(repaired, view_of(changed));
        if (text::is_utf8(view_of(changed)) != is_valid || (repaired == bytes) != is_valid) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

}  // namespace short_text_test
