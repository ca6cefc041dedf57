#include <cstddef>
#include <deque>
#include <memory>
#include <random>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

using wirthforge::ring;

TEST_CASE("a ring holds the same items as a deque, however it wraps and grows", "[base][ring]") {
  std::mt19937 random(1);
  ring<int> under_test;
  std::deque<int> plain;
  bool is_right = true;
  for (int step = 0; step < 20'000; ++step) {
    // It grows for a while, then shrinks for a while.
    const bool is_growing = step / 500 % 2 == 0;
    if (plain.empty() || random() % 8 < (is_growing ? 5U : 3U)) {
      under_test.push_back(step);
      plain.push_back(step);
    } else {
      under_test.pop_front();
      plain.pop_front();
    }
    is_right = is_right && under_test.size() == plain.size() && under_test.empty() == plain.empty();
    if (plain.empty()) continue;
    const std::size_t index = random() % plain.size();
    is_right = is_right && under_test.front() == plain.front() && under_test.back() == plain.back();
    is_right = is_right && under_test[index] == plain[index];
    const int wanted = plain[index];
    is_right = is_right && under_test.partition_point([=](int each) { return each < wanted; }) == index;
  }
  CHECK(is_right);
  under_test.clear();
  CHECK(under_test.empty());
  CHECK(under_test.partition_point([](int) { return true; }) == 0);
  under_test.push_back(7);
  CHECK(under_test.front() == 7);
}

TEST_CASE("a ring releases the items that were taken out of it", "[base][ring]") {
  ring<std::shared_ptr<int>> held;
  const auto first = std::make_shared<int>(1);
  const auto second = std::make_shared<int>(2);
  held.push_back(first);
  held.push_back(second);
  held.pop_front();
  CHECK(first.use_count() == 1);
  CHECK(second.use_count() == 2);
  held.clear();
  CHECK(second.use_count() == 1);
}
