// The hooks' queue at its bound. The thread is not started before all is queued, so that nothing is taken meanwhile.
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace callback_thread_test {

TEST_CASE("calls wait up to the bound in bytes, and calls past it are dropped and counted", "[net][callback]") {
  wirthforge::net::callback_thread hooks(100);
  std::vector<int> called;
  const auto post = [&](std::size_t bytes, int number) {
    return hooks.post(bytes, [&called, number] { called.push_back(number); });
  };
  CHECK(post(60, 1));
  CHECK(post(40, 2));
  CHECK_FALSE(post(1, 3));
  CHECK(hooks.dropped() == 1);
  hooks.start();
  hooks.stop();
  CHECK(called == std::vector<int>{1, 2});
}

TEST_CASE("one call may wait however large it is, and a second may not", "[net][callback]") {
  wirthforge::net::callback_thread hooks(1);
  int called = 0;
  CHECK(hooks.post(1000, [&] { ++called; }));
  CHECK_FALSE(hooks.post(1, [&] { ++called; }));
  hooks.start();
  hooks.stop();
  CHECK(called == 1);
}

}  // namespace callback_thread_test
