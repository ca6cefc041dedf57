// The events that each client gets, without a socket and on a virtual clock.
#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace hub_test {

using namespace wirthforge;
using nlohmann::json;

namespace {

instant at(std::int64_t ms) { return {steady_time(milliseconds(ms)), 1'700'000'000'000 + ms}; }

struct desk {
  live::hub hub;
  explicit desk(live::hub_options options = {}) : hub("e", options) {}

  void ready(std::int64_t ms) { hub.ready(startup_complete{"m", tier::mid, "1.2.3"}, 60, at(ms)); }
  void reward(const std::string& title, std::int64_t ms) {
    reward_event event;
    event.title = title;
    hub.publish(live::make_frame(event, envelope{}), at(ms));
  }
  void energy(const std::string& model, double delta, std::int64_t tokens, std::int64_t frame, std::int64_t ms) {
    energy_update event;
    event.model_id = model;
    event.delta_energy = delta;
    event.tokens_generated = tokens;
    event.total_energy = static_cast<double>(frame);
    const envelope outer{0, frame};
    hub.publish(live::energy_publication{event, outer, live::make_frame(event, outer)}, at(ms));
  }
  std::vector<json> take(live::hub_client& client) {
    std::vector<json> events;
    hub.collect(client, [&](const live::frame_ptr& frame) { events.push_back(json::parse(frame->text())); });
    return events;
  }
};

std::vector<std::string> types(const std::vector<json>& events) {
  std::vector<std::string> result;
  for (const json& each : events) result.push_back(each["type"]);
  return result;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a client that connects before ready is sent nothing until ready", "[live][hub][ready]") {
  desk d;
  live::hub_client& early = d.hub.join({}, 60, at(0));
  CHECK(d.take(early).empty());
  d.hub.sweep(60, at(5000));
  CHECK(d.take(early).empty());
  d.ready(6000);
  const auto events = d.take(early);
  REQUIRE(types(events) == names{"startup_complete", "heartbeat"});
  CHECK(events[0]["payload"]["version"] == "1.2.3");
  CHECK(events[0]["payload"].contains("capabilities"));
  CHECK(events[1]["payload"]["connectionId"] == "e.1");
  CHECK(events[1]["payload"]["sequence"] == 0);
}

TEST_CASE("a fresh client gets startup_complete, heartbeat, the latest energy, then new events", "[live][hub][order]") {
  desk d;
  d.ready(0);
  d.reward("before", 1);
  d.energy("m", 1, 1, 1, 2);
  d.energy("m", 2, 1, 2, 3);
  live::hub_client& client = d.hub.join({}, 60, at(4));
  d.reward("after", 5);
  const auto events = d.take(client);
  REQUIRE(types(events) == names{"startup_complete", "heartbeat", "energy_update", "reward_event"});
  CHECK(events[2]["frameNumber"] == 2);
  CHECK(events[2]["payload"]["deltaEnergy"] == 2);
  CHECK(events[3]["payload"]["title"] == "after");
  CHECK(d.take(client).empty());
}

TEST_CASE("reliable timestamps increase strictly when the wall clock goes back", "[live][hub][cursor]") {
  desk d;
  d.ready(10'000);
  live::hub_client& client = d.hub.join({}, 60, at(10'000));
  for (const std::int64_t ms : {10'000, 10'000, 4'000, 4'001, 20'000}) d.reward("r", ms);
  const auto events = d.take(client);
  std::int64_t last = events[0]["timestamp"];
  for (std::size_t n = 2; n < events.size(); ++n) {
    const std::int64_t now = events[n]["timestamp"];
    CHECK(now > last);
    last = now;
  }
  CHECK(last == at(20'000).unix_ms);
}

TEST_CASE("skipped energy frames are summed into the next one sent", "[live][hub][energy]") {
  desk d;
  d.ready(0);
  live::hub_client& quick = d.hub.join({}, 60, at(0));
  live::hub_client& slow = d.hub.join({}, 60, at(0));
  d.take(quick);
  d.take(slow);
  double quick_sum = 0;
  for (std::int64_t frame = 1; frame <= 10; ++frame) {
    d.energy("m", 0.25 * static_cast<double>(frame), frame, frame, frame * 16);
    for (const json& each : d.take(quick)) quick_sum += each["payload"]["deltaEnergy"].get<double>();
  }
  const auto events = d.take(slow);
  REQUIRE(types(events) == names{"energy_update"});
  CHECK(events[0]["frameNumber"] == 10);
  CHECK(events[0]["payload"]["deltaEnergy"].get<double>() == Approx(quick_sum));
  CHECK(events[0]["payload"]["tokensGenerated"] == 55);
  CHECK(events[0]["payload"]["totalEnergy"] == 10);
  CHECK(slow.frames_skipped() == 9);
  CHECK(quick.frames_skipped() == 0);
}

TEST_CASE("each model has its own latest energy", "[live][hub][energy]") {
  desk d;
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  d.energy("a", 1, 0, 1, 1);
  d.energy("b", 2, 0, 1, 1);
  d.energy("a", 3, 0, 2, 17);
  const auto events = d.take(client);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["payload"]["modelId"] == "a");
  CHECK(events[0]["payload"]["deltaEnergy"] == 4);
  CHECK(events[1]["payload"]["modelId"] == "b");
  CHECK(events[1]["payload"]["deltaEnergy"] == 2);
}

TEST_CASE("energy that was published without a frame is serialized when a client needs it", "[live][hub][energy]") {
  desk d;
  d.ready(0);
  energy_field field;
  field.model_id = "m";
  field.coordinates.push_back({1, 2, 3});
  d.hub.publish(live::energy_publication{field, envelope{0, 7}, nullptr}, at(1));
  live::hub_client& client = d.hub.join({}, 60, at(2));
  const auto events = d.take(client);
  REQUIRE(types(events) == names{"startup_complete", "heartbeat", "energy_field"});
  CHECK(events[2]["frameNumber"] == 7);
  CHECK(events[2]["timestamp"] == at(1).unix_ms);
}

TEST_CASE("a subscription is honoured and system always comes", "[live][hub][subscribe]") {
  desk d;
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  CHECK_FALSE(d.hub.receive(client, R"({"type":"subscribe","payload":{"channels":["reward"]}})", at(1)));
  d.energy("m", 1, 0, 1, 2);
  d.reward("r", 3);
  d.hub.publish(live::make_frame(interference_event{pattern_type::neutral, {"a", "b"}, 0, 0}, envelope{}), at(4));
  d.hub.publish(live::make_frame(error_event{severity::info, "X", "x", component::model}, envelope{}), at(5));
  CHECK(types(d.take(client)) == names{"reward_event", "error_event"});

  CHECK_FALSE(d.hub.receive(client, R"({"type":"subscribe","payload":{"channels":[]}})", at(6)));
  d.reward("r", 7);
  d.hub.sweep(60, at(1000));
  CHECK(types(d.take(client)) == names{"heartbeat"});

  // Back on energy: the latest as it is, without the energy that was produced while it was off.
  d.energy("m", 5, 1, 2, 1001);
  CHECK_FALSE(d.hub.receive(client, R"({"type":"subscribe","payload":{"channels":["energy"]}})", at(1002)));
  const auto events = d.take(client);
  REQUIRE(types(events) == names{"energy_update"});
  CHECK(events[0]["payload"]["deltaEnergy"] == 5);
}

TEST_CASE("text that is no control message is answered, has no effect, and is never quoted", "[live][hub][control]") {
  desk d;
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  std::int64_t ms = 1;
  for (const std::string& text : std::vector<std::string>{
           "[1]", "5", "null", "my secret prompt", R"({"type":"secret"})", R"({"type":5})", R"({"type":"subscribe"})",
           R"({"type":"subscribe","payload":{"channels":["secret"]}})", std::string(5000, '[')}) {
    CAPTURE(text);
    CHECK(d.hub.receive(client, text, at(ms += 100)));
    const auto events = d.take(client);
    REQUIRE(types(events) == names{"error_event"});
    CHECK(events[0].dump().find("secret") == std::string::npos);
    CHECK(events[0]["payload"]["component"] == "websocket");
  }
  CHECK_FALSE(d.hub.receive(client, R"({"type":"heartbeat_response"})", at(ms += 100)));
  CHECK(d.take(client).empty());
  CHECK(d.hub.refuse(client, 5, errc::binary_not_accepted, at(ms += 100)) == errc::binary_not_accepted);
  CHECK(d.take(client)[0]["payload"]["code"] == "BINARY_NOT_ACCEPTED");
}

TEST_CASE("a flood of messages is refused at the limit and not before", "[live][hub][flood]") {
  live::hub_options options;
  options.max_client_messages_per_second = 10;
  desk d(options);
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  const std::string fine = R"({"type":"heartbeat_response"})";
  for (int n = 0; n < 10; ++n) CHECK_FALSE(d.hub.receive(client, fine, at(0)));
  CHECK(d.hub.receive(client, fine, at(0)) == errc::too_many_messages);
  CHECK_FALSE(d.hub.receive(client, fine, at(100)));
  CHECK(d.hub.receive(client, fine, at(100)) == errc::too_many_messages);
  CHECK_FALSE(d.hub.admit_ping(client, at(150).steady));
}

TEST_CASE("a large message counts for several, the largest not for all", "[live][hub][flood]") {
  desk d;  // 100 a second
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  const std::string big = "\"" + std::string(10 * 1024, 'x') + "\"";
  for (int n = 0; n < 9; ++n) CHECK(d.hub.receive(client, big, at(0)) == errc::control_message_malformed);
  CHECK(d.hub.receive(client, big, at(0)) == errc::too_many_messages);
  CHECK(live::cost_of_message(1023, 100) == 1);
  CHECK(live::cost_of_message(1024, 100) == 2);
  CHECK(live::cost_of_message(1U << 30U, 100) == 50);
  CHECK(live::cost_of_message(1U << 30U, 1) == 1);
}

TEST_CASE("a client that falls off the log's tail is lagging, one at the tail is not", "[live][hub][lag]") {
  live::hub_options options;
  options.log.max_events = 4;
  desk d(options);
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  for (int n = 0; n < 4; ++n) d.reward(std::to_string(n), n);
  CHECK_FALSE(d.hub.is_lagging(client));
  d.reward("one more", 5);
  CHECK(d.hub.is_lagging(client));
  CHECK(d.take(client).empty());
}

TEST_CASE("heartbeats come each second and do not pile up for a client that does not read", "[live][hub][heartbeat]") {
  desk d;
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  int beats = 0;
  for (std::int64_t ms = 100; ms <= 10'000; ms += 100) {
    d.hub.sweep(59.5, at(ms));
    for (const json& each : d.take(client)) {
      ++beats;
      CHECK(each["payload"]["sequence"] == beats);
      CHECK(each["payload"]["frameRate"] == 59.5);
      CHECK(each["payload"]["serverTime"] == at(ms).unix_ms);
    }
  }
  CHECK(beats == 10);
  for (std::int64_t ms = 10'100; ms <= 60'000; ms += 100) d.hub.sweep(60, at(ms));
  CHECK(d.take(client).size() == 1);
}

TEST_CASE("a heartbeat comes also among errors to the client, and only one waits at a time", "[live][hub][heartbeat]") {
  desk d;
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  const auto heartbeats_of = [&] {
    const auto waiting = types(d.take(client));
    return std::count(waiting.begin(), waiting.end(), "heartbeat");
  };
  d.hub.receive(client, "no control message", at(1000));
  CHECK(d.hub.queue_due_heartbeat(client, 60, at(1000)));
  CHECK_FALSE(d.hub.queue_due_heartbeat(client, 60, at(2000)));
  CHECK(heartbeats_of() == 1);
  d.hub.receive(client, "no control message", at(3000));
  CHECK(d.hub.queue_due_heartbeat(client, 60, at(3000)));
  CHECK(heartbeats_of() == 1);
}

TEST_CASE("the log is bounded by bytes, count and age", "[live][log]") {
  reward_event event;
  event.title = "t";
  const auto frame = [&] { return live::make_frame(event, envelope{}); };
  const std::size_t size = frame()->wire().size();

  live::event_log by_bytes({size * 3, 100, seconds(120)});
  for (int n = 0; n < 3; ++n) by_bytes.append(frame(), at(n));
  CHECK(by_bytes.first() == 0);
  by_bytes.append(frame(), at(4));
  CHECK(by_bytes.first() == 1);
  CHECK(by_bytes.bytes() == size * 3);

  live::event_log by_age({1U << 20U, 100, seconds(120)});
  by_age.append(frame(), at(0));
  by_age.trim(at(120'000).steady);
  CHECK(by_age.first() == 0);
  by_age.trim(at(120'001).steady);
  CHECK(by_age.first() == 1);
  CHECK(by_age.end() == 1);

  live::event_log tiny({1, 1, seconds(1)});
  tiny.append(frame(), at(0));
  CHECK(tiny.end() - tiny.first() == 1);  // the newest stays
}

TEST_CASE("reliable events are taken in batches, so that energy is not held up", "[live][hub][batch]") {
  live::hub_options options;
  options.batch_bytes = 1;
  desk d(options);
  d.ready(0);
  live::hub_client& client = d.hub.join({}, 60, at(0));
  d.take(client);
  for (int n = 0; n < 3; ++n) d.reward(std::to_string(n), n);
  CHECK(types(d.take(client)) == names{"reward_event"});
  d.energy("m", 1, 0, 1, 5);
  CHECK(types(d.take(client)) == names{"energy_update", "reward_event"});
  CHECK(types(d.take(client)) == names{"reward_event"});
}

TEST_CASE("clients that missed the same energy share one frame with its sums", "[live][hub][energy]") {
  desk d;
  d.ready(0);
  live::hub_client& one = d.hub.join({}, 60, at(0));
  live::hub_client& two = d.hub.join({}, 60, at(0));
  live::hub_client& late = d.hub.join({}, 60, at(0));
  d.take(one);
  d.take(two);
  d.energy("m", 1, 1, 1, 10);
  d.take(one);
  d.take(two);
  d.energy("m", 2, 1, 2, 20);
  d.energy("m", 4, 1, 3, 30);
  const auto energy_of = [&](live::hub_client& client) {
    live::frame_ptr last;
    d.hub.collect(client, [&](const live::frame_ptr& frame) { last = frame; });
    return last;
  };
  const live::frame_ptr first = energy_of(one);
  CHECK(first == energy_of(two));
  CHECK(json::parse(first->text())["payload"]["deltaEnergy"] == 6);
  CHECK(json::parse(energy_of(late)->text())["payload"]["deltaEnergy"] == 7);
  d.energy("m", 8, 1, 4, 40);
  d.energy("m", 16, 1, 5, 50);
  CHECK(json::parse(energy_of(one)->text())["payload"]["deltaEnergy"] == 24);
}

}  // namespace hub_test
