// Runs seeds without a test framework: seeds [from] [count].
#include <cstdlib>
#include <iostream>

#include "simulation/world.hpp"

int main(int argc, char** argv) {
  const std::uint64_t from = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  simulation::totals seen;
  double hours = 0;
  std::uint64_t steps = 0, published = 0, failed = 0, restarts=0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const auto got = simulation::world(simulation::plan_for(seed)).run();
    hours += static_cast<double>(got.simulated) / 3.6e12;
    steps += got.steps; published += got.published; restarts += got.restarts;
    seen.add(got.seen);
    if (!got.is_good) { if (++failed <= 3) std::cout << got.text; else std::cout << got.text.substr(0, got.text.find('\n')) << "\n"; }
  }
  std::cout << count << " seeds, " << failed << " failed, " << hours << " h, " << steps << " steps, " << published << " published, " << restarts << " restarts; visits " << seen.visits
            << " resumes " << seen.resumes << " gaps " << seen.gaps << " reliable " << seen.reliable << " energy " << seen.energy << " skipped " << seen.skipped
            << " answers " << seen.answers << " snapshots " << seen.snapshots << " lagged " << seen.lagged << " validated " << seen.validated << "\n";
  return failed ? 1 : 0;
}
