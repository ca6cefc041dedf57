// Common model names (`llama3.2:3b`) are no ids of the wire (`^[a-zA-Z0-9_-]+$`). One stable mapping turns them into
// ids.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// True when the text may stand where an event requires the id of a model.
[[nodiscard]] bool is_model_id(std::string_view text) noexcept;

/// The id that stands for a model's name on the wire. The same name always gives the same id, in every version: it
/// becomes part of journals and of what users see.
///
/// - Characters that an id may hold stay as they are; an id maps to itself.
/// - The separators `:` `/` `\` `@` become `-`.
/// - Any other ASCII character (a dot, a space, a control character) becomes `_`.
/// - Any other character becomes `_u` and its code point in four hexadecimal digits, six past U+FFFF.
///
/// `llama3.2:3b` -> `llama3_2-3b`; `hf.co/org/Model 1` -> `hf_co-org-Model_1`. Different names may share an id
/// (`a.b`, `a_b`); an integrator that uses both chooses ids of its own.
///
/// Errors: `errc::model_name_invalid`: the name is empty or not valid UTF-8; the result is then empty.
[[nodiscard]] std::string model_id_from_name(std::string_view name, std::error_code& error);
/// Throws std::system_error where the other overload reports an error.
[[nodiscard]] std::string model_id_from_name(std::string_view name);

}}  // namespace wirthforge
