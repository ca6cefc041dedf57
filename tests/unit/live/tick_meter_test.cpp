// Measurements of ticks, on a virtual clock.
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
  CHECK(meter.rate_hz(at(239)) == Approx(50));  // the limit is 240, which i386 is past: it computes with 80 bits
  CHECK(meter.rate_hz(at(241)) == Approx(1 / 0.041));
  CHECK(meter.rate_hz(at(700)) == Approx(2));
}

TEST_CASE("overruns are reported once a second, with their number and the longest", "[live][tick][overrun]") {
  live::tick_meter meter;
  const auto worked = [](std::int64_t frame, nanoseconds time) { return frame_overrun{frame, time, time}; };
  CHECK_FALSE(meter.end(worked(0, live::pacer::period()), at(0)));
  CHECK(meter.end(worked(1, live::pacer::period() + nanoseconds(1)), at(0))->count == 1);
  CHECK_FALSE(meter.end(worked(2, milliseconds(20)), at(20)));
  CHECK_FALSE(meter.end(worked(3, milliseconds(40)), at(999)));
  const auto told = meter.end(worked(4, milliseconds(30)), at(1000));
  REQUIRE(told);
  CHECK(told->count == 3);
  CHECK(told->processor_bound == 3);
  CHECK(told->longest.frame_number == 3);
  CHECK(told->longest.wall == milliseconds(40));
  CHECK(meter.overruns() == 4);
}

TEST_CASE("a callback that was only preempted is not blamed, and is reported once a minute", "[live][tick][overrun]") {
  live::tick_meter meter;
  const auto waited = [&](std::int64_t frame, std::int64_t ms) {
    return meter.end({frame, milliseconds(300), milliseconds(2)}, at(ms));
  };
  const auto first = waited(1, 0);
  REQUIRE(first);
  CHECK(first->processor_bound == 0);
  const error_event said = detail::overrun_event(*first);
  CHECK(said.severity == severity::info);
  CHECK(said.message ==
        "tick 1 took 300 ms, of which 2 ms of processor time; its period is 16.67 ms; on_tick waited, or other "
        "programs had the processor; 1 overrun since the last report, 0 by processor time");
  CHECK(said.details->text() == R"({"frameNumber":1,"wallMs":300,"processorMs":2,"count":1,"processorBound":0})");
  CHECK_FALSE(check(said));
  for (std::int64_t n = 2; n < 60; ++n) CHECK_FALSE(waited(n, n * 1000));
  CHECK(waited(60, 60000)->count == 59);
}

TEST_CASE("among overruns the one that worked too long is reported, and its report does not wait a minute",
          "[live][tick][overrun]") {
  live::tick_meter meter;
  CHECK(meter.end({1, milliseconds(300), milliseconds(2)}, at(0)));
  CHECK_FALSE(meter.end({2, milliseconds(500), milliseconds(2)}, at(500)));
  const auto told = meter.end({3, milliseconds(25), milliseconds(20)}, at(1000));
  REQUIRE(told);
  CHECK(told->count == 2);
  CHECK(told->processor_bound == 1);
  CHECK(told->longest.frame_number == 3);
  const error_event said = detail::overrun_event(*told);
  CHECK(said.severity == severity::warning);
  CHECK(said.message.find("on_tick works for too long") != std::string::npos);
}

TEST_CASE("the silence of the ticks is counted from the last one, or from their start", "[live][tick][health]") {
  live::tick_meter meter;
  CHECK(meter.silence(at(5000)) == nanoseconds(0));
  meter.start(at(0));
  CHECK(meter.silence(at(1500)) == milliseconds(1500));
  meter.begin(numbered(1), at(2000));
  CHECK(meter.silence(at(2010)) == milliseconds(10));
}

}  // namespace tick_meter_test
