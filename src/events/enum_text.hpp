// The enums of the wire and their texts: an enumerator is an index into its list of texts.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// Reads the members of a generated struct; specialized where readers are generated.
template <class Struct>
struct member_reader;

template <class Enum, std::size_t Count>
bool is_index_of(Enum value, const std::string_view (&)[Count]) noexcept {
  return static_cast<std::size_t>(value) < Count;
}

/// Empty for a value that is no enumerator.
template <class Enum, std::size_t Count>
std::string_view text_in(Enum value, const std::string_view (&texts)[Count]) noexcept {
  return is_index_of(value, texts) ? texts[static_cast<std::size_t>(value)] : std::string_view();
}

template <class Enum, std::size_t Count>
bool find_in(std::string_view text, Enum& value, const std::string_view (&texts)[Count]) noexcept {
  for (std::size_t index = 0; index < Count; ++index) {
    if (texts[index] != text) continue;
    value = static_cast<Enum>(index);
    return true;
  }
  return false;
}

}}}  // namespace wirthforge::detail
