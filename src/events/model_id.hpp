// Model names in the wild (`llama3.2:3b`) are no ids of the wire (`^[a-zA-Z0-9_-]+$`). One stable mapping makes them
// so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "events/generated/patterns.hpp"
#include "text/utf8.hpp"

namespace wirthforge {

/// True when the text may stand where an event wants the id of a model.
inline bool is_model_id(std::string_view text) noexcept { return detail::matches_id(text); }

namespace detail {

inline void append_mapped(std::string& id, unsigned long code_point) {
  constexpr char hex[] = "0123456789abcdef";
  const char byte = static_cast<char>(code_point);
  if (code_point >= 0x80) {
    id += "_u";
    int shift = code_point > 0xffff ? 20 : 12;
    for (; shift >= 0; shift -= 4) id += hex[code_point >> shift & 15];
  } else if (matches_id(std::string_view(&byte, 1))) {
    id += byte;
  } else {
    id += byte == ':' || byte == '/' || byte == '\\' || byte == '@' ? '-' : '_';
  }
}

}  // namespace detail

/// The id that stands for a model's name on the wire. The same name always gives the same id, in every version: it
/// becomes part of journals and of what users see.
///
/// - What an id may hold stays as it is; an id maps to itself.
/// - The separators `:` `/` `\` `@` become `-`.
/// - Any other ASCII character (a dot, a space, a control character) becomes `_`.
/// - Any other character becomes `_u` and its code point in four hexadecimal digits, six past U+FFFF.
///
/// `llama3.2:3b` -> `llama3_2-3b`; `hf.co/org/Model 1` -> `hf_co-org-Model_1`. Different names may share an id
/// (`a.b`, `a_b`); an integrator that has both chooses ids of its own.
///
/// Errors: `errc::model_name_invalid`: the name is empty or no valid UTF-8; the result is then empty.
inline std::string model_id_from_name(std::string_view name, std::error_code& error) {
  error.clear();
  if (name.empty() || !text::is_utf8(name)) {
    error = errc::model_name_invalid;
    return {};
  }
  std::string id;
  id.reserve(name.size());
  for (std::size_t at = 0; at < name.size();) {
    const unsigned long lead = static_cast<unsigned char>(name[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned long code_point = size == 1 ? lead : lead & (0x7fU >> size);
    for (std::size_t next = 1; next < size; ++next) {
      code_point = code_point << 6 | (static_cast<unsigned char>(name[at + next]) & 0x3fU);
    }
    detail::append_mapped(id, code_point);
    at += size;
  }
  return id;
}
/// Throws std::system_error where the other reports an error.
inline std::string model_id_from_name(std::string_view name) {
  std::error_code error;
  std::string id = model_id_from_name(name, error);
  if (error) throw std::system_error(error);
  return id;
}

}  // namespace wirthforge
