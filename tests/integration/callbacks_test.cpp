// The integrator's callbacks: slow, throwing or calling back, they break nothing; and the arguments of each.
#include <atomic>
#include <future>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using std::chrono::milliseconds;
using test::reward;
using test::running_server;
using test::ws_client;

TEST_CASE("a callback that blocks for a second delays no heartbeat, handshake or token", "[integration][callback]") {
  std::atomic<bool> is_blocking{false};
  std::atomic<bool> release{false};
  running_server up;
  up.server.on_tick([&](tick&) {
    is_blocking = true;
    while (!release) std::this_thread::sleep_for(milliseconds(5));
  });
  up.start();
  REQUIRE(test::eventually([&] { return is_blocking.load(); }));
  ws_client client(up.port());  // a handshake while the callback blocks
  CHECK(client.is_upgraded());
  CHECK(json::parse(client.next().value())["type"] == "startup_complete");
  client.next_of("heartbeat");
  auto tokens = up.server.open_token_stream("s", "m");
  tokens.write("now");
  CHECK(client.next_of("token_stream")["payload"]["tokens"][0] == "now");
  up.server.publish(reward("now"));
  CHECK(client.next_of("reward_event").is_object());
  const json beat = client.next_of("heartbeat");
  CHECK(beat["payload"]["sequence"] == 1);
  CHECK(beat["payload"]["frameRate"] < 30);
  release = true;
  const json overrun = client.next_of("error_event");
  REQUIRE(overrun.is_object());
  CHECK(overrun["payload"]["code"] == "FRAME_OVERRUN");
  CHECK(overrun["payload"]["severity"] == "info");  // the callback slept, and its own work was short
  CHECK(overrun["payload"]["component"] == "decipher");
}

TEST_CASE("overruns are reported together, with their number", "[integration][overrun]") {  // how often: tick_meter_test.cpp
  if (!net::thread_time()) return;  // the system does not measure a thread's processor time
  std::atomic<std::int64_t> last_tick{-1};
  std::atomic<std::int64_t> last_seen{-1};
  std::atomic<bool> is_plausible{true};
  running_server up;  // the last: its hooks use the others until it has stopped
  up.server.on_tick([&](tick& now) {
    last_tick = now.number();
    const nanoseconds begin = *net::thread_time();
    while (*net::thread_time() - begin < milliseconds(20)) {}
  });
  up.server.on_overrun([&](const frame_overrun& seen) {
    if (seen.wall < seen.processor || !seen.is_processor_bound() || seen.frame_number <= last_seen) is_plausible = false;
    last_seen = seen.frame_number;
  });
  up.start();
  ws_client client(up.port());
  std::uint64_t reported = 0;
  for (int reports = 0; reports < 3; ++reports) {
    const json event = client.next_of("error_event");
    REQUIRE(event.is_object());
    CHECK(event["payload"]["code"] == "FRAME_OVERRUN");
    CHECK(event["payload"]["severity"] == "warning");
    CHECK(event["payload"]["details"]["processorMs"] >= 20);
    reported += event["payload"]["details"]["count"].get<std::uint64_t>();
  }
  CHECK(reported >= 3);
  CHECK(reported <= up.server.stats().overruns_total);
  CHECK(up.server.stats().missed_ticks_total > 5);
  CHECK(is_plausible);
  CHECK(test::eventually([&] { return last_seen >= 0; }));
  CHECK(last_seen <= last_tick);
}

TEST_CASE("callbacks that throw or call back into the library break nothing", "[integration][callback]") {
  std::atomic<int> ticks{0};
  running_server up;
  up.server.on_tick([&](tick& now) {
    static_cast<void>(up.server.stats());
    if (++ticks % 2 == 0) throw std::runtime_error("mine");
    energy_update energy;
    energy.model_id = "m";
    now.publish(energy);
    if (ticks > 1000) up.server.stop();
  });
  up.server.on_connect([&](const connection_info&) {
    up.server.publish(reward("welcome"));
    throw 5;
  });
  up.server.on_event([&](const event_view&) { static_cast<void>(up.server.stats()); });
  up.server.on_log([](log_level, std::string_view) { throw std::runtime_error("log"); });
  up.start();
  ws_client client(up.port());
  CHECK(client.next_of("reward_event")["payload"]["title"] == "welcome");
  for (int n = 0; n < 10; ++n) CHECK(client.next_of("energy_update").is_object());
  CHECK(up.server.stats().callback_errors_total > 0);
}

