// The record of one run of the server: every published event with its time. Clients are judged by it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/failure.hpp"
#include "simulation/model_talk.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/wire.hpp"

namespace simulation {

struct reliable_entry {
  std::int64_t timestamp;
  std::uint64_t hash;
  ticks when;
  wirthforge::channel channel;
  std::int32_t stream;  ///< Of a token_stream: which, and where in its text it begins. Else -1.
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
  std::int64_t whole_of = -1;  ///< Of a side answer: the stream that it belongs to.
  bool is_written = false;     ///< By a writer; else its publisher makes the events himself.
  bool is_begun = false;       ///< Opening it was carried out.
  std::string text;            ///< All text that was carried out.
  std::size_t whole = 0;       ///< Of it, up to the last whole character.
  std::size_t published = 0;
  bool is_finished = false;  ///< No more will come,
  bool is_complete = false;  ///< and its last event was published.
  bool has_events = false;
  ticks ended_at = 0;
  std::int64_t ended_stamp = 0;
  std::string how_it_ended;                                               ///< The code that was said right before its end.
  wirthforge::live::answer_end how = wirthforge::live::answer_end::stop;  ///< As it was finished.
  std::string reason;
  ticks begun_at = 0;
  ticks waiting_said_at = -1;  ///< As below, without those that no client could be told.
  ticks waiting_at = -1;       ///< When it was said last that its prompt is being read.
  double progress = -1;
  std::uint64_t tokens = 0;  ///< Its own and its side answers'.
  std::int64_t usage = -1;
  bool is_open() const noexcept { return has_events && !is_complete; }
};

class ledger {
 public:
  std::vector<reliable_entry> reliable;
  std::vector<model_account> models;
  std::vector<stream_account> streams;
  std::vector<std::size_t> ended;  ///< Of these, in the order in which they ended.
  model_talk talk;
  std::string epoch;
  ticks closed_at = -1;         ///< The end of the run before.
  ticks ready_at = -1;          ///< Events before this moment were held.
  std::uint64_t omissions = 0;  ///< How often an event was published that no client can be given.
  std::size_t largest_event = 0;
  bool is_stopping = false;
  bool is_taken_up = false;  ///< Now: what was being written in the run before fails, whoever made its events.
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
    streams.emplace_back();
    streams.back().session_id = std::move(session_id);
    streams.back().model_id = std::move(model_id);
    return streams.size() - 1;
  }
  std::optional<std::size_t> stream_named(const std::string& session) const {
    const auto found = stream_of_.find(session);
    return found == stream_of_.end() ? std::nullopt : std::optional<std::size_t>(found->second);
  }
  void note_piece(std::size_t stream, std::string_view piece) {
    stream_account& to = streams[stream];
    to.tokens += piece.empty() ? 0 : 1;
    if (to.whole_of >= 0 && !piece.empty()) ++streams[static_cast<std::size_t>(to.whole_of)].tokens;
    to.text += piece;
    to.whole = to.text.size();
    std::size_t back = 1;  // the text is valid, so an unfinished character is a lead byte with too few bytes behind it
    const auto byte = [&to](std::size_t before_end) {
      return static_cast<unsigned char>(to.text[to.text.size() - before_end]);
    };
    while (back < 4 && back < to.text.size() && (byte(back) & 0xC0U) == 0x80U) ++back;
    if (back > to.text.size()) return;
    const unsigned lead = byte(back);
    const std::size_t needed = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
    if (needed > back) to.whole = to.text.size() - back;
  }
  /// It was carried out: its side answers end before it, as it does.
  void note_finish(const wirthforge::live::finish_tokens& end) {
    const auto finish = [&](stream_account& which) {
      if (std::exchange(which.is_finished, true)) return;
      which.how = end.how;
      which.reason = end.reason;
    };
    for (stream_account& each : streams) {
      if (each.whole_of == static_cast<std::int64_t>(end.id)) finish(each);
    }
    finish(streams[end.id]);
  }
  void note_how_it_ended(const wirthforge::error_event& event) {
    const auto found = stream_of_.find(wirthforge::live::session_of(event));
    if (found != stream_of_.end()) streams[found->second].how_it_ended = event.code;
  }
  void note_end(std::size_t stream, ticks now, std::int64_t stamp = 0) {
    if (std::exchange(streams[stream].is_complete, true)) return;
    streams[stream].ended_at = now;
    streams[stream].ended_stamp = stamp;
    ended.push_back(stream);
  }
  /// The run before goes on in this one: when an answer ended is told by its time on the wall.
  void go_on(const instant& now, ticks time, ticks max_age) {
    const auto is_old = [&](std::size_t each) { return closed_at - streams[each].ended_at > max_age; };
    ended.erase(std::remove_if(ended.begin(), ended.end(), is_old), ended.end());  // the journal does not name them
    is_stopping = false;
    ready_at = -1;
    last_said_.clear();
    talk.begin_run();
    for (const std::size_t each : ended) {
      streams[each].ended_at = time - std::max<std::int64_t>(now.unix_ms - streams[each].ended_stamp, 0) * millisecond;
    }
    for (stream_account& each : streams) each.is_finished = each.is_complete;
  }
  /// Checks the events that must have been published by now of answers and models, of all that began since `listened_since`: from
  /// then on a client has been connected.
  void check_said(ticks now, ticks grace, ticks listened_since) const {
    if (ready_at < 0 || now - ready_at < second + grace || is_stopping) return;
    talk.check(now, grace + second / 10, listened_since);
    for (auto each = streams.rbegin(); each != streams.rend() && now - each->begun_at < 10 * second; ++each) {
      const bool is_waiting = each->is_written && each->is_begun && each->begun_at > listened_since && each->whole_of < 0 &&
                              each->tokens == 0 && !each->is_finished;
      if (!is_waiting || each->waiting_at >= 0 || now - each->begun_at < second / 10 + grace) continue;
      throw failure(oracle::completeness, say("of ", each->session_id, " it is not said that its prompt is being read"));
    }
  }
  /// Something was published while no client was connected.
  void omit(ticks now) {
    ++omissions;
    talk.omit();
    for (stream_account& each : streams) {
      if (each.is_begun && each.waiting_at < 0) each.waiting_at = now;
    }
  }
  /// Likewise all text of answers that was carried out by now. News of models do not wait for it.
  void omit_streams(ticks now) {
    for (std::size_t index = 0; index < streams.size(); ++index) {
      stream_account& each = streams[index];
      if (each.is_finished && !each.is_complete && each.is_written) replace_half_character(each);
      if (each.whole > each.published || each.is_finished) each.has_events = true;
      each.published = each.whole;
      if (each.is_finished && !each.is_complete && each.is_written) each.how_it_ended = code_of_end(each);
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
    const std::string code(string_field(text, "\"code\":"));
    if (code.compare(0, 6, "MODEL_") == 0 && code != "MODEL_STALLED") return talk.note_said(code, text, now, is_prompt(now));
    const auto named = stream_of_.find(std::string(string_field(text, "\"sessionId\":")));
    if (named == stream_of_.end()) return;
    stream_account& which = streams[named->second];
    if (code == "ANSWER_WAITING") return note_waiting(which, text, now);
    which.how_it_ended = code;
    last_said_ = code + " " + which.session_id;
    if (code == "ANSWER_FAILED" && which.is_written && which.is_finished && string_field(text, "\"reason\":") != which.reason) {
      throw failure(oracle::order, which.session_id + " failed for another reason");
    }
    const std::int64_t tokens = which.usage >= 0 ? which.usage : static_cast<std::int64_t>(which.tokens);
    if (code == "ANSWER_DONE" && which.is_written && integer_field(text, "\"tokens\":") != tokens) {
      throw failure(oracle::sums, say(which.session_id, " had ", tokens, " tokens, and others are told"));
    }
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
    note_end(found->second, now, entry.timestamp);
    if (to.published != to.text.size()) throw failure(oracle::completeness, say(to.session_id, " ends before its text"));
  }

  bool is_prompt(ticks now) const noexcept { return ready_at >= 0 && now > ready_at && !is_stopping; }
  void note_waiting(stream_account& which, std::string_view text, ticks now) {
    which.waiting_at = now;
    const ticks before = std::exchange(which.waiting_said_at, now);
    if (!is_prompt(now)) return;
    const bool is_wrong = !which.is_written || which.whole_of >= 0 || which.tokens > 0 || which.is_finished;
    if (is_wrong) throw failure(oracle::order, which.session_id + " is said to wait, and does not");
    if (before >= 0 && before > ready_at && now - before < model_talk::interval)
      throw failure(oracle::timeouts, "that a prompt is read is said too often");
    const bool has_progress = text.find("\"progress\":") != std::string_view::npos;
    const double progress = has_progress ? number_field(text, "\"progress\":") : -1;
    if (std::abs(progress - which.progress) > 1e-9)
      throw failure(oracle::order, "of a prompt another progress is said than was told");
  }

  static std::string code_of_end(const stream_account& which) {
    static constexpr const char* codes[] = {"ANSWER_DONE", "ANSWER_LENGTH", "ANSWER_STOPPED", "ANSWER_FAILED"};
    if (!which.is_finished) return codes[3];
    if (which.how == wirthforge::live::answer_end::stop && which.whole_of >= 0)
      return {};  // the figures are the whole answer's
    return codes[static_cast<int>(which.how)];
  }
  // Half an answer is not a whole one: how it ended is said directly before its last event.
  void judge_end(stream_account& which) {
    const std::string code = code_of_end(which);
    if (which.is_written || is_taken_up) {
      const std::string expected = code.empty() ? std::string() : code + " " + which.session_id;
      const bool is_said = expected.empty() ? which.how_it_ended.empty() : last_said_ == expected;
      if (!is_said)
        throw failure(oracle::order,
                      say("before the last event of ", which.session_id, " comes '", last_said_, "', due is '", expected, "'"));
    }
    if (!which.is_written) return;
    if (!which.is_finished && !is_stopping)
      throw failure(oracle::completeness, say(which.session_id, " ended, and nobody ended it"));
    for (const stream_account& each : streams) {
      const bool is_late = each.whole_of == (&which - streams.data()) && !each.is_complete;
      if (is_late) throw failure(oracle::order, each.session_id + " ends after the answer that it belongs to");
    }
    replace_half_character(which);
  }
  // A tail that ends inside a character never became one.
  static void replace_half_character(stream_account& which) {
    if (which.whole < which.text.size()) which.text.replace(which.whole, std::string::npos, "\xEF\xBF\xBD");
    which.whole = which.text.size();
  }
  std::unordered_map<std::string, std::size_t> stream_of_;
  std::string last_said_;  // of an answer, by the reliable event before
  std::string scratch_;
  std::uint64_t seen_ = 0;
};

}  // namespace simulation
