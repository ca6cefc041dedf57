// Many seeds on all cores: until they are through, until time is up, or until the first that fails.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "simulation/world.hpp"

namespace simulation {

struct summary {
  std::uint64_t seeds = 0;
  std::uint64_t restarts = 0;
  std::uint64_t published = 0;
  std::uint64_t turned_away = 0;
  std::uint64_t shortages = 0;
  std::uint64_t stops = 0;
  std::uint64_t goings_on = 0;
  double hours = 0;
  double wall_seconds = 0;
  totals seen;
  std::vector<verdict> failures;  ///< By seed; the lowest ones first.

  std::string text() const {
    const double minutes = std::max(wall_seconds, 1e-3) / 60;
    return say(seeds, " seeds, ", hours, " simulated hours in ", wall_seconds, " s (", static_cast<double>(seeds) / minutes,
               " seeds and ", hours / minutes, " hours a minute): ", seen.visits, " connections, ", seen.resumes, " resumed, ",
               seen.gaps, " gaps told, ", seen.lagged, " lagged, ", turned_away, " turned away, ", shortages,
               " without memory, ", restarts, " restarts, ", goings_on, " of them in good order; ", stops, " stops asked for; ",
               published, " reliable events published, ", seen.reliable, " received; energy ", seen.energy, " received, ",
               seen.skipped, " coalesced; ", seen.answers, " answers whole, ", seen.snapshots, " texts so far, ",
               seen.told_again, " of them of answers that had ended; ", failures.size(), " failed\n");
  }
};

struct seed_range {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
  double most_seconds = 0;  ///< 0: as long as it takes.
  bool stops_at_failure = true;
};

inline summary run_seeds(const seed_range& wanted) {
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(clock::now() - began).count(); };
  summary all;
  std::mutex guard;
  std::atomic<std::uint64_t> next{wanted.from};
  std::atomic<bool> is_over{false};
  const auto work = [&] {
    while (!is_over.load()) {
      const std::uint64_t seed = next.fetch_add(1);
      if (seed - wanted.from >= wanted.count) return;
      if (wanted.most_seconds > 0 && elapsed() > wanted.most_seconds) return;
      verdict got = world(plan_for(seed)).run();
      const std::lock_guard<std::mutex> lock(guard);
      ++all.seeds;
      all.hours += static_cast<double>(got.simulated) / static_cast<double>(hour);
      all.restarts += got.restarts;
      all.published += got.published;
      all.turned_away += got.turned_away;
      all.shortages += got.shortages;
      all.stops += got.stops;
      all.goings_on += got.goings_on;
      all.seen.add(got.seen);
      if (got.is_good) continue;
      all.failures.push_back(std::move(got));
      if (wanted.stops_at_failure) is_over = true;
    }
  };
  std::vector<std::thread> workers;
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  for (unsigned count = 0; count < cores; ++count) workers.emplace_back(work);
  for (std::thread& each : workers) each.join();
  std::sort(all.failures.begin(), all.failures.end(), [](const verdict& a, const verdict& b) { return a.seed < b.seed; });
  all.wall_seconds = elapsed();
  return all;
}

/// The seeds that a run of the tests takes, where WIRTHFORGE_SIMULATION_SEEDS says no other number. Every planted break is found by
/// fewer than ten (breaks_test.py); new seeds are for WIRTHFORGE_SIMULATION_MINUTES.
constexpr std::uint64_t seeds_by_default = 1000;

/// A number from the environment, or nothing.
inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise = 0) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace simulation
