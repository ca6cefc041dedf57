// The schemas' texts by name, as they are served at `/schemas/<name>.schema.json`.
#pragma once

#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The Draft-07 schema of an event or of a client's message, complete in itself; empty if there is none of this
/// name.
[[nodiscard]] std::string_view schema_text(std::string_view name) noexcept;

}}  // namespace wirthforge
