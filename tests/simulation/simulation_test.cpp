// The whole server core under a virtual clock and a simulated network, from seeds. Its promises stand in
// docs/protocol.md#lanes-and-order; failure.hpp names the oracles.
//
//   simulation_src                                    the seeds of CI
//   WIRTHFORGE_SIMULATION_SEEDS=50 simulation_src     fewer of them, or more
//   WIRTHFORGE_SEED=123 simulation_src                one seed, the same every time
//   WIRTHFORGE_SIMULATION_MINUTES=30 simulation_src   new seeds for so long (from WIRTHFORGE_SEED on, where that is set)
#include "catch.hpp"

#include "simulation/run.hpp"

namespace {

using namespace simulation;

// The parts and the header are the same code, so the header takes other seeds.
seed_range seeds_of_ci() {
  seed_range wanted;
  wanted.count = from_environment("WIRTHFORGE_SIMULATION_SEEDS", seeds_by_default);
#if !__has_include("base/clock.hpp")
  wanted.from = 1 + seeds_by_default;
#endif
  return wanted;
}

TEST_CASE("every client gets the published events, once, in order, or is told its gap", "[simulation]") {
  seed_range wanted = seeds_of_ci();
  const std::uint64_t seed = from_environment("WIRTHFORGE_SEED");
  const std::uint64_t minutes = from_environment("WIRTHFORGE_SIMULATION_MINUTES");
  if (seed > 0) wanted = {seed, 1};
  if (minutes > 0) {
    const auto today = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() /
                                                  std::chrono::seconds(1));
    wanted = {seed > 0 ? seed : today * 1000, ~std::uint64_t{0}, static_cast<double>(minutes) * 60};
  }
  const summary got = run_seeds(wanted);
  std::cout << got.text();
  for (const verdict& each : got.failures) std::cout << each.text;
  REQUIRE(got.failures.empty());
  if (seed > 0 || minutes > 0) return;
  // A simulation in which nothing happens proves nothing.
  CHECK(got.seeds == wanted.count);
  CHECK(got.hours > 0.05 * static_cast<double>(wanted.count));
  CHECK(got.seen.resumes > 5 * got.seeds);
  CHECK(got.seen.gaps > got.seeds);
  CHECK(got.seen.lagged > got.seeds / 4);
  CHECK(got.seen.answers > got.seeds);
  CHECK(got.turned_away > got.seeds);
  CHECK(got.shortages > got.seeds);
  CHECK(got.restarts > got.seeds / 4);
  CHECK(got.goings_on > got.seeds / 20);
  CHECK(got.stops > got.seeds);
  CHECK(got.seen.snapshots > got.seeds);
  CHECK(got.seen.told_again > got.seeds);
  CHECK(got.seen.skipped > 100 * got.seeds);
}

TEST_CASE("a seed reproduces a run", "[simulation]") {
  for (const std::uint64_t seed : {3U, 31U, 145U}) {
    const verdict once = world(plan_for(seed)).run();
    const verdict again = world(plan_for(seed)).run();
    CHECK(once.steps == again.steps);
    CHECK(once.published == again.published);
    CHECK(once.seen.reliable == again.seen.reliable);
    CHECK(once.seen.energy == again.seen.energy);
  }
}

}  // namespace
