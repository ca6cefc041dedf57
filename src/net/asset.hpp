// A file that the server sends to browsers. The files themselves are in generated/assets.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// One embedded file. In pieces, because some compilers limit the length of a literal.
struct asset {
  std::string_view path;  ///< The path at which it is served.
  std::string_view content_type;
  const std::string_view* pieces = nullptr;
  std::size_t piece_count = 0;

  std::string text() const {
    std::string all;
    for (std::size_t index = 0; index < piece_count; ++index) all += pieces[index];
    return all;
  }
};

/// The file that is served at a path; null if there is none.
const asset* find_asset(std::string_view path) noexcept;

}}}  // namespace wirthforge::net
