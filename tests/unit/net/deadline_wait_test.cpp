// A wait for a deadline, which another thread may end.
#include <chrono>
#include <thread>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace deadline_wait_test {

using namespace wirthforge;
using clock = std::chrono::steady_clock;

TEST_CASE("a wait lasts until its deadline, and no less", "[net][deadline_wait]") {
  net::deadline_wait sleep;
  for (const int us : {1, 999, 1000, 4321}) {
    const auto deadline = clock::now() + std::chrono::microseconds(us);
    CHECK(sleep.until(deadline));
    CHECK(clock::now() >= deadline);
  }
}

TEST_CASE("a deadline that is over is not waited for", "[net][deadline_wait]") {
  net::deadline_wait sleep;
  CHECK(sleep.until(clock::now() - std::chrono::hours(1)));
  CHECK(sleep.until(steady_time{}));
}

TEST_CASE("a wait of an hour is over when another thread ends it", "[net][deadline_wait]") {
  net::deadline_wait sleep;
  std::thread other([&] { sleep.end(); });
  CHECK_FALSE(sleep.until(clock::now() + std::chrono::hours(1)));
  other.join();
  CHECK_FALSE(sleep.until(clock::now() + std::chrono::hours(1)));
}

}  // namespace deadline_wait_test
