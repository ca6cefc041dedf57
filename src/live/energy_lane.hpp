// The energy lane: latest wins, and the sums stay true. Each model has a slot for its energy_update and one for its
// energy_field. A slot keeps the newest event and what has been produced in total; a client keeps, for each slot, what of
// that total it has been sent. What a slow client skipped is the difference, so skipping costs nothing while it happens.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "live/event_frame.hpp"

namespace wirthforge::live {

/// An event of the energy lane as its publisher hands it over. `frame` may be missing: it is then made when somebody wants it.
struct energy_publication {
  std::variant<energy_update, energy_field> event;
  envelope outer;
  std::shared_ptr<event_frame> frame;
};

/// A client's place in the energy lane.
class energy_cursor {
  friend class energy_lane;
  struct seen {
    std::uint64_t version = 0;
    double delta_energy = 0;
    std::int64_t tokens_generated = 0;
  };
  std::vector<seen> slots_;
};

class energy_lane {
 public:
  void publish(energy_publication news) {
    const std::string& model_id = std::visit([](const auto& event) -> const std::string& { return event.model_id; }, news.event);
    slot& target = slot_of(news.event.index(), model_id);
    if (const auto* update = std::get_if<energy_update>(&news.event)) {
      target.delta_energy += update->delta_energy;
      target.tokens_generated = add_saturated(target.tokens_generated, update->tokens_generated);
    }
    if (news.frame) news.frame->stamp(news.outer.timestamp);
    target.frame = std::move(news.frame);
    target.newest = std::move(news.event);
    target.outer = news.outer;
    ++target.version;
  }

  /// A cursor for a client that just came: it gets the newest event of each slot as it is, then everything live.
  energy_cursor join() const {
    energy_cursor cursor;
    for (const slot& each : slots_) {
      energy_cursor::seen before{each.version - 1, each.delta_energy, each.tokens_generated};
      if (const auto* update = std::get_if<energy_update>(&each.newest)) {
        before.delta_energy -= update->delta_energy;
        before.tokens_generated -= update->tokens_generated;
      }
      cursor.slots_.push_back(before);
    }
    return cursor;
  }

  /// True when the client has been sent the newest of everything.
  bool is_current(const energy_cursor& cursor) const noexcept {
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      if (index >= cursor.slots_.size() || cursor.slots_[index].version != slots_[index].version) return false;
    }
    return true;
  }

  /// Hands `send(frame_ptr)` the newest of every slot that the client has not had. A frame that follows the one it had
  /// last is the shared one; after a gap it is written anew with what was skipped added in. Returns how many were skipped.
  template <class Send>
  std::uint64_t collect(energy_cursor& cursor, Send send) {
    std::uint64_t skipped = 0;
    cursor.slots_.resize(slots_.size());
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      slot& each = slots_[index];
      energy_cursor::seen& had = cursor.slots_[index];
      if (had.version == each.version) continue;
      const std::uint64_t missed = each.version - had.version - 1;
      skipped += missed;
      const bool has_sums = std::holds_alternative<energy_update>(each.newest);
      send(missed > 0 && has_sums ? summed(each, had) : shared(each));
      had = {each.version, each.delta_energy, each.tokens_generated};
    }
    return skipped;
  }

 private:
  struct slot {
    std::size_t kind;
    std::string model_id;
    std::variant<energy_update, energy_field> newest{};
    envelope outer{};
    frame_ptr frame{};
    std::uint64_t version = 0;  // counts what was published here
    double delta_energy = 0;
    std::int64_t tokens_generated = 0;
  };

  // There are as many slots as models at work: a handful, found fastest by looking.
  slot& slot_of(std::size_t kind, const std::string& model_id) {
    for (slot& each : slots_) {
      if (each.kind == kind && each.model_id == model_id) return each;
    }
    slots_.push_back(slot{kind, model_id});
    return slots_.back();
  }

  static const frame_ptr& shared(slot& from) {
    if (!from.frame) {
      std::visit([&](const auto& event) { from.frame = make_frame(event, from.outer); }, from.newest);
    }
    return from.frame;
  }

  static frame_ptr summed(const slot& from, const energy_cursor::seen& had) {
    energy_update event = std::get<energy_update>(from.newest);
    const double delta = from.delta_energy - had.delta_energy;
    if (std::isfinite(delta)) event.delta_energy = delta;
    event.tokens_generated = from.tokens_generated - had.tokens_generated;
    return make_frame(event, from.outer);
  }

  static std::int64_t add_saturated(std::int64_t sum, std::int64_t more) noexcept {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return more > most - sum ? most : sum + more;
  }

  std::vector<slot> slots_;
};

}  // namespace wirthforge::live
