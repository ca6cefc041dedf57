// Reads what a client sent, by the schemas of `schemas/client/`. Needs nlohmann/json; the declaration is in
// control.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "events/check_json.hpp"
#include "events/control.hpp"
#include "events/generated/readers.hpp"
#include "events/parse_json.hpp"

namespace wirthforge {
namespace detail {

template <std::size_t Index = 0>
bool read_control_as(std::size_t index, const nlohmann::json& value, control_message& message) {
  if constexpr (Index < std::variant_size_v<control_message>) {
    if (index != Index) return read_control_as<Index + 1>(index, value, message);
    std::variant_alternative_t<Index, control_message> made;
    const auto payload = value.find("payload");
    if (read_payload(payload == value.end() ? value : *payload, made)) return false;
    message = std::move(made);
    return true;
  }
  return false;
}

}  // namespace detail

inline std::error_code read_control(std::string_view text, control_message& message) {
  nlohmann::json value;
  if (!detail::parse_json(text, value) || !value.is_object()) return errc::control_message_malformed;
  const auto type = value.find("type");
  if (type == value.end() || !type->is_string()) return errc::control_message_unknown;
  const std::string& name = type->get_ref<const std::string&>();
  for (std::size_t index = 0; index < std::variant_size_v<control_message>; ++index) {
    if (detail::control_message_texts[index] != name) continue;
    const bool is_valid = !detail::json_judge().judge(*detail::schema_tables::controls[index], value);
    if (is_valid && detail::read_control_as(index, value, message)) return {};
    return errc::control_message_malformed;
  }
  return errc::control_message_unknown;
}

}  // namespace wirthforge
