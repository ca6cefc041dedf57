// A restart in good order: the state that a run leaves for the next one, and how that takes it over, so that a client that was
// connected all the time misses nothing and gets no gap (docs/protocol.md#restart). The events come from the journal, byte for
// byte as they were sent; the rest is in the journal's last line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "events/read.hpp"
#include "live/engine.hpp"
#include "live/journal_past.hpp"
#include "text/json_number.hpp"
#include "text/json_text.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

namespace detail {

constexpr double exact_bound = 9e15;  // of integers: a double tells those below it apart

/// An array of numbers. False for anything else.
inline bool read_numbers(const text::json_view& value, std::vector<double>& out) {
  out.clear();
  return value.is_array() && value.all_elements([&](const text::json_view& each) {
    if (!each.is_number() || !is_finite(each.as_number())) return false;
    out.push_back(each.as_number());
    return true;
  });
}

WIRTHFORGE_COLD inline frame_ptr frame_of_text(event_type type, channel lane, std::int64_t timestamp, std::string_view text) {
  char* memory = nullptr;
  const std::size_t room = event_frame::header_room + text.size();
  return std::allocate_shared<event_frame>(allocator_with_room<event_frame>(room, memory), type, lane, timestamp, text, memory);
}

template <class Answers>
void write_answers(std::string& out, const char* name, const Answers& all) {
  append(out, {"\"", name, "\":["});
  for (const answer_size& each : all) {
    if (out.back() != '[') out += ',';
    out += "[";
    text::append_json_string(out, each.session_id);
    out += ',';
    text::append_json_string(out, each.model_id);
    append(out, {",", each.bytes == answer_size::unknown ? "-1" : std::to_string(each.bytes), "]"});
  }
  out += "],";
}
inline std::vector<answer_size> read_answers(const text::json_view& state, std::string_view name) {
  std::vector<answer_size> result;
  text::json_view all = state;
  if (!state.find(name, all) || !all.is_array()) return result;
  all.all_elements([&](const text::json_view& each) {
    std::vector<text::json_view> parts;
    std::int64_t bytes = 0;
    if (each.is_array()) {
      each.all_elements([&](const text::json_view& part) {
        parts.push_back(part);
        return parts.size() < 3;
      });
    }
    if (parts.size() == 3 && parts[0].is_string() && parts[1].is_string() && text::read_integer(parts[2], bytes, exact_bound)) {
      result.push_back({parts[0].as_string(), parts[1].as_string(), static_cast<std::size_t>(bytes)});
    }
    return true;
  });
  return result;
}

/// The strings of an array.
inline std::vector<std::string> read_texts(const text::json_view& state, std::string_view name) {
  std::vector<std::string> result;
  text::json_view all = state;
  if (!state.find(name, all) || !all.is_array()) return result;
  all.all_elements([&](const text::json_view& each) {
    if (each.is_string()) result.push_back(each.as_string());
    return true;
  });
  return result;
}

}  // namespace detail

// Each mark is determined by the events after it: then the sums begin at zero.
WIRTHFORGE_COLD inline void energy_lane::write_state(std::string& out, const instant& now) {
  const auto put = [&](const slot& of, const energy_mark& mark) {
    append(out, {std::to_string(mark.frame_number), ","});
    text::append_json_number(out, of.total.delta_energy - mark.delta_energy);
    append(out, {",", std::to_string(of.total.tokens_generated - mark.tokens_generated)});
  };
  out += '[';
  for (slot& each : slots_) {
    if (out.back() != '[') out += ',';
    append(out, {R"({"newest":)", shared(each)->text(), R"(,"isKnown":)", each.is_known ? "true" : "false", R"(,"before":[)"});
    put(each, each.before_newest);
    out += R"(],"past":[)";
    for (std::size_t index = 0; index < each.history.size(); ++index) {
      const past& one = each.history[index];
      out += index == 0 ? "[" : ",[";
      put(each, one.mark);
      const auto ago = std::chrono::duration_cast<milliseconds>(now.steady - one.ended).count();
      append(out, {",", std::to_string(one.cursor), ",", std::to_string(ago), "]"});
    }
    out += "]}";
  }
  out += ']';
}