TEST_CASE("a tick fills in a processing time that is not given, clamps one that is too long, and takes any event",
          "[integration][tick]") {
  running_server up;
  std::atomic<int> wrongly_taken{0};
  up.server.on_tick([&](tick& now) {
    energy_update energy;
    energy.model_id = "bad";
    for (const double no_time : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), -1.0}) {
      energy.processing_time = no_time;
      std::error_code error;
      now.publish(energy, error);
      if (error != errc::schema_violation) ++wrongly_taken;
    }
    for (const double taken_ms : {0.0, 2.5, 20.0}) {
      energy.model_id = taken_ms == 0 ? "none" : taken_ms < 16 ? "given" : "long";
      energy.processing_time = taken_ms;
      now.publish(energy);
    }
    now.publish(reward("of a tick"));
  });
  up.start();
  ws_client client(up.port());
  CHECK(client.next_of("reward_event")["payload"]["title"] == "of a tick");
  std::map<std::string, double> times;
  while (times.size() < 3) {
    const auto payload = client.next_of("energy_update")["payload"];
    times[payload["modelId"]] = payload["processingTime"];
  }
  CHECK((times["none"] > 0 && times["none"] < 16.67));
  CHECK(times["given"] == 2.5);
  CHECK(times["long"] == 16.67);
  CHECK(wrongly_taken == 0);
}

TEST_CASE("a tick tells where it stands, and publishes with an error in place of an exception", "[integration][tick]") {
  std::atomic<int> ticks{0};
  std::atomic<int> sound{0};
  std::atomic<int> refused{0};
  std::atomic<bool> is_stopping{false};
  running_server up;
  up.server.on_tick([&](tick& now) {
    const bool is_first = ticks++ == 0;
    const bool is_timed = is_first ? now.delta_seconds() == 0 : now.delta_seconds() >= 0.99 / 60;
    if (is_timed && now.lateness() >= std::chrono::nanoseconds(0) && now.missed() >= 0) ++sound;
    std::error_code error;
    energy_update energy;
    energy.model_id = "not an id!";
    now.publish(energy, error);
    if (error == errc::schema_violation || (is_stopping && error == errc::server_stopped)) ++refused;
    if (ticks == 3) throw 3;  // no std::exception
  });
  up.start();
  REQUIRE(test::eventually([&] { return ticks >= 10; }));
  is_stopping = true;
  up.server.stop();
  up.server.wait();
  CHECK(sound == ticks);
  CHECK(refused == ticks);
  CHECK(up.server.stats().callback_errors_total == 1);
}

TEST_CASE("the hooks name each client that connects or leaves, and the reason", "[integration][hooks]") {
  std::mutex mutex;
  std::vector<std::string> story;
  const auto tell = [&](const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex);
    story.push_back(line);
  };
  running_server up;
  up.server.on_connect([&](const connection_info& who) { tell("came " + who.origin); });
  up.server.on_disconnect([&](const connection_info& who, const disconnect_info& how) {
    tell("left " + who.origin + " " + std::to_string(how.close_code) + (how.error ? " fault" : ""));
  });
  up.start();
  const std::string own = "http://127.0.0.1:" + std::to_string(up.port());
  const auto has = [&](std::size_t count) {
    return test::eventually([&] {
      const std::lock_guard<std::mutex> lock(mutex);
      return story.size() >= count;
    });
  };
  {
    ws_client polite(up.port(), "/ws", "Origin: " + own + "\r\n");
    polite.next_of("heartbeat");
    polite.close(rfc6455::close_code::normal, "bye");
    polite.wait_for_close();
  }
  REQUIRE(has(2));
  {
    ws_client rude(up.port());
    rude.next_of("heartbeat");
    rude.raw().cut();
  }
  REQUIRE(has(4));
  CHECK(story == std::vector<std::string>{"came " + own, "left " + own + " 1000", "came ", "left  1006 fault"});
}

TEST_CASE("the tap sees every event in order while nobody is connected", "[integration][tap]") {
  std::mutex mutex;
  std::vector<std::string> seen;
  running_server up;
  up.server.on_event([&](const event_view& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    CHECK(json::parse(event.json)["timestamp"] == event.timestamp);
    seen.push_back(json::parse(event.json)["type"]);
  });
  up.start();
  energy_update energy;
  energy.model_id = "m";
  up.server.publish(reward("a"));
  up.server.publish(energy);
  up.server.publish(energy);
  up.server.publish(reward("b"));
  REQUIRE(test::eventually([&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return seen.size() == 4;
  }));
  CHECK(seen == std::vector<std::string>{"reward_event", "energy_update", "energy_update", "reward_event"});
}

