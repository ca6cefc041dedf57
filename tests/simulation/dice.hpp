// Random numbers from a seed. Own arithmetic throughout: the distributions of the standard library differ from one implementation to
// the next, and a seed must mean the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulation {

/// xoshiro256** by Blackman and Vigna, seeded by splitmix64.
class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept {
    for (std::uint64_t& each : state_) {
      seed += 0x9E3779B97F4A7C15U;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
      each = mixed ^ (mixed >> 31U);
    }
  }

  std::uint64_t bits() noexcept {
    const std::uint64_t result = turned(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = turned(state_[3], 45);
    return result;
  }

  /// 0...below-1. A modulus favours small numbers by less than one in 2^32 here.
  std::uint64_t below(std::uint64_t count) noexcept { return bits() % count; }
  /// from...to, both included.
  std::int64_t between(std::int64_t from, std::int64_t to) noexcept {
    return from + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(to - from) + 1));
  }
  /// As `between`, but small values as likely as large ones by their order of magnitude. 1 <= from <= to.
  std::int64_t spread(std::int64_t from, std::int64_t to) noexcept {
    std::int64_t top = from;
    int doublings = 0;
    for (; top <= to / 2; top *= 2) ++doublings;
    const std::int64_t low = from << between(0, doublings);
    return between(low, low * 2 < to ? low * 2 : to);
  }
  bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }
  bool percent(std::uint64_t chance) noexcept { return below(100) < chance; }

  template <class List>
  auto& pick(List& list) noexcept {
    return list[static_cast<std::size_t>(below(list.size()))];
  }

 private:
  static std::uint64_t turned(std::uint64_t value, unsigned by) noexcept { return (value << by) | (value >> (64U - by)); }
  std::uint64_t state_[4];
};

}  // namespace simulation