WIRTHFORGE_COLD inline bool energy_lane::restore(const text::json_view& state, const instant& now, nanoseconds down) {
  std::vector<slot> found;
  const auto mark_of = [](const std::vector<double>& numbers, std::uint64_t version) {
    energy_mark mark;
    mark.version = version;
    mark.frame_number = static_cast<std::int64_t>(std::clamp(numbers[0], -1.0, 9e15));
    mark.delta_energy.add(-numbers[1]);
    mark.tokens_generated = -static_cast<std::int64_t>(std::clamp(numbers[2], 0.0, 9e15));
    return mark;
  };
  const auto read_slot = [&](const text::json_view& from) {
    text::json_view newest = from;
    text::json_view part = from;
    any_event event;
    envelope outer;
    if (!from.is_object() || !from.find("newest", newest) || read_event(newest.own(), event, outer)) return false;
    energy_publication news{energy_update(), outer, nullptr};
    if (const auto* update = std::get_if<energy_update>(&event)) news.event = *update;
    else if (const auto* field = std::get_if<energy_field>(&event)) news.event = *field;
    else return false;
    const auto model_of = [](const auto& each) { return each.model_id; };
    slot each(news.event.index(), std::visit(model_of, news.event));
    std::vector<double> numbers;
    if (!from.find("past", part) || !part.is_array()) return false;
    const bool is_sound = part.all_elements([&](const text::json_view& one) {
      if (!detail::read_numbers(one, numbers) || numbers.size() != 5) return false;
      const std::uint64_t version = each.history.size();
      const auto ago = std::chrono::duration_cast<nanoseconds>(
          milliseconds(static_cast<std::int64_t>(std::clamp(numbers[4], 0.0, 9e11))));
      each.history.push_back({mark_of(numbers, version), static_cast<std::int64_t>(std::clamp(numbers[3], -1.0, 9e15)),
                              now.steady - std::chrono::duration_cast<steady_time::duration>(ago + down)});
      return true;
    });
    if (!is_sound || !from.find("before", part) || !detail::read_numbers(part, numbers) || numbers.size() != 3) return false;
    each.total.version = std::max<std::uint64_t>(each.history.size(), 1);
    each.total.frame_number = outer.frame_number;
    each.before_newest = mark_of(numbers, each.total.version - 1);
    each.is_known = from.find("isKnown", part) && part.is_boolean() && part.as_boolean();
    each.newest = std::move(news.event);
    each.outer = outer;
    found.push_back(std::move(each));
    return true;
  };
  if (!state.is_array() || !state.all_elements(read_slot)) return false;
  slots_ = std::move(found);
  ++version_;
  return true;
}

WIRTHFORGE_COLD inline void hub::write_state(std::string& members, const instant& now) {
  append(members,
         {R"("timestamp":)", std::to_string(log_.last_timestamp()), R"(,"lostThrough":)", std::to_string(log_.lost_through()),
          R"(,"connections":)", std::to_string(joined_), R"(,"closedAt":)", std::to_string(now.unix_ms), ","});
  std::vector<answer_size> sizes;
  recent_.trim(now.steady);
  recent_.each([&](const kept_answer_ptr& each) { sizes.push_back(size_of(*each)); });
  detail::write_answers(members, "recent", sizes);
  sizes.clear();
  answers_.every([&](const kept_answer& each) { sizes.push_back(size_of(each)); });
  detail::write_answers(members, "open", sizes);
  if (const std::optional<steady_time>& left_out = recent_.left_out_at()) {
    append(members,
           {R"("leftOutAgo":)", std::to_string(std::chrono::duration_cast<milliseconds>(now.steady - *left_out).count()), ","});
  }
  members += R"("loading":[)";
  models_.each(log_.last_timestamp() + 1, [&](const error_event_ptr& each) {
    if (each->code != "MODEL_LOADING") return;
    if (members.back() != '[') members += ',';
    text::append_json_string(members, text_in_details(*each, "modelId"));
  });
  members += R"(],"energy":)";
  energy_.write_state(members, now);
  members += ',';
}

