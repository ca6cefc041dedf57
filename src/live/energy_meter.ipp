// A token adds to a model's energy, and time takes from it.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/cold.hpp"
#include "base/finite.hpp"
#include "base/linkage.hpp"
#include "live/energy_meter.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {
namespace live {

inline double within_one(double value) noexcept { return value < 0 ? 0 : value > 1 ? 1 : value; }
/// How much the time between two tokens is a stall, 0...1.
inline double stall_of(const energy_options& options, std::chrono::steady_clock::duration gap) noexcept {
  if (gap <= options.stall_after) return 0;
  if (options.stall_ceiling <= options.stall_after || gap >= options.stall_ceiling) return 1;
  const std::chrono::duration<double> over = gap - options.stall_after;
  const std::chrono::duration<double> most = options.stall_ceiling - options.stall_after;
  return within_one(over / most);
}

}  // namespace live

WIRTHFORGE_INLINE std::int64_t energy_meter::slice_at(time_point now) const noexcept {
  const std::chrono::nanoseconds slice = std::chrono::nanoseconds(options_.cadence_window) / std::int64_t(slice_count);
  return (now - first_) / slice;
}
WIRTHFORGE_INLINE double energy_meter::cadence_at(time_point now) const noexcept {
  const std::int64_t last = slice_at(now);
  const std::int64_t oldest = std::max<std::int64_t>(last - std::int64_t(slice_count) + 1, 0);
  std::uint64_t tokens = 0;
  for (std::int64_t each = std::max<std::int64_t>(oldest, newest_slice_ - std::int64_t(slice_count) + 1); each <= newest_slice_;
       ++each) {
    tokens += slices_[static_cast<std::size_t>(each) % slice_count];
  }
  return static_cast<double>(tokens) / std::chrono::duration<double>(options_.cadence_window).count();
}
WIRTHFORGE_INLINE double energy_meter::decayed(time_point now) const noexcept {
  const std::chrono::duration<double> stalled = (now - newest_) - options_.stall_after;
  return stalled.count() <= 0 ? energy_ : energy_ * std::exp2(-(stalled / std::chrono::duration<double>(options_.half_life)));
}

WIRTHFORGE_INLINE void energy_meter::add(time_point now, std::optional<double> certainty) noexcept {
  if (tokens_ == 0) first_ = newest_ = now;
  now = std::max(now, newest_);
  const double before = decayed(now);
  const double stall = is_answering_ ? live::stall_of(options_, now - newest_) : 0;
  const std::int64_t slice = slice_at(now);
  newest_slice_ = std::max(newest_slice_, slice - std::int64_t(slice_count));  // of those before no place is left
  while (newest_slice_ < slice) slices_[static_cast<std::size_t>(++newest_slice_) % slice_count] = 0;
  ++slices_[static_cast<std::size_t>(slice) % slice_count];

  const double cadence = live::within_one(cadence_at(now) / options_.full_cadence);
  const bool is_known = certainty && tools::is_finite(*certainty);
  const double cadence_weight = is_known ? options_.cadence_weight : options_.cadence_weight_alone;
  const double stall_weight = is_known ? options_.stall_weight : options_.stall_weight_alone;
  double sum = cadence_weight * cadence + stall_weight * (1 - stall);
  if (is_known) sum += options_.certainty_weight * live::within_one(*certainty);
  const double base = sum / (cadence_weight + stall_weight + (is_known ? options_.certainty_weight : 0));
  energy_ = live::within_one(options_.smoothing * base + (1 - options_.smoothing) * before);
  newest_ = now;
  is_answering_ = true;
  ++tokens_;
}

WIRTHFORGE_INLINE energy_reading energy_meter::read(time_point now) const noexcept {
  energy_reading result;
  if (tokens_ == 0) return result;
  now = std::max(now, newest_);
  result.energy = decayed(now);
  result.tokens_per_second = cadence_at(now);
  result.is_stalled = is_answering_ && now - newest_ > options_.stall_after;
  result.is_burst = result.tokens_per_second >= options_.burst_cadence;
  result.tokens = tokens_;
  return result;
}

WIRTHFORGE_INLINE std::optional<double> energy_meter::certainty_of(const std::vector<double>& probabilities) {
  double sum = 0;
  for (const double& each : probabilities) {
    if (!tools::is_finite(each) || each < 0) return std::nullopt;
    sum += each;
  }
  if (probabilities.size() < 2 || !(sum > 0) || !tools::is_finite(sum)) return std::nullopt;
  double entropy = 0;
  for (const double each : probabilities) {
    const double share = each / sum;
    if (share > 0) entropy -= share * std::log(share);
  }
  return live::within_one(1 - entropy / std::log(static_cast<double>(probabilities.size())));
}

}}  // namespace wirthforge
