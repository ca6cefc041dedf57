// The energy lane: the latest event replaces older ones, and the sums stay true. Each model has a slot for its energy_update
// and one for its energy_field. A slot keeps the newest event and the total so far; a client keeps, for each slot, the part of
// that total that it has been sent. The difference is what a slow client skipped, so skipping costs nothing while it happens.
//
// For returning clients a slot remembers its total after each frame, for as long as the log reaches back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/ring.hpp"
#include "live/event_frame.hpp"
#include "live/resume.hpp"
#include "live/running_sum.hpp"
#include "text/json_view.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// An event of the energy lane as its publisher hands it over. `frame` may be missing: it is then made when a client needs it.
struct energy_publication {
  std::variant<energy_update, energy_field> event;
  envelope outer;
  std::shared_ptr<event_frame> frame;
};

/// The totals of a slot up to one of its events.
struct energy_mark {
  std::uint64_t version = 0;  ///< Counts the events of the slot.
  std::int64_t frame_number = -1;
  running_sum delta_energy;
  std::int64_t tokens_generated = 0;
};

/// A client's place in the energy lane: the part of each slot that it has been sent.
class energy_cursor {
  friend class energy_lane;
  std::vector<energy_mark> slots_;
  std::uint64_t version_ = 0;  // the lane's when the client was last handed all of it
};

class energy_lane {
 public:
  /// `max_age`: the longest absence of a client for which the sums are kept.
  explicit energy_lane(nanoseconds max_age = seconds(120)) : max_age_(max_age) {}

  /// Within a slot frame numbers increase strictly: a second event in one tick takes the next number. `cursor` is the
  /// reliable lane's newest time stamp, the only clock that clients can refer to. Returns the frame, if there is one.
  frame_ptr publish(energy_publication news, std::int64_t cursor, const instant& now) {
    const auto id_of = [](const auto& event) -> const std::string& {
      return event.model_id;
    };  // named: GCC 13, -Wdangling-reference
    const std::string& model_id = std::visit(id_of, news.event);
    slot& target = slot_of(news.event.index(), model_id);
    if (news.outer.frame_number <= target.total.frame_number) {
      news.outer.frame_number = target.total.frame_number + 1;
      const auto reframe = [&](const auto& event) { news.frame = make_frame(event, news.outer); };
      if (news.frame) std::visit(reframe, news.event);  // the frame had another number
    }
    target.before_newest = target.total;
    news.outer.timestamp = now.unix_ms;
    if (news.frame) news.frame->stamp(now.unix_ms);
    if (const auto* update = std::get_if<energy_update>(&news.event)) {
      target.history.push_back({target.total, cursor, now.steady});
      while (target.history.size() > max_marks || now.steady - target.history.front().ended > max_age_) target.forget_oldest();
      target.total.delta_energy.add(update->delta_energy);
      target.total.tokens_generated = add_saturated(target.total.tokens_generated, update->tokens_generated);
    }
    target.frame = std::move(news.frame);
    target.sum = nullptr;
    target.newest = std::move(news.event);
    target.outer = news.outer;
    target.total.frame_number = news.outer.frame_number;
    ++target.total.version;
    ++version_;
    return target.frame;
  }

  /// A cursor for a new client: it gets the newest event of each slot as it is, then everything live.
  energy_cursor join() const {
    energy_cursor cursor;
    for (const slot& each : slots_) cursor.slots_.push_back(each.before_newest);
    return cursor;
  }

