// Reads a client's messages, by the schemas of `schemas/client/`. The declaration is in control.hpp.
#pragma once

#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "events/control.hpp"
#include "events/control_fault.hpp"
#include "events/generated/readers.hpp"
#include "events/generated/schema_tables.hpp"
#include "events/view_support.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

template <std::size_t Index = 0>
bool read_control_as(std::size_t index, const text::json_view& value, control_message& message) {
  if constexpr (Index < std::variant_size_v<control_message>) {
    if (index != Index) return read_control_as<Index + 1>(index, value, message);
    std::variant_alternative_t<Index, control_message> made;
    text::json_view payload = value;
    value.find("payload", payload);
    if (read_payload(payload, made)) return false;
    message = std::move(made);
    return true;
  }
  return false;
}

}}}  // namespace wirthforge::detail

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

inline std::error_code read_control(std::string_view text, control_message& message) {
  if (!text::is_json(text)) return errc::control_message_malformed;
  const text::json_view value(text);
  if (!value.is_object()) return errc::control_message_malformed;
  text::json_view type = value;
  if (!value.find("type", type) || !type.is_string()) return errc::control_message_unknown;
  for (std::size_t index = 0; index < std::variant_size_v<control_message>; ++index) {
    if (!type.equals(control_message_texts[index])) continue;
    const bool is_valid = detail::conforms(*detail::schema_tables::controls[index], value);
    if (is_valid && detail::read_control_as(index, value, message)) return {};
    return errc::control_message_malformed;
  }
  return errc::control_message_unknown;
}

}}}  // namespace wirthforge::tools
