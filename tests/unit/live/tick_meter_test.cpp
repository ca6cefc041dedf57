// What is measured of ticks, on a virtual clock.
#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace tick_meter_test {

using namespace wirthforge;

namespace {
steady_time at(std::int64_t ms) { return steady_time(seconds(1000) + milliseconds(ms)); }
live::beat numbered(std::int64_t number, std::int64_t missed = 0) { return {number, {}, milliseconds(3), missed}; }
}  // namespace

TEST_CASE("the time since the tick before counts the ones that were missed", "[live][tick]") {
  live::tick_meter meter;
  CHECK(meter.begin(numbered(7), at(0)) == 0);
  CHECK(meter.begin(numbered(8), at(17)) == 1.0 / 60);
  CHECK(meter.begin(numbered(12, 3), at(83)) == 4.0 / 60);
  CHECK(meter.count() == 3);
  CHECK(meter.missed() == 3);
  CHECK(meter.lateness().sum_us() == 3 * 3000);
}

TEST_CASE("the rate falls while a callback blocks", "[live][tick]") {
  live::tick_meter meter;
  CHECK(meter.rate_hz(at(0)) == 0);
  for (int n = 0; n <= 10; ++n) meter.begin(numbered(n), at(n * 20));
  CHECK(meter.rate_hz(at(200)) == Approx(50));
  CHECK(meter.rate_hz(at(240)) == Approx(50));
  CHECK(meter.rate_hz(at(700)) == Approx(2));
}

TEST_CASE("overruns are reported once a second, with how many there were", "[live][tick]") {
  live::tick_meter meter;
  CHECK(meter.end(live::pacer::period(), at(0)) == 0);
  CHECK(meter.end(live::pacer::period() + nanoseconds(1), at(0)) == 1);
  CHECK(meter.end(milliseconds(20), at(20)) == 0);
  CHECK(meter.end(milliseconds(20), at(999)) == 0);
  CHECK(meter.end(milliseconds(20), at(1000)) == 3);
  CHECK(meter.overruns() == 4);
}

}  // namespace tick_meter_test
