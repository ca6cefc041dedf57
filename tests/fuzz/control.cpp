// The control-message reader, and JSON text read where it lies.
// covers: text/json_view.hpp events/control_reader.hpp events/view_support.hpp
//
// Any text. Oracles: nlohmann/json, strict, takes the text exactly when we do; our values are the same as its, value by
// value, the last of several members of one name; a control message is judged as the schema judges nlohmann's value
// (events/check_json.hpp), and holds the same channels; an error leaves the message alone.
#include "events/control_reader.hpp"

#include <variant>

#include <nlohmann/json.hpp>

#include "events/check_json.hpp"
#include "events/parse_json.hpp"
#include "fuzz/support/fuzz.hpp"

namespace fuzz::control_target {
namespace {

using nlohmann::json;
using wirthforge::errc;
namespace text = wirthforge::text;

// Bounded in depth, since it recurses.
void compare(const text::json_view& ours, const json& theirs, int depth = 0) {
  require(ours.is_object() == theirs.is_object() && ours.is_array() == theirs.is_array(), "an object or array that is none");
  require(ours.is_string() == theirs.is_string() && ours.is_boolean() == theirs.is_boolean(), "a string or boolean");
  require(ours.is_number() == theirs.is_number(), "a number that is none");
  if (ours.is_string()) {
    const auto& value = theirs.get_ref<const std::string&>();
    require(ours.as_string() == value && ours.equals(value) && !ours.equals(value + "x"), "another string");
  } else if (ours.is_boolean()) {
    require(ours.as_boolean() == theirs.get<bool>(), "another boolean");
  } else if (ours.is_number()) {
    require(ours.as_number() == theirs.get<double>(), "another number");
  } else if (ours.is_array()) {
    std::size_t count = 0;
    ours.all_elements([&](const text::json_view& each) {
      require(count < theirs.size(), "too many elements");
      if (depth < 40) compare(each, theirs[count], depth + 1);
      ++count;
      return true;
    });
    require(count == theirs.size(), "too few elements");
  } else if (ours.is_object()) {
    std::size_t count = 0;
    ours.each_member([&](const text::json_view& name, const text::json_view&) {
      require(theirs.contains(name.as_string()), "a member that is none");
      ++count;
    });
    require(count >= theirs.size(), "too few members");
    if (depth < 40 && theirs.size() <= 20) {
      for (const auto& [name, value] : theirs.items()) {
        text::json_view found = ours;
        require(ours.find(name, found), "a member that is not found");
        compare(found, value, depth + 1);
      }
    }
  }
}

std::error_code judge(const json& value, const json*& payload, std::size_t& which) {
  if (!value.is_object()) return errc::control_message_malformed;
  const auto type = value.find("type");
  if (type == value.end() || !type->is_string()) return errc::control_message_unknown;
  const auto& name = type->get_ref<const std::string&>();
  if (name == "heartbeat_response") which = 0;
  else if (name == "stop") which = 1;
  else if (name == "subscribe") which = 2;
  else return errc::control_message_unknown;
  if (wirthforge::detail::json_judge().judge(*wirthforge::detail::schema_tables::controls[which], value)) {
    return errc::control_message_malformed;
  }
  const auto found = value.find("payload");
  payload = found == value.end() ? nullptr : &*found;
  return {};
}

}  // namespace

void fuzz_one(std::string_view input) {
  const exact_copy copy(input);
  json value;
  const bool is_sound = text::is_json(copy.view());
  require(is_sound == wirthforge::detail::parse_json(input, value), "JSON for one reader and not for the other");
  if (is_sound) compare(text::json_view(copy.view()), value);

  wirthforge::subscribe before;
  before.channels = {wirthforge::channel::reward, wirthforge::channel::reward};
  wirthforge::control_message message = before;
  const std::error_code error = wirthforge::read_control(copy.view(), message);
  const json* payload = nullptr;
  std::size_t which = 0;
  const std::error_code expected = is_sound ? judge(value, payload, which) : make_error_code(errc::control_message_malformed);
  require(error == expected, "another verdict than the schema's");
  if (error) {
    const auto* kept = std::get_if<wirthforge::subscribe>(&message);
    require(kept != nullptr && kept->channels == before.channels, "the message was written in spite of an error");
    return;
  }
  require(message.index() == which, "another message");
  if (const auto* request = std::get_if<wirthforge::stop>(&message)) {
    require(request->session_id == payload->at("sessionId").get_ref<const std::string&>(), "another session");
  }
  const auto* request = std::get_if<wirthforge::subscribe>(&message);
  if (request == nullptr) return;
  const json& channels = payload->at("channels");
  require(request->channels.size() == channels.size(), "another number of channels");
  for (std::size_t n = 0; n < channels.size(); ++n) {
    require(to_string(request->channels[n]) == channels[n].get_ref<const std::string&>(), "another channel");
  }
}

}  // namespace fuzz::control_target
