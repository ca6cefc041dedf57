// Reads events: nlohmann/json parses them, the schema's table checks them, then each member is copied.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "base/linkage.hpp"
#include "events/check_json.hpp"
#include "events/generated/readers.hpp"
#include "events/parse_json.hpp"
#include "events/read.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

template <class Event>
std::optional<violation> read(const nlohmann::json& value, Event& event, envelope& outer) {
  if (auto bad = check_json(event_traits<Event>::type, value)) return bad;
  envelope head;
  Event body;
  if (auto bad = detail::read_member(value, "", "timestamp", head.timestamp)) return bad;
  if (event_traits<Event>::has_frame_number) {
    if (auto bad = detail::read_member(value, "", "frameNumber", head.frame_number)) return bad;
  }
  if (auto bad = detail::read_payload(value.at("payload"), body)) return bad;
  event = std::move(body);
  outer = head;
  return std::nullopt;
}

namespace detail {

template <std::size_t Index = 0>
found_violation read_as(std::size_t index, const nlohmann::json& value, any_event& event, envelope& outer) {
  if constexpr (Index < std::variant_size_v<any_event>) {
    if (index != Index) return read_as<Index + 1>(index, value, event, outer);
    std::variant_alternative_t<Index, any_event> made;
    if (auto bad = read(value, made, outer)) return bad;
    event = std::move(made);
  }
  return std::nullopt;
}

}  // namespace detail

WIRTHFORGE_INLINE std::optional<violation> read_event(std::string_view text, any_event& event, envelope& outer) {
  nlohmann::json value;
  if (!detail::parse_json(text, value)) {
    return violation{"", "json", std::to_string(text.size()) + " bytes", "one JSON value"};
  }
  if (!value.is_object()) return violation{"", "type", detail::shape_of(value), "object"};
  const auto type = value.find("type");
  if (type == value.end()) return violation{"/type", "required", "nothing", "must be there"};
  event_type found{};
  if (!type->is_string()) return violation{"/type", "enum", detail::shape_of(*type), "an event's name"};
  const auto& name = type->get_ref<const std::string&>();
  if (!from_string(name, found)) return violation{"/type", "enum", detail::in_quotes(name), "an event's name"};
  return detail::read_as(static_cast<std::size_t>(found), value, event, outer);
}

}}  // namespace wirthforge