TEST_CASE("the tap is told the frame number, the model and the session of what has them", "[integration][tap]") {
  std::mutex mutex;
  std::vector<std::string> seen;
  running_server up;
  up.server.on_event([&](const event_view& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    const json whole = json::parse(event.json);
    CHECK(event.frame_number.has_value() == whole.contains("frameNumber"));
    if (event.frame_number) CHECK(whole["frameNumber"] == *event.frame_number);
    seen.push_back(whole["type"].get<std::string>() + " " + std::string(event.model_id) + " " + std::string(event.session_id));
  });
  up.start();
  energy_update energy;
  energy.model_id = "a";
  interference_event council;
  council.models = {"a", "b"};
  error_event error;
  error.code = "FULL";
  error.details = json_object().add("modelId", 3);  // of the integrator's own meaning
  token_stream tokens;
  tokens.session_id = "a \"session\"\n";
  tokens.model_id = "c";
  up.server.publish(energy);
  up.server.publish(council);
  up.server.publish(reward("r"));
  up.server.publish(error);
  up.server.publish(tokens);
  up.server.loaded("d");
  const std::vector<std::string> expected{"energy_update a ", "interference_event  ",           "reward_event  ",
                                          "error_event  ",    "token_stream c a \"session\"\n", "error_event d "};
  CHECK(test::eventually([&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return seen.size() == expected.size();
  }));
  const std::lock_guard<std::mutex> lock(mutex);
  CHECK(seen == expected);
}

TEST_CASE("a newcomer is sent the state of things from on_connect, and again when it comes back", "[integration][send]") {
  running_server up;
  up.server.on_connect([&](const connection_info& who) { up.server.send(who, reward("state for " + who.id)); });
  up.start();
  for (int visit = 0; visit < 2; ++visit) {
    ws_client client(up.port());
    const json beat = client.next_of("heartbeat");
    REQUIRE_FALSE(beat.is_null());
    CHECK(client.next_of("reward_event")["payload"]["title"] ==
          "state for " + beat["payload"]["connectionId"].get<std::string>());
  }
}

TEST_CASE("an integrator closes one connection with a code and a reason, after what it was sent", "[integration][disconnect]") {
  running_server up;
  std::promise<connection_info> came;
  std::promise<disconnect_info> left;
  std::atomic<bool> is_first{true};
  up.server.on_connect([&](const connection_info& who) {
    if (is_first.exchange(false)) came.set_value(who);
  });
  up.server.on_disconnect([&](const connection_info&, const disconnect_info& how) { left.set_value(how); });
  up.start();
  ws_client client(up.port());
  const connection_info who = came.get_future().get();
  error_event why;
  why.code = "ACCOUNT_CLOSED";
  up.server.send(who, why);
  up.server.disconnect(who, 4001, "the account is closed");
  CHECK(client.next_of("error_event")["payload"]["code"] == "ACCOUNT_CLOSED");
  CHECK(client.wait_for_close() == 4001);
  const disconnect_info how = left.get_future().get();
  CHECK(how.close_code == 4001);
  CHECK_FALSE(how.error);
  up.server.disconnect(who);  // it has gone
  up.server.send(who, why);
}

TEST_CASE("a close code or reason that may not be sent, and an event that breaks its schema, are refused",
          "[integration][disconnect][send]") {
  running_server up;
  const connection_info nobody{"e.1", {}};
  const auto refused = [&](int code, const std::string& reason) {
    std::error_code error;
    up.server.disconnect(nobody, static_cast<std::uint16_t>(code), reason, error);
    return error;
  };
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535})
    CHECK(refused(code, "") == errc::close_code_invalid);
  for (const int code : {1000, 1001, 1008, 1013, 3000, 4999}) CHECK_FALSE(refused(code, std::string(123, 'x')));
  CHECK(refused(1008, std::string(124, 'x')) == errc::close_reason_too_long);
  CHECK(refused(1008, "\xff") == errc::close_reason_utf8);
  CHECK_THROWS_AS(up.server.disconnect(nobody, 1005), std::system_error);
  std::error_code error;
  up.server.send(nobody, error_event(), error);
  CHECK(error == errc::schema_violation);
  CHECK_THROWS_AS(up.server.send(nobody, error_event()), schema_error);
}

TEST_CASE("with nobody connected nothing is serialized and the loop still ticks", "[integration][idle]") {
  std::atomic<int> nobody{0};
  running_server up;
  up.server.on_tick([&](tick& now) {
    energy_update energy;
    energy.model_id = "m";
    if (now.publish(energy) == publish_result::nobody_listening) ++nobody;
  });
  up.start();
  REQUIRE(test::eventually([&] { return nobody > 20; }));
  const server_stats stats = up.server.stats();
  CHECK(stats.events_framed_total == 0);
  CHECK(stats.ticks_total > 20);
}
