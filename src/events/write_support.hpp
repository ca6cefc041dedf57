// The building blocks of the generated writers, their common parts, and the stamping of a time into a text that is already
// written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "events/generated/types.hpp"
#include "text/json_text.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// The timestamp of an event always takes this many characters, right-aligned: JSON permits space before a number.
constexpr std::size_t timestamp_bytes = 13;

/// Writes the 13 characters of a timestamp, at `event_traits<Event>::timestamp_offset` of a text that `write` made.
/// The server does so when it decides the order of events, long after the text was written. Clamped to
/// 0...9999999999999 (year 2286).
inline void stamp_timestamp(char* field, std::int64_t ms) noexcept {
  constexpr std::int64_t most = 9999999999999;
  char digits[text::max_json_integer_bytes];
  const char* const end = text::put_integer(digits, ms < 0 ? 0 : ms > most ? most : ms);
  const auto size = static_cast<std::size_t>(end - digits);
  std::memset(field, ' ', timestamp_bytes - size);
  std::memcpy(field + (timestamp_bytes - size), digits, size);
}

/// Writes an event of that type; specialized where writers are generated.
template <class Event>
struct event_writer;

}}}  // namespace wirthforge::tools

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline char* put_timestamp(char* to, std::int64_t ms) noexcept {
  stamp_timestamp(to, ms);
  return to + timestamp_bytes;
}

/// Ends a list whose elements were each followed by a comma.
inline char* close_list(char* to, char bracket) noexcept {
  if (to[-1] == ',') --to;
  *to = bracket;
  return to + 1;
}

template <class Event>
void append_event(std::string& out, const Event& event, const envelope& outer) {
  char* const to = text::make_room(out, event_writer<Event>::room(event));
  text::end_at(out, event_writer<Event>::fill(to, event, outer));
}

}}}  // namespace wirthforge::detail
