// The record of one run of the server: every published event with its time. Clients are judged by it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/failure.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/wire.hpp"

namespace simulation {

struct reliable_entry {
  std::int64_t timestamp;
  std::uint64_t hash;
  ticks when;
  wirthforge::channel channel;
  std::int32_t stream;        ///< Of a token_stream: which, and where in its text it begins. Else -1.
  std::uint32_t text_before;
  std::uint32_t text_size;
};

/// One energy_update. Sums are in hundredths, so that they are exact.
struct energy_entry {
  std::int64_t frame_number;
  std::int64_t energy_before;
  std::int64_t tokens_before;
  ticks when;
};
struct model_account {
  std::string id;
  std::vector<energy_entry> updates;
  std::int64_t energy = 0;
  std::int64_t tokens = 0;
  std::int64_t last_field = -1;

  std::int64_t energy_at(std::size_t count) const { return count < updates.size() ? updates[count].energy_before : energy; }
  std::int64_t tokens_at(std::size_t count) const { return count < updates.size() ? updates[count].tokens_before : tokens; }
  /// The first update whose number is not below this one.
  std::size_t from_frame(std::int64_t number) const {
    const auto earlier = [](const energy_entry& each, std::int64_t wanted) { return each.frame_number < wanted; };
    return static_cast<std::size_t>(std::lower_bound(updates.begin(), updates.end(), number, earlier) - updates.begin());
  }
};

struct stream_account {
  std::string session_id;
  std::string model_id;
  std::string text;           ///< All that was carried out.
  std::size_t whole = 0;      ///< Of it, up to the last whole character.
  std::size_t published = 0;
  bool is_finished = false;   ///< No more will come,
  bool is_complete = false;   ///< and its last event was published.
  bool has_events = false;
  ticks ended_at = 0;
  std::string how_it_ended;   ///< The code that was said right before its end.
  bool is_open() const noexcept { return has_events && !is_complete; }
};

class ledger {
 public:
  std::vector<reliable_entry> reliable;
  std::vector<model_account> models;
  std::vector<stream_account> streams;
  std::vector<std::size_t> ended;  ///< Of these, in the order in which they ended.
  std::uint64_t omissions = 0;   ///< How often an event was published that no client can be given.
  std::size_t largest_event = 0;
  bool is_stopping = false;
  std::uint64_t bytes_published = 0;

  model_account& model(std::string_view id) {
    for (model_account& each : models) {
      if (each.id == id) return each;
    }
    models.push_back({std::string(id), {}, 0, 0, -1});
    return models.back();
  }
  const model_account* find_model(std::string_view id) const {
    for (const model_account& each : models) {
      if (each.id == id) return &each;
    }
    return nullptr;
  }

  // Within a slot numbers increase strictly: the lane's rule, by this file's own arithmetic.
  void note_update(const wirthforge::energy_update& event, std::int64_t tick, ticks now) {
    model_account& to = model(event.model_id);
    const std::int64_t last = to.updates.empty() ? -1 : to.updates.back().frame_number;
    to.updates.push_back({std::max(tick, last + 1), to.energy, to.tokens, now});
    to.energy += std::llround(event.delta_energy * 100);
    to.tokens += event.tokens_generated;
  }
  void note_field(const wirthforge::energy_field& event, std::int64_t tick) {
    std::int64_t& last = model(event.model_id).last_field;
    last = std::max(tick, last + 1);
  }

  std::size_t open_stream(std::string session_id, std::string model_id) {
    stream_of_[session_id] = streams.size();
    streams.push_back({std::move(session_id), std::move(model_id), {}, 0, 0, false, false, false, 0, {}});
    return streams.size() - 1;
  }
  void note_piece(std::size_t stream, std::string_view piece) {
    stream_account& to = streams[stream];
    to.text += piece;
    to.whole = to.text.size();
    std::size_t back = 1;  // the text is valid, so an unfinished character is a lead byte with too few bytes behind it
    const auto byte = [&to](std::size_t before_end) { return static_cast<unsigned char>(to.text[to.text.size() - before_end]); };
    while (back < 4 && back < to.text.size() && (byte(back) & 0xC0U) == 0x80U) ++back;
    if (back > to.text.size()) return;
    const unsigned lead = byte(back);
    const std::size_t needed = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
    if (needed > back) to.whole = to.text.size() - back;
  }
  void note_how_it_ended(const wirthforge::error_event& event) {
    const auto found = stream_of_.find(wirthforge::live::session_of(event));
    if (found != stream_of_.end()) streams[found->second].how_it_ended = event.code;
  }
  void note_end(std::size_t stream, ticks now) {
    if (std::exchange(streams[stream].is_complete, true)) return;
    streams[stream].ended_at = now;
    ended.push_back(stream);
  }
  /// Text was written while no client was connected.
  void omit_streams(ticks now) {
    ++omissions;
    for (std::size_t index = 0; index < streams.size(); ++index) {
      stream_account& each = streams[index];
      if (each.whole > each.published || each.is_finished) each.has_events = true;
      each.published = each.whole;
      if (each.is_finished && !each.is_complete && each.session_id.compare(0, 7, "session") == 0) each.how_it_ended = "ANSWER_DONE";
      if (each.is_finished) note_end(index, now);
    }
  }

