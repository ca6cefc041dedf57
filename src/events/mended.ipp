// Mends the text of others; mended.hpp has the contract.
#pragma once

#include "base/linkage.hpp"
#include "events/mended.hpp"
#include "text/mend.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE std::string mended(std::string_view any, std::size_t max_characters) {
  return max_characters == 0 ? std::string() : text::mended(any, max_characters);
}

}}  // namespace wirthforge
