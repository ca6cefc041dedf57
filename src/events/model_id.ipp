// The conversion of a model's name to an id. model_id.hpp describes it.
#pragma once

#include <cstddef>

#include "base/error.hpp"
#include "base/linkage.hpp"
#include "events/generated/patterns.hpp"
#include "events/model_id.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE bool is_model_id(std::string_view text) noexcept { return detail::matches_id(text); }

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

WIRTHFORGE_INLINE std::string model_id_from_name(std::string_view name, std::error_code& error) {
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
WIRTHFORGE_INLINE std::string model_id_from_name(std::string_view name) {
  std::error_code error;
  std::string id = model_id_from_name(name, error);
  if (error) throw std::system_error(error);
  return id;
}

}}  // namespace wirthforge
