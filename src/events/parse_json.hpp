// Parses JSON text strictly: nlohmann/json without its three leniencies, and without exceptions.
#pragma once

#include <string_view>

#if !defined(_WIN32)
#include <locale.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#endif

#include "base/version.hpp"
#include "events/json_version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

// While it exists, this thread is in the "C" locale. nlohmann/json reads numbers with strtod, and reads the locale's decimal
// point before: it asserts, or takes 42 for 42.75, if the point has two bytes, as in Persian, or if another thread calls
// setlocale in between. Windows has no such locale by default, and changes a thread's locale only by name and slowly.
class plain_numbers {
 public:
#if defined(_WIN32)
  plain_numbers() noexcept {}
#else
  plain_numbers() noexcept {
    static const locale_t plain = ::newlocale(LC_ALL_MASK, "C", static_cast<locale_t>(nullptr));
    before_ = ::uselocale(plain);
  }
  ~plain_numbers() { ::uselocale(before_); }
#endif
  plain_numbers(const plain_numbers&) = delete;
  plain_numbers& operator=(const plain_numbers&) = delete;

 private:
#if !defined(_WIN32)
  locale_t before_;
#endif
};

/// False if the text is not exactly one JSON value (RFC 8259) whose strings are valid UTF-8 and whose numbers are
/// finite. A number too big for a double and an escaped lone surrogate (`\ud800`) are refused: neither has a value
/// here. nlohmann/json would skip a byte order mark, and end the text at a zero byte, whatever follows. The parser does not
/// recurse.
inline bool parse_json(std::string_view text, nlohmann::json& value) {
  if (text.substr(0, 1) == "\xEF" || text.find('\0') != std::string_view::npos) return false;
  const plain_numbers plain;
  value = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  return !value.is_discarded();
}

}}}  // namespace wirthforge::detail