  /// For a client that had switched energy off and switches it on again: it does not get the sums of the time between, and
  /// no event that it has had is sent a second time.
  void skip(energy_cursor& cursor) const {
    cursor.slots_.resize(slots_.size());
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      const energy_mark& before = slots_[index].before_newest;
      if (cursor.slots_[index].version < before.version) cursor.slots_[index] = before;
    }
  }

  /// A cursor for a returning client: it gets one event of each model with the sums of what it missed. Nothing when the
  /// sums are no longer known.
  WIRTHFORGE_COLD std::optional<energy_cursor> rejoin(const resume_request& request) const {
    energy_cursor cursor;
    for (const slot& each : slots_) {
      const std::optional<std::int64_t> had = request.frame_of(each.model_id);
      std::optional<energy_mark> mark = had ? each.at_frame(*had) : each.at_cursor(request.energy_since());
      if (!mark && !had) mark = each.at_cursor(request.since);  // it had no energy for long: else it would have frames
      if (!mark) return std::nullopt;
      cursor.slots_.push_back(*mark);
    }
    return cursor;
  }

  /// Energy was published that was not handed in: no sums can be computed across this moment.
  void note_omission() {
    for (slot& each : slots_) {
      each.history.clear();
      each.is_known = false;
    }
  }

  /// The highest frame number that was handed in.
  std::int64_t last_frame_number() const noexcept {
    std::int64_t last = -1;
    for (const slot& each : slots_) last = std::max(last, each.total.frame_number);
    return last;
  }

  /// A cursor for a client that has had everything.
  energy_cursor at_end() const {
    energy_cursor cursor;
    for (const slot& each : slots_) cursor.slots_.push_back(each.total);
    cursor.version_ = version_;
    return cursor;
  }
  /// The whole state for the next run, as a JSON array; and its restoration. False if the text is no such array: then nothing
  /// is restored. live/restart.hpp
  void write_state(std::string& out, const instant& now);
  bool restore(const text::json_view& state, const instant& now, nanoseconds down);

  /// True when the client has been sent the newest event of every slot.
  bool is_current(const energy_cursor& cursor) const noexcept {
    if (cursor.version_ == version_) return true;
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      if (index >= cursor.slots_.size() || cursor.slots_[index].version != slots_[index].total.version) return false;
    }
    return true;
  }

  /// Hands `send(frame_ptr)` the newest event of every slot that the client has not had. A frame that directly follows the
  /// client's last one is the shared one; after a gap the frame is written anew with the skipped sums added. Returns how many
  /// were skipped.
  template <class Send>
  std::uint64_t collect(energy_cursor& cursor, Send send) {
    std::uint64_t skipped = 0;
    cursor.slots_.resize(slots_.size());
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      slot& each = slots_[index];
      energy_mark& had = cursor.slots_[index];
      if (had.version == each.total.version) continue;
      const std::uint64_t missed = each.total.version - had.version - 1;
      skipped += missed;
      const bool has_sums = std::holds_alternative<energy_update>(each.newest);
      send(missed > 0 && has_sums ? summed(each, had) : shared(each));
      had = each.total;
    }
    cursor.version_ = version_;
    return skipped;
  }

 private:
  static constexpr std::size_t max_marks = 16384;

  // The total before an event, and until when it was the total.
  struct past {
    energy_mark mark;
    std::int64_t cursor = 0;
    steady_time ended{};
  };

  struct slot {
    slot(std::size_t kind_of_event, std::string model) : kind(kind_of_event), model_id(std::move(model)) {}
    WIRTHFORGE_COLD slot(slot&&) noexcept;

    std::size_t kind;
    std::string model_id;
    std::variant<energy_update, energy_field> newest{};
    envelope outer{};
    frame_ptr frame{};
    frame_ptr sum{};  // of everything after version `sum_since`
    std::uint64_t sum_since = 0;
    energy_mark total{};
    energy_mark before_newest{};  // the total before it; an omission takes the history, and not this
    ring<past> history{};         // oldest first; empty for an energy_field, which has no sums
    bool is_known = true;         // the history goes back to the slot's first event

    void forget_oldest() {
      history.pop_front();
      is_known = false;
    }
    // The total after the last event that the client has. Nothing when it was forgotten.
    std::optional<energy_mark> at_frame(std::int64_t number) const {
      if (number >= total.frame_number) return total;
      if (kind != 0) return before_newest;
      const std::size_t later = history.partition_point([=](const past& each) { return each.mark.frame_number <= number; });
      if (later == 0) return std::nullopt;
      return history[later - 1].mark;
    }
    // The same for a client that has no energy at all, by a time at which it was certainly connected.
    std::optional<energy_mark> at_cursor(std::int64_t cursor) const {
      if (kind != 0) return before_newest;
      const std::size_t found = history.partition_point([=](const past& each) { return each.cursor < cursor; });
      if (found == history.size()) return total;
      if (found == 0 && !is_known) return std::nullopt;
      return history[found].mark;
    }
  };

  // There are as many slots as active models: a handful, found fastest by a linear search.
  slot& slot_of(std::size_t kind, const std::string& model_id) {
    for (slot& each : slots_) {
      if (each.kind == kind && each.model_id == model_id) return each;
    }
    slots_.emplace_back(kind, model_id);
    return slots_.back();
  }

  static const frame_ptr& shared(slot& from) {
    if (!from.frame) {
      std::visit([&](const auto& event) { from.frame = make_frame(event, from.outer); }, from.newest);
    }
    return from.frame;
  }

  // When the server itself was late, all clients have missed the same events: they share one frame.
  static const frame_ptr& summed(slot& from, const energy_mark& had) {
    if (from.sum && from.sum_since == had.version) return from.sum;
    energy_update event = std::get<energy_update>(from.newest);
    event.delta_energy = from.total.delta_energy - had.delta_energy;
    event.tokens_generated = from.total.tokens_generated - had.tokens_generated;
    from.sum = make_frame(event, from.outer);
    from.sum_since = had.version;
    return from.sum;
  }

  nanoseconds max_age_;
  std::vector<slot> slots_;
  std::uint64_t version_ = 0;  // counts the events of all slots
};

inline energy_lane::slot::slot(slot&&) noexcept = default;

}}}  // namespace wirthforge::live
