// Counts of the events of a run.
#pragma once

#include <cstdint>

namespace simulation {

struct totals {
  std::uint64_t visits = 0, resumes = 0, gaps = 0, reliable = 0, energy = 0, skipped = 0, answers = 0, snapshots = 0,
                validated = 0, lagged = 0, told_again = 0;
  void add(const totals& other) noexcept {
    visits += other.visits;
    resumes += other.resumes;
    gaps += other.gaps;
    reliable += other.reliable;
    energy += other.energy;
    skipped += other.skipped;
    answers += other.answers;
    snapshots += other.snapshots;
    validated += other.validated;
    lagged += other.lagged;
    told_again += other.told_again;
  }
};

}  // namespace simulation