  void note_published(const wirthforge::live::event_frame& frame, ticks now) {
    largest_event = std::max(largest_event, frame.wire().size());
    bytes_published += frame.wire().size();
    const std::string_view text = frame.text();
    if (++seen_ % 61 == 1) validate(text);
    if (frame.channel() == wirthforge::channel::energy) return;
    reliable_entry entry{frame.timestamp(), hash_of(text), now, frame.channel(), -1, 0, 0};
    if (!reliable.empty() && entry.timestamp <= reliable.back().timestamp) {
      throw failure(oracle::order, say("published ", entry.timestamp, " after ", reliable.back().timestamp));
    }
    if (frame.type() == wirthforge::event_type::token_stream) note_tokens(entry, text, now);
    reliable.push_back(entry);
    last_said_.clear();
    if (frame.type() != wirthforge::event_type::error_event) return;
    const auto named = stream_of_.find(std::string(string_field(text, "\"sessionId\":")));
    if (named != stream_of_.end()) streams[named->second].how_it_ended = std::string(string_field(text, "\"code\":"));
    last_said_ = std::string(string_field(text, "\"code\":")) + " " + std::string(string_field(text, "\"sessionId\":"));
  }

  static void validate(std::string_view text) {
    wirthforge::any_event event;
    wirthforge::envelope outer;
    if (const auto bad = wirthforge::read_event(text, event, outer)) {
      throw failure(oracle::order, say("against the schema: ", bad->message(), " in ", std::string(text.substr(0, 200))));
    }
  }

 private:
  void note_tokens(reliable_entry& entry, std::string_view text, ticks now) {
    const auto found = stream_of_.find(std::string(string_field(text, "\"sessionId\":")));
    if (found == stream_of_.end()) throw failure(oracle::order, "tokens of no stream");
    stream_account& to = streams[found->second];
    scratch_.clear();
    append_tokens(scratch_, text);
    entry.stream = static_cast<std::int32_t>(found->second);
    entry.text_before = static_cast<std::uint32_t>(to.published);
    entry.text_size = static_cast<std::uint32_t>(scratch_.size());
    const bool is_last = text.find("\"isComplete\":true") != std::string_view::npos;
    if (is_last) judge_end(to);
    if (to.text.compare(to.published, scratch_.size(), scratch_) != 0) {
      throw failure(oracle::completeness, say("the text of ", to.session_id, " differs after ", to.published, " bytes"));
    }
    to.published += scratch_.size();
    to.has_events = true;
    if (!is_last) return;
    note_end(found->second, now);
    if (to.published != to.text.size()) throw failure(oracle::completeness, say(to.session_id, " ends before its text"));
  }

  // Half an answer is not a whole one: its end is told directly before its last event.
  void judge_end(stream_account& which) {
    if (which.session_id.compare(0, 7, "session") != 0) return;  // its publisher makes the events itself
    const std::string expected = (which.is_finished ? "ANSWER_DONE " : "ANSWER_FAILED ") + which.session_id;
    if (last_said_ != expected) throw failure(oracle::order, say("before the last event of ", which.session_id, " comes ", last_said_));
    if (which.is_finished) return;
    if (!is_stopping) throw failure(oracle::completeness, say(which.session_id, " ended, and nobody ended it"));
    if (which.whole < which.text.size()) which.text.replace(which.whole, std::string::npos, "\xEF\xBF\xBD");
    which.whole = which.text.size();
  }

  std::unordered_map<std::string, std::size_t> stream_of_;
  std::string last_said_;  // of an answer, by the reliable event before
  std::string scratch_;
  std::uint64_t seen_ = 0;
};

/// The energy of each model before its newest update: the start of the account of a client that joins.
using energy_places = std::vector<std::size_t>;

/// The server's knowledge of one connection, by which the client's side is judged.
struct visit {
  struct subscription {
    unsigned channels;
    std::size_t published;
    energy_places places;
  };
  struct answer {
    std::size_t stream;
    std::size_t size;
  };
  ledger* truth = nullptr;
  bool is_open_wanted = false;  ///< It asked for the texts so far,
  bool is_recent_wanted = false;  ///< and for the answers that have ended.
  bool is_late = false;  ///< The server was asked to stop before it came: it opens no WebSocket.
  bool is_greeted = false;
  ticks greeted_at = 0;
  std::size_t published = 0;
  std::uint64_t omissions = 0;
  energy_places places;
  energy_places produced;       ///< How many updates of each model there were.
  std::vector<answer> answers;  ///< Open at the greeting, with their text so far.
  std::vector<std::size_t> ended;  ///< Streams that had ended within the log's age, in their order.
  std::vector<subscription> subscriptions;

  void greet(ledger& of, ticks now, ticks max_age) {
    truth = &of;
    is_greeted = true;
    greeted_at = now;
    published = of.reliable.size();
    omissions = of.omissions;
    places = places_in(of);
    for (const model_account& each : of.models) produced.push_back(each.updates.size());
    for (std::size_t index = 0; index < of.streams.size(); ++index) {
      if (of.streams[index].is_open()) answers.push_back({index, of.streams[index].published});
    }
    for (auto each = of.ended.rbegin(); each != of.ended.rend() && now - of.streams[*each].ended_at <= max_age; ++each) ended.push_back(*each);
    std::reverse(ended.begin(), ended.end());
  }
  static energy_places places_in(const ledger& of) {
    energy_places result;
    for (const model_account& each : of.models) result.push_back(each.updates.empty() ? 0 : each.updates.size() - 1);
    return result;
  }
};

}  // namespace simulation
