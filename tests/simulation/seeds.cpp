// The simulation as a plain program: seeds FROM COUNT [BREAK]. Ends at the first seed that fails and prints it. Built by
// breaks_test.py against a copy of the parts in which BREAK chooses the broken line.
#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace

#include "simulation/run.hpp"

int main(int argc, char** argv) {
  const auto number = [&](int at, std::uint64_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
#if defined(WIRTHFORGE_HAS_PLANTED_BREAKS)
  wirthforge::planted_break = static_cast<int>(number(3, 0));
#endif
  simulation::seed_range wanted;
  wanted.from = number(1, 1);
  wanted.count = number(2, 1);
  const simulation::summary got = simulation::run_seeds(wanted);
  for (const simulation::verdict& each : got.failures) std::cout << each.text;
  std::cout << got.text();
  return got.failures.empty() ? 0 : 1;
}
