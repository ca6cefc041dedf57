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

TEST_CASE("a kernel's release is compared by its first two numbers", "[net][ticker]") {
  using wirthforge::net::is_release_at_least;
  for (const char* const enough : {"6.12.0", "6.12", "6.12-rc1", "6.18.44-fc-v769", "7.0.1", "10.1", "6.100.3"}) {
    CAPTURE(enough);
    CHECK(is_release_at_least(enough, 6, 12));
  }
  for (const char* const too_old :
       {"6.11.9", "6.1.12", "5.15.0-91-generic", "4.99", "6", "", "linux", "5.4294967296", "99999999999x"}) {
    CAPTURE(too_old);
    CHECK(is_release_at_least(too_old, 6, 12) == (too_old[0] == '9'));
  }
}

#endif
