// One step of the 60 Hz loop, as the integrator's callback sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/clock.hpp"
#include "live/client_info.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

namespace detail {
class server_core;
}

/// Valid during the callback that gets it, on that callback's thread.
class tick {
 public:
  /// The `frameNumber` on the wire: periods since the start, skipped ones included; since the journal's first start with
  /// `journal_options::continue_numbers`.
  [[nodiscard]] std::int64_t number() const noexcept { return number_; }
  /// Seconds since the previous tick; 1/60 when none was missed, 0 for the first.
  [[nodiscard]] double delta_seconds() const noexcept { return delta_seconds_; }
  /// How long after its deadline this tick began.
  [[nodiscard]] std::chrono::nanoseconds lateness() const noexcept { return lateness_; }
  /// Periods that passed without a tick since the previous one.
  [[nodiscard]] std::int64_t missed() const noexcept { return missed_; }
  /// Milliseconds since this tick began, at most 16.67: what `energy_update::processing_time` can carry.
  [[nodiscard]] double processing_time() const noexcept;

  /// As `server::publish`. An `energy_update` whose `processing_time` is 0 gets `processing_time()`, and a value above
  /// 16.67 is clamped: the field cannot express an overrun, an `error_event` `FRAME_OVERRUN` reports it.
  template <class Event>
  publish_result publish(const Event& event);
  template <class Event>
  publish_result publish(const Event& event, std::error_code& error);

  /// Publishes the energy of a model, which `token_stream_writer` has measured (`server::energy`): `deltaEnergy` is E(t) now, 0...1,
  /// `totalEnergy` the sum of what was published of it so far, `tokensGenerated` the tokens since the last time. A model of which
  /// no answer was opened has no energy. For each model one line in `on_tick`. Errors: those of `server::publish`; what could not be
  /// published is part of what is published next.
  publish_result publish_energy(std::string_view model_id);
  publish_result publish_energy(std::string_view model_id, std::error_code& error);

 private:
  friend class detail::server_core;
  explicit tick(detail::server_core& core) noexcept : core_(&core) {}

  detail::server_core* core_;
  std::int64_t number_ = 0;
  double delta_seconds_ = 0;
  std::chrono::nanoseconds lateness_{};
  std::int64_t missed_ = 0;
  tools::steady_time began_{};
};

}}  // namespace wirthforge