WIRTHFORGE_COLD inline std::vector<token_stream> hub::restore(const journal_past& past, const instant& now) {
  const text::json_view state(past.state);
  std::int64_t last = 0;
  std::int64_t lost_through = -1;
  std::int64_t connections = 0;
  std::int64_t closed_at = now.unix_ms;
  text::read_integer(state, "timestamp", last, detail::exact_bound);
  text::read_integer(state, "lostThrough", lost_through, detail::exact_bound);
  text::read_integer(state, "connections", connections, detail::exact_bound);
  text::read_integer(state, "closedAt", closed_at, detail::exact_bound);
  epoch_ = past.epoch;
  joined_ = static_cast<std::uint64_t>(std::max<std::int64_t>(connections, 0));
  for (const journal_past::event& each : past.events) {
    any_event event;
    envelope outer;
    if (read_event(each.text, event, outer)) {
      log_.restore_bounds(each.timestamp, each.timestamp);  // not an event that we would have sent
      continue;
    }
    // A clock that was set back makes the event young, one that was set forward old.
    const milliseconds age(std::clamp<std::int64_t>(now.unix_ms - each.timestamp, 0, 365LL * 24 * 3600 * 1000));
    const instant then{now.steady - age, each.timestamp};
    if (const auto* tokens = std::get_if<token_stream>(&event)) record(*tokens, then);
    const auto* error = std::get_if<error_event>(&event);
    if (error != nullptr && (says_how_it_ended(*error) || says_model_state(*error))) record(*error);
    const auto lane_of = [](const auto& one) { return event_traits<std::decay_t<decltype(one)>>::channel_; };
    const auto type_of = [](const auto& one) { return event_traits<std::decay_t<decltype(one)>>::type; };
    log_.restore(detail::frame_of_text(std::visit(type_of, event), std::visit(lane_of, event), each.timestamp, each.text),
                 then.steady);
  }
  log_.restore_bounds(last, std::max(lost_through, past.lost_through));
  log_.trim(now.steady);
  const milliseconds down(std::clamp<std::int64_t>(now.unix_ms - closed_at, 0, 365LL * 24 * 3600 * 1000));
  std::int64_t ago = 0;
  std::optional<steady_time> left_out;
  if (text::read_integer(state, "leftOutAgo", ago))
    left_out = now.steady - down - milliseconds(std::clamp<std::int64_t>(ago, 0, 900'000'000'000));
  recent_.confirm(detail::read_answers(state, "recent"), left_out, now.steady);
  recent_.trim(now.steady);
  text::json_view energy = state;
  if (!state.find("energy", energy) || !energy_.restore(energy, now, down)) log_.restore_bounds(last, last);
  return answers_.confirm(detail::read_answers(state, "open"));
}

// Their writers ended with the previous run: the answers are marked as failed. So did the loading of models.
WIRTHFORGE_COLD inline void engine::restore(const journal_past& past, const instant& now) {
  attach_tap();
  for (token_stream& half : hub_.restore(past, now)) {
    std::string details = R"({"sessionId":)";
    text::append_json_string(details, half.session_id);
    details += R"(,"modelId":)";
    text::append_json_string(details, half.model_id);
    error_event failed;
    failed.severity = severity::error;
    failed.component = component::model;
    failed.code = "ANSWER_FAILED";
    failed.message = "the server was stopped before the answer ended";
    failed.details = json_object::of_valid_text(details + R"(,"reason":"the server was stopped"})");
    half.tokens.clear();
    half.energy_cost.reset();
    half.is_complete = true;
    send_out(make_frame(failed, envelope{}), nullptr, &failed, now);
    send_out(make_frame(half, envelope{}), &half, nullptr, now);
  }
  for (const std::string& model_id : detail::read_texts(text::json_view(past.state), "loading")) {
    const error_event unloaded = model_event(model_id, loading_stage::unloaded, {}, {});
    send_out(make_frame(unloaded, envelope{}), nullptr, &unloaded, now);
  }
}

}}}  // namespace wirthforge::live
