// The queue between publishers and the I/O thread.
#include <memory>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace handoff_test {

using wirthforge::handoff;

TEST_CASE("items come out in the order they went in", "[base][handoff]") {
  handoff<int> queue;
  CHECK(queue.push(1));
  CHECK_FALSE(queue.push(2));
  CHECK_FALSE(queue.push(3));
  std::vector<int> taken;
  queue.take_all([&](int&& each) { taken.push_back(each); });
  CHECK(taken == std::vector<int>{1, 2, 3});
  queue.take_all([&](int&&) { FAIL("taken twice"); });
  CHECK(queue.push(4));
}

TEST_CASE("items that were never taken are freed", "[base][handoff]") {
  const auto token = std::make_shared<int>(7);
  {
    handoff<std::shared_ptr<int>> queue;
    queue.push(token);
    queue.push(token);
    CHECK(token.use_count() == 3);
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("four producers lose nothing and each keeps its own order", "[base][handoff]") {
  constexpr int producers = 4;
  constexpr int each_pushes = 20000;
  handoff<std::pair<int, int>> queue;
  std::vector<std::thread> threads;
  for (int who = 0; who < producers; ++who) {
    threads.emplace_back([&queue, who] {
      for (int n = 0; n < each_pushes; ++n) queue.push({who, n});
    });
  }
  std::vector<int> next(producers, 0);
  int taken = 0;
  bool in_order = true;
  while (taken < producers * each_pushes) {
    queue.take_all([&](std::pair<int, int>&& item) {
      in_order = in_order && item.second == next[static_cast<std::size_t>(item.first)]++;
      ++taken;
    });
  }
  for (auto& each : threads) each.join();
  CHECK(in_order);
  CHECK(next == std::vector<int>(producers, each_pushes));
}

}  // namespace handoff_test
