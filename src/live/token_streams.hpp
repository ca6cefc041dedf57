// All open token streams: takes their pieces, and gives their events at each beat; publishes that a prompt is being read, and
// how each answer ended. Side answers (a model's thinking, its tool calls) end before or with the answer. I/O thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cold.hpp"
#include "base/clock.hpp"
#include "live/life_events.hpp"
#include "live/pacer.hpp"
#include "live/token_assembler.hpp"
#include "live/token_stream_state.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class token_streams {
 public:
  /// Time between two events that say the same of one answer or model, except for its progress.
  static constexpr milliseconds progress_interval{250};

  WIRTHFORGE_COLD void open(std::shared_ptr<token_stream_state> state, const instant& now) {
    const std::uint64_t id = state->id;
    stream& made = streams_.emplace(id, stream(std::move(state), now.steady)).first->second;
    if (!made.state->parent) expect_waiting(made, now.steady + pacer::period());
  }
  /// Pieces for a stream that is not open are ignored: its handle has said so already.
  void write(std::uint64_t id, std::string_view piece, const double& energy_cost, const instant& now,
             const std::optional<double>& certainty = {}) {
    stream* const found = find(id);
    if (found == nullptr) return;
    found->unsent_bytes += piece.size();  // first: whatever happens to the piece, it no longer waits
    list(id, *found);
    found->pieces.write(piece, energy_cost);
    if (piece.empty()) return;
    if (found->state->energy) found->state->energy->add(now.steady, certainty);
    stream* const whole = whole_of(*found);
    for (stream* const each : {found, whole == found ? nullptr : whole}) {
      if (each == nullptr) continue;
      ++each->tokens;
      if (!each->first_token) each->first_token = now.steady;
      each->is_waiting_due = false;
    }
  }
  /// The stream's state has news of how far the prompt is read.
  WIRTHFORGE_COLD void wait(std::uint64_t id, const instant& now) {
    stream* const found = find(id);
    if (found == nullptr) return;
    found->state->is_waiting_queued.store(false);
    if (!found->first_token)
      expect_waiting(*found, found->waiting_said ? *found->waiting_said + progress_interval : now.steady);
  }
  /// `reason` is used for a failure only. It must be repaired text.
  WIRTHFORGE_COLD void finish(std::uint64_t id, answer_end how, const std::string& reason, const instant& now) {
    stream* const found = find(id);
    if (found == nullptr || found->ended) return;
    bool has_sides = false;
    for (auto& each : streams_) {
      if (each.second.state->parent != found->state) continue;
      if (!each.second.ended) finish_one(each.first, each.second, how, reason, now);
      has_sides = true;  // also one that has ended, and whose end waits for the beat
    }
    if (has_sides) unlist(id, *found);  // it comes after its side answers
    finish_one(id, *found, how, reason, now);
  }
  /// No more commands will come.
  WIRTHFORGE_COLD void fail_all(const std::string& reason, const instant& now) {
    for (auto& each : streams_) {
      if (!each.second.state->parent) finish(each.first, answer_end::failed, reason, now);
    }
  }

  /// Asks the writers of that session to stop. False when none of them is open.
  bool request_stop(std::string_view session_id) noexcept {
    bool any = false;
    for (auto& each : streams_) {
      if (each.second.ended || each.second.state->session_id != session_id) continue;
      each.second.state->stop_requested.store(true);
      any = true;
    }
    return any;
  }

  bool is_dirty() const noexcept { return !listed_.empty(); }
  std::size_t size() const noexcept { return streams_.size(); }

  /// When `take_waiting` must be called next, if at all.
  std::optional<steady_time> waiting_due() const noexcept { return waiting_due_; }
  /// Hands the due news of prompts that are being read to `say(const error_event&)`.
  template <class Say>
  void take_waiting(const instant& now, Say say) {
    if (!waiting_due_ || now.steady < *waiting_due_) return;
    waiting_due_.reset();
    for (auto& each : streams_) {
      stream& from = each.second;
      if (!from.is_waiting_due || from.ended) continue;
      if (from.waiting_at > now.steady) {
        expect_waiting(from, from.waiting_at);
        continue;
      }
      from.is_waiting_due = false;
      from.waiting_said = now.steady;
      say(waiting_event(from.state->session_id, from.state->model_id, from.state->known_progress()));
    }
  }

  /// Hands every due event to `send(const token_stream&)`, in the order in which the streams were first written to, and how an
  /// answer ended to `say(const error_event&)` directly before its last event; forgets streams that are finished.
  template <class Send, class Say>
  void take_all(Send send, Say say) {
    for (std::size_t index = 0; index < listed_.size(); ++index) {
      const auto found = streams_.find(listed_[index]);
      if (found == streams_.end()) continue;
      stream& from = found->second;
      from.is_listed = false;
      from.state->queued_bytes.fetch_sub(std::exchange(from.unsent_bytes, 0));
      while (const token_stream* const event = from.pieces.take()) {
        if (event->is_complete) {
          const auto kept = streams_.extract(found);  // forgotten, whatever happens next
          say_end(kept.mapped(), say);
          send(*event);
          break;
        }
        send(*event);
      }
    }
    listed_.clear();
  }

 private:
  struct ending {
    answer_end how;
    std::string reason;
    steady_time at;
  };
  struct stream {
    stream(std::shared_ptr<token_stream_state> of, steady_time now)
        : state(std::move(of)), pieces(state->session_id, state->model_id), opened(now) {}

    std::shared_ptr<token_stream_state> state;
    token_assembler pieces;
    std::size_t unsent_bytes = 0;
    bool is_listed = false;
    bool is_waiting_due = false;
    steady_time waiting_at{};  // when it is due
    std::optional<steady_time> waiting_said;
    steady_time opened;
    std::optional<steady_time> first_token;  // its own, or a side answer's
    std::uint64_t tokens = 0;                // likewise
    std::optional<ending> ended;
  };

  stream* find(std::uint64_t id) noexcept {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }
  stream* whole_of(stream& part) noexcept { return part.state->parent ? find(part.state->parent->id) : &part; }

  void list(std::uint64_t id, stream& dirty) {
    if (dirty.is_listed) return;
    listed_.push_back(id);
    dirty.is_listed = true;
  }
  WIRTHFORGE_COLD void unlist(std::uint64_t id, stream& dirty) noexcept {
    listed_.erase(std::remove(listed_.begin(), listed_.end(), id), listed_.end());
    dirty.is_listed = false;
  }
  void expect_waiting(stream& which, steady_time when) noexcept {
    which.is_waiting_due = true;
    which.waiting_at = when;
    if (!waiting_due_ || when < *waiting_due_) waiting_due_ = when;
  }
  WIRTHFORGE_COLD void finish_one(std::uint64_t id, stream& which, answer_end how, const std::string& reason,
                                  const instant& now) {
    list(id, which);
    which.pieces.finish();
    which.is_waiting_due = false;
    which.ended = ending{how, reason, now.steady};
    if (which.state->energy && !which.state->parent) which.state->energy->end_answer();
  }

  template <class Say>
  WIRTHFORGE_COLD static void say_end(const stream& of, Say& say) {
    const token_stream_state& state = *of.state;
    if (of.ended->how != answer_end::stop) {
      say(ending_event(state.session_id, state.model_id, of.ended->how, of.ended->reason));
    } else if (!state.parent) {  // the figures are the whole answer's
      say(done_event(state.session_id, state.model_id, figures_of(of)));
    }
  }
  WIRTHFORGE_COLD static answer_figures figures_of(const stream& of) {
    const auto seconds_between = [](steady_time from, steady_time to) {
      return std::chrono::duration<double>(to - from).count();
    };
    answer_figures figures;
    const std::int64_t usage = of.state->usage.load();
    figures.tokens = usage < 0 ? of.tokens : static_cast<std::uint64_t>(usage);
    figures.seconds = seconds_between(of.opened, of.ended->at);
    if (of.first_token) {
      figures.seconds_to_first_token = seconds_between(of.opened, *of.first_token);
      const double speaking = seconds_between(*of.first_token, of.ended->at);
      const double taken = speaking > 0 ? speaking : figures.seconds;
      if (taken > 0) figures.tokens_per_second = static_cast<double>(figures.tokens) / taken;
    }
    return figures;
  }

  std::map<std::uint64_t, stream> streams_;
  std::vector<std::uint64_t> listed_;  // those that have something to send, in the order in which they were written to
  std::optional<steady_time> waiting_due_;
};

}}}  // namespace wirthforge::live
