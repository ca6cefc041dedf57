// The energy of each model: what its answers' tokens make of it on the I/O thread, and what is read and published of it on others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "events/generated/types.hpp"
#include "live/energy_meter.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// One model's. Any thread; the lock is held for a few sums.
class model_energy {
 public:
  /// Precondition: the options are within their ranges.
  explicit model_energy(const energy_options& options) : meter_(options) {}

  void add(steady_time now, const std::optional<double>& certainty) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    meter_.add(now, certainty);
  }
  void begin_answer() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++open_answers_;
  }
  /// Of several answers of the model the last one that ends makes a pause no stall.
  void end_answer() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--open_answers_ == 0) meter_.end_answer();
  }
  energy_reading read(steady_time now) const noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    return meter_.read(now);
  }

  /// Fills in what is to be published now: the energy, the total with it, and the tokens since what was published last.
  energy_reading fill(energy_update& event, steady_time now) const noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    const energy_reading read = meter_.read(now);
    event.delta_energy = read.energy;
    event.total_energy = total_ + read.energy;
    event.tokens_generated = static_cast<std::int64_t>(read.tokens - published_tokens_);
    return read;
  }
  /// Counts a published event.
  void note_published(const energy_update& event) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    total_ = event.total_energy;
    published_tokens_ += static_cast<std::uint64_t>(event.tokens_generated);
  }

 private:
  mutable std::mutex mutex_;
  energy_meter meter_;
  std::uint64_t open_answers_ = 0;
  double total_ = 0;
  std::uint64_t published_tokens_ = 0;
};

/// All models'. Any thread; the lock is held for a look-up.
class model_energies {
 public:
  explicit model_energies(const energy_options& options) : options_(options) {}

  /// The energy of that model, made if there is none.
  std::shared_ptr<model_energy> of(const std::string& model_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<model_energy>& place = by_model_[model_id];
    if (!place) place = std::make_shared<model_energy>(options_);
    return place;
  }
  /// The energy of that model, or none.
  std::shared_ptr<model_energy> find(std::string_view model_id) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = by_model_.find(model_id);
    return found == by_model_.end() ? nullptr : found->second;
  }

 private:
  const energy_options options_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<model_energy>, std::less<>> by_model_;
};

}}}  // namespace wirthforge::live
