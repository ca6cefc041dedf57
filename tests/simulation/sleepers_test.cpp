// Clients that do not read: their memory, and that other clients are not affected.
#include <iostream>

#include "catch.hpp"

#include "simulation/crowd.hpp"
#include "simulation/run.hpp"

namespace {

using namespace simulation;

void report(std::size_t sleepers, const crowd::figures& got) {
  std::cout << sleepers << " asleep: at most " << got.most_queued / sleepers
            << " bytes queued for each (shared frames counted), " << got.most_held << " held once for all\n";
}

// Under sanitizers, which are told to take fewer seeds, a thousand sleepers take a minute.
std::size_t most_sleepers() {
  return from_environment("WIRTHFORGE_SIMULATION_SEEDS", seeds_by_default) < seeds_by_default ? 100 : 1000;
}

}  // namespace

TEST_CASE("clients that sleep under energy and text cost a few kilobytes each", "[simulation][memory]") {
  for (const std::size_t sleepers : {1U, 100U, 1000U}) {
    if (sleepers > most_sleepers()) continue;
    const crowd::figures got = crowd(sleepers, 0).run(sleepers < 1000 ? 60 * second : 25 * second);
    report(sleepers, got);
    CHECK(got.most_queued < 8192 * sleepers);
    CHECK(got.energy_frames > (sleepers < 1000 ? 58U : 23U) * 60U);  // 60 Hz for the client that behaves
  }
}

TEST_CASE("clients that sleep under 50 KB a tick hold one batch each until they are closed", "[simulation][memory]") {
  for (const std::size_t sleepers : {1U, 100U, 1000U}) {
    if (sleepers > most_sleepers()) continue;
    const crowd::figures got = crowd(sleepers, 50'000).run(32 * second);
    report(sleepers, got);
    const wirthforge::live::hub_options options;
    CHECK(got.most_queued < (options.batch_bytes + 50'000 + 8192) * sleepers + 200'000);
    CHECK(got.most_held < 2 * options.log.max_bytes + options.open_answers_bytes);  // the log, and the answers that ended
    CHECK(got.energy_frames > 30 * 60);
    CHECK(got.sleepers_left == 0);  // no pong for 25 s: with a full socket they could not even be told that they lagged
  }
}
