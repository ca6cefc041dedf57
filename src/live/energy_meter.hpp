// The energy of a flow of tokens, E(t) in 0...1, as WIRTHFORGE defines it: how fast, how certain and how free of stalls a model
// speaks. The time is passed in; no clock, no lock, no allocation. README.md shows how it is published, docs/energy.md its formula.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The constants of `energy_meter`; docs/options.md lists them. Of the three weights, and of the two for tokens without a certainty, each
/// counts in proportion to their sum, which must be above 0.
struct energy_options {
  /// Weight of the newest token; what was before it has the rest. 0.01...1.
  double smoothing = 0.35;
  /// In which time energy halves while no token comes, once that is a stall. 1 ms...1 h.
  std::chrono::milliseconds half_life{700};
  /// A longer time between two tokens of an answer is a stall. 1 ms...1 h.
  std::chrono::milliseconds stall_after{400};
  /// From `stall_after` on a stall weighs more, up to this time, and then no more. Where it is not above `stall_after`, every stall weighs
  /// as much. 1 ms...1 h.
  std::chrono::milliseconds stall_ceiling{1500};
  /// Tokens a second are counted over this time. 1 ms...1 min.
  std::chrono::milliseconds cadence_window{1000};
  /// Tokens a second that count as full cadence; more count no more. 0.01...1000000.
  double full_cadence = 20;
  /// Tokens a second from which on a flow is a burst. 0.01...1000000.
  double burst_cadence = 12;
  /// Weight of tokens a second, where tokens have a certainty. 0...1.
  double cadence_weight = 0.5;
  /// Weight of the certainty. 0...1.
  double certainty_weight = 0.3;
  /// Weight of the absence of stalls, where tokens have a certainty. 0...1.
  double stall_weight = 0.2;
  /// Weight of tokens a second, where they have no certainty. 0...1.
  double cadence_weight_alone = 0.7;
  /// Weight of the absence of stalls, where they have no certainty. 0...1.
  double stall_weight_alone = 0.3;
};

/// The values of an `energy_meter` at one moment.
struct energy_reading {
  double energy = 0;             ///< E(t), 0...1.
  double tokens_per_second = 0;  ///< Over `energy_options::cadence_window`.
  bool
      is_stalled = false;  ///< An answer is being written, and no token has come for longer than `energy_options::stall_after`.
  bool is_burst = false;   ///< At least `energy_options::burst_cadence` tokens a second.
  std::uint64_t tokens = 0;  ///< All tokens so far.
};

/// Measures the energy of one flow of tokens. `token_stream_writer` feeds one for each model by itself (`server::energy`,
/// `tick::publish_energy`); make one for tokens that go another way. One thread at a time. A time that is before one that was
/// passed in earlier counts as that one.
class energy_meter {
 public:
  /// A moment of the steady clock, or of a virtual one.
  using time_point = std::chrono::steady_clock::time_point;

  /// Errors: `errc::option_out_of_range`; the exception names the option, its value and its range. With an error code a meter whose
  /// options were refused has the defaults.
  explicit energy_meter(const energy_options& options = {});
  energy_meter(const energy_options& options, std::error_code& error);

  /// A token came. `certainty`: how certain the model was of it, 0...1, see `certainty_of`; below 0 or above 1 is taken as that, and
  /// what is not finite as absent.
  void add(time_point now, std::optional<double> certainty = {}) noexcept;
  /// An answer has ended: the time until the next token is no stall. Energy decays as in one.
  void end_answer() noexcept { is_answering_ = false; }
  /// The values at `now`.
  [[nodiscard]] energy_reading read(time_point now) const noexcept;

  /// How certain a model was of a token, 0...1, from the probabilities of its most likely tokens (`top_logprobs`, each e to its power):
  /// 1 - H / log K with H the entropy of these K, taken as all there are. Nothing where they are fewer than two, where one is negative or not
  /// finite, or where all are 0.
  [[nodiscard]] static std::optional<double> certainty_of(const std::vector<double>& probabilities);

 private:
  static constexpr std::size_t slice_count = 64;

  std::int64_t slice_at(time_point now) const noexcept;
  double cadence_at(time_point now) const noexcept;
  double decayed(time_point now) const noexcept;

  energy_options options_;
  std::array<std::uint32_t, slice_count> slices_{};  // tokens in the newest parts of time, each a 64th of the window
  std::int64_t newest_slice_ = 0;
  time_point first_{};
  time_point newest_{};  // the newest token
  double energy_ = 0;    // at the newest token
  std::uint64_t tokens_ = 0;
  bool is_answering_ = false;
};

}}  // namespace wirthforge
