#include <thread>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

#if defined(__linux__)

TEST_CASE("a punctual thread has its own timer slack, and the others keep theirs", "[net][ticker]") {
  const int before = ::prctl(PR_GET_TIMERSLACK);
  int within = -1;
  std::thread([&] {
    wirthforge::net::be_punctual();
    within = ::prctl(PR_GET_TIMERSLACK);
  }).join();
  CHECK(within == 1);  // ns
  CHECK(::prctl(PR_GET_TIMERSLACK) == before);
}

#endif
