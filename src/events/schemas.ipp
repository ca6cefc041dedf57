// Finds a schema's text by its name.
#pragma once

#include "base/linkage.hpp"
#include "events/generated/schema_texts.hpp"
#include "events/schemas.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

WIRTHFORGE_INLINE std::string_view schema_text(std::string_view name) noexcept {
  for (const detail::named_schema& each : detail::all_schemas) {
    if (each.name == name) return each.text;
  }
  return {};
}

}}  // namespace wirthforge
