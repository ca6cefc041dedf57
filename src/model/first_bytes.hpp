// Tells from the first bytes of a stream whether it is JSON lines, server-sent events, or plain text. A byte order mark and
// white space before them are ignored.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

enum class stream_form { undecided, json, events, text };

namespace detail {

// `json` or `events` if `bytes` begin with the word and may be followed by the next byte, `undecided` if they may become the
// word.
inline stream_form begins_with(std::string_view bytes, std::string_view word, std::string_view followers, stream_form form) {
  if (bytes.size() < word.size()) return word.substr(0, bytes.size()) == bytes ? stream_form::undecided : stream_form::text;
  if (bytes.substr(0, word.size()) != word) return stream_form::text;
  if (followers.empty()) return form;
  const std::size_t next = bytes.find_first_not_of(" \t\r\n", word.size());
  if (next == std::string_view::npos) return stream_form::undecided;
  return followers.find(bytes[next]) != std::string_view::npos ? form : stream_form::text;
}

}  // namespace detail

/// `bytes`: all bytes so far. `undecided` for white space alone, and for a beginning that could become either. A program
/// that prints `{ "a"` or `event:` first is read as that format; `error: no such file` and `:-)` are text.
inline stream_form form_of(std::string_view bytes) {
  const std::string_view mark = "\xEF\xBB\xBF";
  if (!bytes.empty() && bytes.size() < mark.size() && mark.substr(0, bytes.size()) == bytes) return stream_form::undecided;
  if (bytes.substr(0, mark.size()) == mark) bytes.remove_prefix(mark.size());
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return stream_form::undecided;
  bytes.remove_prefix(begin);
  struct known {
    std::string_view word, followers;
    stream_form form;
  };
  constexpr known forms[] = {
      {"{", "\"}", stream_form::json},     {"data:", "{[", stream_form::events}, {"error:", "{", stream_form::events},
      {"event:", "", stream_form::events}, {"id:", "", stream_form::events},     {"retry:", "", stream_form::events},
      {": ", "", stream_form::events},     {":\n", "", stream_form::events},     {":\r", "", stream_form::events}};
  stream_form found = stream_form::text;
  for (const known& each : forms) {
    const stream_form form = detail::begins_with(bytes, each.word, each.followers, each.form);
    if (form == stream_form::json || form == stream_form::events) return form;
    if (form == stream_form::undecided) found = form;
  }
  return found;
}

}}}  // namespace wirthforge::model
