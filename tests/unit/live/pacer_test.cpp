// The 60 Hz beat on a virtual clock.
#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace pacer_test {

using namespace wirthforge;
using wirthforge::live::beat;
using wirthforge::live::pacer;
using wirthforge::live::rate_meter;

namespace {
constexpr nanoseconds minute = std::chrono::minutes(1);
const steady_time start{std::chrono::hours(5)};

// Ticks for `span` with a callback that costs `cost` each time, and counts.
struct outcome {
  std::int64_t ticks = 0;
  std::int64_t missed = 0;
  nanoseconds worst_lateness{};
};
outcome run(nanoseconds span, nanoseconds cost) {
  pacer pace(start);
  outcome result;
  steady_time now = start;
  for (;;) {
    now = std::max(now, pace.deadline());
    if (now >= start + span) return result;
    const beat step = pace.begin(now);
    ++result.ticks;
    result.missed += step.missed;
    result.worst_lateness = std::max(result.worst_lateness, step.lateness);
    now += cost;
  }
}
}  // namespace

TEST_CASE("a minute has 3600 ticks however long a callback within the period takes", "[live][pacer]") {
  for (const int cost_us : {0, 1, 5000, 15000, 16666}) {
    const outcome result = run(minute, std::chrono::microseconds(cost_us));
    CAPTURE(cost_us);
    CHECK(result.ticks == 3600);
    CHECK(result.missed == 0);
    CHECK(result.worst_lateness == nanoseconds(0));
  }
}

TEST_CASE("an hour of ticks does not drift by a nanosecond", "[live][pacer]") {
  pacer pace(start);
  for (int n = 0; n < 60 * 3600; ++n) pace.begin(pace.deadline());
  CHECK(pace.deadline() == start + std::chrono::hours(1));
}

TEST_CASE("a callback of one and a half periods misses every other tick and never causes a burst", "[live][pacer]") {
  const outcome result = run(minute, std::chrono::microseconds(25000));
  CHECK(result.ticks + result.missed >= 3598);
  CHECK(result.ticks + result.missed <= 3600);
  CHECK(result.worst_lateness < std::chrono::microseconds(16667));
}

TEST_CASE("a stall of a second is followed by one tick on the beat", "[live][pacer]") {
  pacer pace(start);
  CHECK(pace.begin(start).number == 0);
  const beat after = pace.begin(start + seconds(1) + milliseconds(3));
  CHECK(after.number == 60);
  CHECK(after.missed == 59);
  CHECK(after.lateness == milliseconds(3));
  CHECK(pace.deadline() == start + seconds(1) + nanoseconds(16'666'666));
}

TEST_CASE("each deadline belongs to its own number at every phase", "[live][pacer]") {
  for (int n = 1; n < 240; ++n) {
    pacer pace(start);
    for (int k = 0; k < n; ++k) pace.begin(pace.deadline());
    const steady_time due = pace.deadline();
    CHECK(pace.begin(due).number == n);
    pacer other(start);
    other.begin(start);
    CHECK(other.begin(due).number == n);
    if (n > 1) {
      pacer early(start);
      early.begin(start);
      CHECK(early.begin(due - nanoseconds(1)).number == n - 1);
    }
  }
}

TEST_CASE("a period of exactly the limit is no overrun and one nanosecond more is", "[live][pacer]") {
  const pacer pace(start);
  CHECK_FALSE(pace.is_overrun(nanoseconds(16'666'666)));
  CHECK(pace.is_overrun(nanoseconds(16'666'667)));
}

TEST_CASE("the measured rate is the ticks of the last second", "[live][rate]") {
  rate_meter meter;
  CHECK(meter.rate_hz(start) == 0);
  meter.record(start);
  CHECK(meter.rate_hz(start) == 0);
  pacer pace(start);
  steady_time last = start;
  for (int n = 1; n < 200; ++n) {
    pace.begin(pace.deadline());
    last = pace.deadline();
    meter.record(last);
  }
  CHECK(meter.rate_hz(last) == Approx(60.0).margin(0.001));
  CHECK(meter.rate_hz(last + milliseconds(20)) == Approx(60.0).margin(0.001));
  CHECK(meter.rate_hz(last + seconds(1)) == Approx(30.0).margin(0.1));
  CHECK(meter.rate_hz(last + seconds(59)) == Approx(1.0).margin(0.01));
}

TEST_CASE("beats at one moment would have had an infinite rate", "[live][rate]") {
  rate_meter meter;
  for (int n = 0; n < 3; ++n) meter.record(start);
  CHECK(meter.rate_hz(start) == 0);
  CHECK(meter.rate_hz(start + seconds(1)) == Approx(2.0));
}

}  // namespace pacer_test
