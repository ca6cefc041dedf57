// Reads events from JSON: for clients in C++, for the journal and for tests.
#pragma once

#include <optional>
#include <string_view>

// The forward declaration may come from another version than json.hpp does (a copy of the one file, and the system's full
// set): it is read only if no other part of nlohmann/json is included.
#if defined(NLOHMANN_JSON_VERSION_MAJOR)
#elif defined(WIRTHFORGE_WS_SEPARATE_COMPILATION) && !defined(WIRTHFORGE_WS_IMPLEMENTATION) && __has_include(<nlohmann/json_fwd.hpp>)
#include <nlohmann/json_fwd.hpp>
#else
#include <nlohmann/json.hpp>
#endif

#include "events/generated/types.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// Checks any JSON value against the event's schema: returns the first rule that it breaks, or nothing. The verdict is that of
/// a Draft-07 validator: strings are measured in code points, 1.0 is an integer, members come in any order.
[[nodiscard]] std::optional<violation> check_json(event_type type, const nlohmann::json& value);

/// Checks a JSON value by the schema of `Event` and turns it into a struct. Returns the first violation, or nothing;
/// `event` and `outer` are only written if there is none. Two valid values are still a violation, rule
/// `representable`: an integer beyond std::int64_t, an open object nested deeper than `json_object::max_depth`.
template <class Event>
[[nodiscard]] std::optional<violation> read(const nlohmann::json& value, Event& event, envelope& outer);

/// Reads any of the events from its text. Rule `json`: not a JSON text, or a text that has no value here (invalid UTF-8, a
/// lone surrogate, a number beyond double); `type` and `enum` at `/type`: not one of our events. Never throws the exceptions
/// of nlohmann/json.
[[nodiscard]] std::optional<violation> read_event(std::string_view text, any_event& event, envelope& outer);

}}  // namespace wirthforge
