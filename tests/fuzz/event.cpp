// The reader of all nine events, with the checks and writers that it is the twin of.
// covers: events/read.ipp events/read_support.hpp events/check_json.hpp events/json_object.hpp events/parse_json.hpp
// covers: events/generated/readers.hpp events/generated/checks.hpp events/generated/writers.hpp events/write_support.hpp
// covers: events/check_support.hpp
//
// Any text. Oracles: an event that is read passes the checks of the structs and, written, is read again as the same event, passes the
// schema, and is written the second time as the same bytes; a refused text leaves event and envelope alone and names the
// rule and the place; the schema (events/check_json.hpp) refuses each text that the reader refuses, unless it has no C++ value.
#include "events/events.hpp"
#include "events/read.ipp"
#include "events/parse_json.hpp"

#include <variant>

#include "fuzz/support/fuzz.hpp"

namespace fuzz::event_target {
namespace {

using wirthforge::any_event;
using wirthforge::envelope;

constexpr std::int64_t largest_timestamp = 9999999999999;  // the writer's field has thirteen digits

std::string write_any(const any_event& event, const envelope& outer) {
  std::string out;
  std::visit([&](const auto& each) { write(out, each, outer); }, event);
  return out;
}

// A field that is a double rounds an integer of more than 53 bits, so that all numbers are compared as doubles.
void round_numbers(nlohmann::json& value) {
  if (value.is_number()) value = value.get<double>();
  if (!value.is_structured()) return;
  for (nlohmann::json& each : value) round_numbers(each);
}

}  // namespace

void fuzz_one(std::string_view input) {
  const exact_copy copy(input);
  wirthforge::reward_event before;
  before.title = "before";
  any_event event = before;
  envelope outer{77, 88};
  const auto bad = wirthforge::read_event(copy.view(), event, outer);
  nlohmann::json value;
  const bool is_json = wirthforge::detail::parse_json(input, value);
  if (bad) {
    const auto* kept = std::get_if<wirthforge::reward_event>(&event);
    require(kept != nullptr && kept->title == before.title, "the event was written in spite of a violation");
    require(outer.timestamp == 77 && outer.frame_number == 88, "the envelope was written in spite of a violation");
    require(!bad->rule.empty() && (bad->pointer.empty() || bad->pointer[0] == '/'), "a violation without a rule or a place");
    require(bad->rule == "json" ? !is_json : is_json, "JSON or not");
    require(!bad->message().empty(), "a violation without a message");
    return;
  }
  require(is_json, "an event that is no JSON");
  const auto type = static_cast<wirthforge::event_type>(event.index());
  require(value["type"] == std::string(to_string(type)), "another type");
  require(!wirthforge::check_json(type, value), "read, and not as its schema says");
  const auto unsound = std::visit([](const auto& each) { return wirthforge::check(each); }, event);
  require(!unsound, "read, and the check of its struct refuses it");
  require(value["timestamp"].get<double>() == static_cast<double>(outer.timestamp), "another time stamp");
  if (outer.timestamp > largest_timestamp) outer.timestamp = largest_timestamp;

  const std::string written = write_any(event, outer);
  any_event again;
  envelope outer_again;
  require(!wirthforge::read_event(written, again, outer_again), "an event that was written is not read");
  require(again.index() == event.index() && outer_again.timestamp == outer.timestamp, "another event");
  require(write_any(again, outer_again) == written, "written the second time it is other bytes");
  nlohmann::json value_again = nlohmann::json::parse(written);
  value_again["timestamp"] = value["timestamp"];
  round_numbers(value);
  round_numbers(value_again);
  require(value_again == value, "the written value is not the value that was read");
}

}  // namespace fuzz::event_target
