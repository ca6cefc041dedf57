// Faults of the hub that the simulation found. Each test is named for its fault.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "unit/live/desk.hpp"
#include "wirthforge_ws.hpp"

namespace found_by_simulation_test {

using namespace wirthforge;
using nlohmann::json;
using test::at;
using test::epoch;
using test::resume;

namespace {

const startup_complete startup{"m", tier::mid, "1.2.3", std::nullopt};

live::hub_client& join(live::hub& hub, const std::string& query, std::int64_t ms) {
  return hub.join(live::parse_resume(query), 60, at(ms));
}
std::vector<json> take(live::hub& hub, live::hub_client& client) {
  std::vector<json> events;
  while (hub.collect(client, [&](const live::frame_ptr& frame) { events.push_back(json::parse(frame->text())); })) {}
  return events;
}
void publish_tokens(live::hub& hub, const std::string& text, std::int64_t ms) {
  const token_stream event{{text}, false, "session", "m", std::nullopt};
  hub.record(event, at(ms));
  hub.publish(live::make_frame(event, envelope{}), at(ms));
}

}  // namespace

TEST_CASE("unsubscribing from energy and subscribing again does not send the newest frame twice", "[live][subscribe]") {
  live::hub hub(epoch, {});
  hub.ready(startup, 60, at(0));
  live::hub_client& client = join(hub, "", 0);
  energy_update energy;
  energy.model_id = "m";
  energy.delta_energy = 2;
  hub.publish(live::energy_publication{energy, envelope{0, 7}, nullptr}, at(10));
  REQUIRE(take(hub, client).back()["frameNumber"] == 7);

  REQUIRE_FALSE(hub.receive(client, R"({"type":"subscribe","payload":{"channels":[]}})", at(11)));
  REQUIRE_FALSE(hub.receive(client, R"({"type":"subscribe","payload":{"channels":["energy"]}})", at(12)));
  CHECK(take(hub, client).empty());

  hub.publish(live::energy_publication{energy, envelope{0, 8}, nullptr}, at(20));
  const std::vector<json> next = take(hub, client);
  REQUIRE(next.size() == 1);
  CHECK(next[0]["payload"]["deltaEnergy"] == 2);
}

TEST_CASE("a client that sends a message before ready is still greeted first", "[live][startup]") {
  live::hub hub(epoch, {});
  live::hub_client& client = join(hub, "", 0);
  CHECK(hub.receive(client, "not JSON", at(1)) == errc::control_message_malformed);
  CHECK(take(hub, client).empty());
  hub.ready(startup, 60, at(2));
  CHECK(take(hub, client).at(0)["type"] == "startup_complete");
}

TEST_CASE("no replayed event has the time of the startup_complete", "[live][resume]") {
  live::hub hub(epoch, {});
  hub.ready(startup, 60, at(0));
  publish_tokens(hub, "a", 10);
  publish_tokens(hub, "b", 10);  // the same millisecond: its time is one ahead of the clock
  const std::vector<json> events = take(hub, join(hub, resume(at(10).unix_ms) + "&replay=open", 11));
  REQUIRE(events.size() == 3);
  CHECK(events[2]["payload"]["tokens"][0] == "b");
  CHECK(events[2]["timestamp"] < events[0]["timestamp"]);
}

TEST_CASE("without a replay, a gap reaches up to the text so far", "[live][resume]") {
  live::hub_options options;
  options.log.max_events = 1;
  live::hub hub(epoch, options);
  hub.ready(startup, 60, at(0));
  publish_tokens(hub, "a", 10);
  publish_tokens(hub, "b", 20);
  publish_tokens(hub, "c", 30);  // the only one in the log
  const std::vector<json> events = take(hub, join(hub, resume(at(10).unix_ms) + "&replay=open", 40));
  REQUIRE(events.size() == 4);
  CHECK(events[2]["payload"]["code"] == "RESUME_GAP");
  CHECK(events[2]["payload"]["details"]["to"] == events[0]["timestamp"]);
  CHECK(events[3]["payload"]["tokens"][0] == "abc");

  const std::vector<json> plain = take(hub, join(hub, resume(at(10).unix_ms), 50));
  REQUIRE(plain.size() == 4);
  CHECK(plain[2]["payload"]["details"]["to"] == at(20).unix_ms);
  CHECK(plain[3]["payload"]["tokens"][0] == "c");
}

TEST_CASE("a client that joins right after a loss and reads late also gets the newest earlier energy in its sums",
          "[live][energy]") {
  live::hub hub(epoch, {});
  hub.ready(startup, 60, at(0));
  const auto publish_energy = [&](double delta, std::int64_t frame, std::int64_t ms) {
    energy_update energy;
    energy.model_id = "m";
    energy.delta_energy = delta;
    energy.tokens_generated = frame;
    hub.publish(live::energy_publication{energy, envelope{0, frame}, nullptr}, at(ms));
  };
  publish_energy(1, 1, 10);
  publish_energy(2, 2, 20);
  hub.note_omission(at(30));  // there was no memory for an event
  live::hub_client& client = join(hub, "", 40);
  publish_energy(4, 3, 50);  // before it could be sent anything
  const json newest = take(hub, client).back();
  CHECK(newest["frameNumber"] == 3);
  CHECK(newest["payload"]["deltaEnergy"] == 2 + 4);
  CHECK(newest["payload"]["tokensGenerated"] == 2 + 3);
}

}  // namespace found_by_simulation_test
