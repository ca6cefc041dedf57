// A page's account of energy: the updates that it was sent of each model, and a check of their sums against the produced energy.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/failure.hpp"
#include "simulation/visit.hpp"
#include "simulation/wire.hpp"

namespace simulation {

class energy_account {
 public:
  struct receipt {
    std::int64_t frame_number;
    std::size_t skipped;
    ticks when;
  };

  void forget() { seen_.clear(); }
  void begin_visit() {
    allowed_.clear();
    for (entry& each : seen_) each.is_field_new = true;
  }

  /// The account begins anew: for each model, just before its newest update.
  void join(const energy_places& places, std::int64_t began, ticks began_when) {
    forget();
    began_ = began;
    began_when_ = began_when;
    rule_ = rule::places;
    places_ = places;
  }
  /// The account goes on. For a model without an update so far, the page is owed everything since the account began, or since its cursor when
  /// it has had no energy for long.
  void rejoin(ticks since) {
    rule_since_ = since;
    rule_ = rule::cursor;
  }
  /// Energy was subscribed to again: energy that was produced in between is not owed.
  void allow(const energy_places& places) { allowed_.push_back(places); }

  std::string query() const {
    std::string list;
    for (const entry& each : seen_) {
      if (each.frame >= 0) list += (list.empty() ? "&frames=" : ",") + each.id + ":" + std::to_string(each.frame);
    }
    return "&began=" + std::to_string(began_) + list;
  }

  receipt take_update(const ledger& truth, std::string_view text) {
    const std::string_view id = string_field(text, "\"modelId\":");
    const std::int64_t frame = integer_field(text, "\"frameNumber\":");
    const double energy = number_field(text, "\"deltaEnergy\":") * 100;
    const std::int64_t tokens = integer_field(text, "\"tokensGenerated\":");
    const model_account* const model = truth.find_model(id);
    const std::size_t at = model == nullptr ? 0 : model->from_frame(frame);
    if (model == nullptr || at == model->updates.size() || model->updates[at].frame_number != frame) {
      throw failure(oracle::sums, say(std::string(id), " has no frame ", frame));
    }
    const auto index = static_cast<std::size_t>(model - truth.models.data());
    entry& had = entry_of(id);
    if (frame <= had.frame) throw failure(oracle::order, say(std::string(id), " frame ", frame, " after ", had.frame));

    const auto fits = [&](std::size_t base) {
      if (base > at) return false;
      const auto expected = static_cast<double>(model->energy_at(at + 1) - model->energy_at(base));
      return std::abs(energy - expected) <= 0.5 && tokens == model->tokens_at(at + 1) - model->tokens_at(base);
    };
    std::size_t base = had.frame >= 0 ? had.next : beginning(*model, index, at, fits);
    bool is_new_account = had.frame < 0;
    for (const energy_places& other : allowed_) {
      if (fits(base)) break;
      base = index < other.size() ? other[index] : 0;
      is_new_account = true;
    }
    if (!fits(base)) {
      const auto produced = static_cast<double>(model->energy_at(at + 1) - model->energy_at(base)) / 100;
      throw failure(oracle::sums,
                    say(std::string(id), " frame ", frame, ": ", energy / 100, " energy and ", tokens, " tokens; since frame ",
                        had.frame, " there were ", produced, " and ", model->tokens_at(at + 1) - model->tokens_at(base)));
    }
    if (is_new_account) {
      had.began = base;
      had.sum = 0;
    }
    had.sum += energy;
    const auto produced = static_cast<long double>(model->energy_at(at + 1) - model->energy_at(had.began));
    if (std::abs(static_cast<double>(had.sum - produced)) > 1) {
      throw failure(oracle::sums, say(std::string(id), ": all in all ", static_cast<double>(had.sum / 100), " came, ",
                                      static_cast<double>(produced / 100), " were produced"));
    }
    had.frame = frame;
    had.next = at + 1;
    return {frame, at - base, model->updates[at].when};
  }

  // Latest wins: a field may come again on a new connection, and never goes back.
  void take_field(const ledger& truth, std::string_view text) {
    const std::string_view id = string_field(text, "\"modelId\":");
    const std::int64_t frame = integer_field(text, "\"frameNumber\":");
    const model_account* const model = truth.find_model(id);
    if (model == nullptr || frame > model->last_field) throw failure(oracle::order, "a field that nobody published");
    entry& had = entry_of(id);
    if (had.is_field_new ? frame < had.field : frame <= had.field) throw failure(oracle::order, "a field goes back");
    had.field = frame;
    had.is_field_new = false;
  }

 private:
  static constexpr ticks shortest_history = second;  // the least that plan.hpp chooses
  enum class rule { places, cursor };
  struct entry {
    std::string id;
    std::int64_t frame = -1;
    std::size_t next = 0;
    std::size_t began = 0;
    long double sum = 0;
    std::int64_t field = -1;
    bool is_field_new = true;
  };

  entry& entry_of(std::string_view id) {
    for (entry& each : seen_) {
      if (each.id == id) return each;
    }
    seen_.push_back({std::string(id)});
    return seen_.back();
  }

  template <class Fits>
  std::size_t beginning(const model_account& model, std::size_t index, std::size_t at, Fits fits) const {
    const std::size_t place = index < places_.size() ? places_[index] : 0;
    if (rule_ == rule::places) return place;
    const auto later_than = [&](ticks time) {
      const auto was_there = [](ticks when, const energy_entry& each) { return when < each.when; };
      const auto later = std::upper_bound(model.updates.begin(), model.updates.end(), time, was_there);
      return std::min(static_cast<std::size_t>(later - model.updates.begin()), at);
    };
    std::size_t base = later_than(began_when_);
    while (base > 0 && !fits(base) && model.updates[base - 1].when == began_when_) --base;
    if (fits(base) || model.updates[at].when - began_when_ < shortest_history) return base;
    base = later_than(rule_since_);  // it has had no energy for longer than the history reaches
    while (base > 0 && !fits(base)) --base;
    return base;
  }

  std::vector<entry> seen_;
  std::int64_t began_ = 0;
  ticks began_when_ = 0;
  rule rule_ = rule::places;
  ticks rule_since_ = 0;
  energy_places places_;
  std::vector<energy_places> allowed_;
};

}  // namespace simulation
