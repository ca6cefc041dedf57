// Text that somebody else wrote, such as a model's or a model server's message, made fit for an event.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The text as an event may carry it: what is no UTF-8 becomes U+FFFD, as in a token stream, and of more than `max_characters` code
/// points the first `max_characters` - 1 are kept and an ellipsis, U+2026. The default is what `error_event::message` may have; a
/// title of a `reward_event` has 100, its description 500. `publish` mends nothing by itself: it refuses (`errc::schema_violation`).
[[nodiscard]] std::string mended(std::string_view any, std::size_t max_characters = 1000);

}}  // namespace wirthforge
