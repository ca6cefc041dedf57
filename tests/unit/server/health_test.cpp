// The replies of /health, from snapshots: no clock, no thread.
#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace health_test {

using namespace wirthforge;
using detail::health_report_of;
using detail::health_snapshot;
using nlohmann::json;

namespace {
health_snapshot serving() {
  health_snapshot now;
  now.is_ready = true;
  return now;
}
}  // namespace

TEST_CASE("a server that is ready and ticks says ok, with 200", "[server][health]") {
  health_snapshot now = serving();
  now.since_tick = seconds(1);
  now.stats.connections = 3;
  now.stats.ticks_total = 7;
  const net::health_report told = health_report_of(now);
  CHECK(told.status == 200);
  const json said = json::parse(told.json);
  CHECK(said["status"] == "ok");
  CHECK(said["ready"] == true);
  CHECK(said["connections"] == 3);
  CHECK(said["ticks"] == 7);
  CHECK_FALSE(said.contains("phase"));
}

TEST_CASE("health said ok while on_tick had been blocked for a minute", "[server][health]") {
  health_snapshot now = serving();
  now.since_tick = seconds(60);
  const net::health_report told = health_report_of(now);
  CHECK(told.status == 503);
  CHECK(json::parse(told.json)["status"] == "stalled");
  CHECK(json::parse(told.json)["secondsSinceTick"] == 60);
  now.since_tick = seconds(1) + nanoseconds(1);
  CHECK(health_report_of(now).status == 503);
}

TEST_CASE("a server that is not ready says starting, with phase and progress where they were told", "[server][health]") {
  health_snapshot now;
  now.since_tick = seconds(9);  // loading in on_tick is still starting
  CHECK(health_report_of(now).status == 503);
  json said = json::parse(health_report_of(now).json);
  CHECK(said["status"] == "starting");
  CHECK(said["ready"] == false);
  CHECK_FALSE(said.contains("phase"));
  CHECK_FALSE(said.contains("progress"));
  now.startup.phase = "loading \"x\"";
  now.startup.progress = 0.25;
  said = json::parse(health_report_of(now).json);
  CHECK(said["phase"] == "loading \"x\"");
  CHECK(said["progress"] == 0.25);
  now.is_ready = true;
  now.since_tick = {};
  CHECK_FALSE(json::parse(health_report_of(now).json).contains("phase"));
}

TEST_CASE("a server that stops says stopping, whatever its other state", "[server][health]") {
  for (const bool is_ready : {false, true}) {
    health_snapshot now;
    now.is_ready = is_ready;
    now.is_stopping = true;
    now.since_tick = seconds(5);
    CHECK(health_report_of(now).status == 503);
    CHECK(json::parse(health_report_of(now).json)["status"] == "stopping");
  }
}

}  // namespace health_test
