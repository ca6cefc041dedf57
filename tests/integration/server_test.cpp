// The server over real sockets: what a browser and an integrator see.
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using test::running_server;
using test::ws_client;
using std::chrono::milliseconds;

namespace {
reward_event reward(const std::string& title) {
  reward_event event;
  event.title = title;
  event.points = 1;
  return event;
}
std::string with_origin(const std::string& origin) { return "Origin: " + origin + "\r\n"; }
}  // namespace

TEST_CASE("a client gets startup_complete, a heartbeat, then what is published", "[integration]") {
  running_server up;
  up.server.on_tick([](tick& now) {
    energy_update energy;
    energy.model_id = "m";
    energy.delta_energy = 1;
    now.publish(energy);
  });
  up.start();
  ws_client client(up.port());
  REQUIRE(client.is_upgraded());
  const json first = json::parse(client.next().value());
  CHECK(first["type"] == "startup_complete");
  CHECK(first["payload"]["frameRate"] == 60);
  CHECK(first["payload"].contains("capabilities"));
  const json second = json::parse(client.next().value());
  CHECK(second["type"] == "heartbeat");
  CHECK(second["payload"]["connectionId"].get<std::string>().size() > 33);
  std::int64_t last = -1;
  for (int n = 0; n < 20; ++n) {
    const json energy = client.next_of("energy_update");
    REQUIRE(energy.is_object());
    any_event read;
    envelope outer;
    CHECK_FALSE(read_event(energy.dump(), read, outer));
    CHECK(energy["frameNumber"] > last);
    last = energy["frameNumber"];
  }
  CHECK(up.server.publish(reward("hello")) == publish_result::sent);
  CHECK(client.next_of("reward_event")["payload"]["title"] == "hello");
}

TEST_CASE("both loopback addresses answer on one port", "[integration]") {
  running_server up;
  up.start();
  ws_client four(up.port());
  CHECK(four.is_upgraded());
  asio::io_context io;
  asio::ip::tcp::acceptor probe(io);
  std::error_code no_ipv6;
  probe.open(asio::ip::tcp::v6(), no_ipv6);
  if (!no_ipv6) probe.bind({asio::ip::address_v6::loopback(), 0}, no_ipv6);
  if (no_ipv6) return;
  ws_client six(up.port(), "/ws", {}, true);
  CHECK(six.is_upgraded());
}

TEST_CASE("who connects before ready waits for startup_complete, and health is 503 until then", "[integration][ready]") {
  running_server up;
  up.start(false);
  ws_client early(up.port());
  REQUIRE(early.is_upgraded());
  CHECK_FALSE(early.next(milliseconds(150)));
  CHECK(test::http(up.port(), "/health").substr(9, 3) == "503");
  CHECK(test::http(up.port(), "/decipher/status").substr(9, 3) == "503");
  up.server.ready({"m", tier::low, "1.0.0"});
  CHECK(json::parse(early.next().value())["type"] == "startup_complete");
  const std::string health = test::http(up.port(), "/health");
  CHECK(health.substr(9, 3) == "200");
  CHECK(json::parse(test::body_of(health))["ready"] == true);
  std::error_code error;
  up.server.ready({"m", tier::low, "1.0.0"}, error);
  CHECK(error == errc::already_ready);
}

TEST_CASE("an event that violates its schema reaches nobody and says why", "[integration][schema]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  energy_update bad;
  bad.model_id = "llama3.2:3b";
  std::error_code error;
  CHECK(up.server.publish(bad, error) == publish_result::refused);
  CHECK(error == errc::schema_violation);
  try {
    up.server.publish(bad);
    FAIL("no exception");
  } catch (const schema_error& thrown) {
    CHECK(thrown.code() == errc::schema_violation);
    CHECK(thrown.found().pointer == "/payload/modelId");
  }
  up.server.publish(reward("next"));
  CHECK(client.next_of("reward_event")["payload"]["title"] == "next");
  CHECK(up.server.stats().events_refused_total == 2);
}

TEST_CASE("tokens arrive in order, whole, and complete", "[integration][tokens]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  const std::string answer = "Gr\xc3\xbc\xc3\x9f dich, \xf0\x9f\x94\xa5";
  auto tokens = up.server.open_token_stream("s1", "m");
  for (const char each : answer) tokens.write(std::string(1, each));
  tokens.finish();
  std::string got;
  bool is_complete = false;
  while (!is_complete) {
    const json event = client.next_of("token_stream");
    REQUIRE(event.is_object());
    for (const std::string each : event["payload"]["tokens"]) got += each;
    is_complete = event["payload"]["isComplete"];
  }
  CHECK(got == answer);
  std::error_code error;
  tokens.write("late", error);
  CHECK(error == errc::token_stream_finished);
  CHECK_THROWS_AS(up.server.open_token_stream("s", "raw:name"), schema_error);
}

TEST_CASE("what one thread wrote and published arrives in that order", "[integration][order]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  auto tokens = up.server.open_token_stream("s", "m");
  for (int n = 0; n < 50; ++n) {
    tokens.write(std::to_string(n));
    up.server.publish(reward(std::to_string(n)));
  }
  std::string written;
  for (int n = 0; n < 50; ++n) {
    std::string text;
    json event;
    do {
      event = json::parse(client.next().value());
      if (event["type"] == "token_stream") {
        for (const std::string each : event["payload"]["tokens"]) text += each;
      }
    } while (event["type"] != "reward_event");
    CHECK(text == std::to_string(n));
    CHECK(event["payload"]["title"] == std::to_string(n));
  }
}

TEST_CASE("publish from eight threads loses nothing and keeps each thread's order", "[integration][threads]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  constexpr int threads = 8;
  constexpr int each_publishes = 200;
  std::vector<std::thread> publishers;
  for (int who = 0; who < threads; ++who) {
    publishers.emplace_back([&up, who] {
      for (int n = 0; n < each_publishes; ++n) up.server.publish(reward(std::to_string(who) + " " + std::to_string(n)));
    });
  }
  std::vector<int> next(threads, 0);
  std::int64_t last = 0;
  for (int n = 0; n < threads * each_publishes; ++n) {
    const json event = client.next_of("reward_event");
    REQUIRE(event.is_object());
    CHECK(event["timestamp"] > last);
    last = event["timestamp"];
    const std::string title = event["payload"]["title"];
    const auto who = static_cast<std::size_t>(std::stoi(title));
    CHECK(std::stoi(title.substr(title.find(' ') + 1)) == next[who]++);
  }
  for (auto& each : publishers) each.join();
}

TEST_CASE("stop closes with 1001 after what was published before it", "[integration][stop]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  auto tokens = up.server.open_token_stream("s", "m");
  tokens.write("last words");
  up.server.publish(reward("last"));
  tokens.write("after");
  up.server.stop();
  CHECK(client.next_of("token_stream")["payload"]["tokens"][0] == "last words");
  CHECK(client.next_of("reward_event")["payload"]["title"] == "last");
  CHECK(client.next_of("token_stream")["payload"]["tokens"][0] == "after");
  CHECK(client.wait_for_close() == 1001);
  up.server.wait();
  std::error_code error;
  up.server.publish(reward("too late"), error);
  CHECK(error == errc::server_stopped);
  tokens.write("too late", error);
  CHECK(error == errc::server_stopped);
}

TEST_CASE("stop does not wait for a client that does not answer longer than its deadline", "[integration][stop]") {
  server_options options;
  options.stop_timeout = milliseconds(200);
  running_server up(options);
  up.start();
  test::raw_client silent(up.port());
  silent.send(test::upgrade_head(up.port()));
  CHECK(silent.receive().find("101") != std::string::npos);
  const auto began = std::chrono::steady_clock::now();
  up.server.stop();
  up.server.wait();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
}

TEST_CASE("a callback that blocks for a second holds up no heartbeat, handshake or token", "[integration][callback]") {
  running_server up;
  std::atomic<bool> is_blocking{false};
  std::atomic<bool> release{false};
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
  CHECK(overrun["payload"]["severity"] == "warning");
  CHECK(overrun["payload"]["component"] == "decipher");
}

TEST_CASE("callbacks that throw or call back into the library break nothing", "[integration][callback]") {
  running_server up;
  std::atomic<int> ticks{0};
  up.server.on_tick([&](tick& now) {
    up.server.stats();
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
  up.server.on_event([&](const event_view&) { up.server.stats(); });
  up.server.on_log([](log_level, std::string_view) { throw std::runtime_error("log"); });
  up.start();
  ws_client client(up.port());
  CHECK(client.next_of("reward_event")["payload"]["title"] == "welcome");
  for (int n = 0; n < 10; ++n) CHECK(client.next_of("energy_update").is_object());
  CHECK(up.server.stats().callback_errors_total > 0);
}

TEST_CASE("the hooks name who came and who went and why", "[integration][hooks]") {
  running_server up;
  std::mutex mutex;
  std::vector<std::string> story;
  const auto tell = [&](const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex);
    story.push_back(line);
  };
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
    ws_client polite(up.port(), "/ws", with_origin(own));
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
  running_server up;
  std::mutex mutex;
  std::vector<std::string> seen;
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

TEST_CASE("with nobody connected nothing is serialized and the loop still ticks", "[integration][idle]") {
  running_server up;
  std::atomic<int> nobody{0};
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

TEST_CASE("subscribe narrows what a client gets", "[integration][subscribe]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  client.send_text(R"({"type":"subscribe","payload":{"channels":["council"]}})");
  REQUIRE(test::eventually([&] { return up.server.stats().client_messages_total == 1; }));
  up.server.publish(reward("not for you"));
  up.server.publish(interference_event{pattern_type::neutral, {"a", "b"}, 0.5, 0.5});
  const json next = json::parse(client.next().value());
  CHECK(next["type"] == "interference_event");
}

TEST_CASE("a flooder is closed with 1008 and the others do not notice", "[integration][flood]") {
  running_server up;
  up.start();
  ws_client good(up.port());
  ws_client bad(up.port());
  good.next_of("heartbeat");
  bad.next_of("heartbeat");
  for (int n = 0; n < 200; ++n) bad.send_text(R"({"type":"heartbeat_response"})");
  CHECK(bad.wait_for_close() == 1008);
  up.server.publish(reward("still here"));
  CHECK(good.next_of("reward_event").is_object());
}

TEST_CASE("an oversized message closes with 1009, one at the limit is answered", "[integration][limit]") {
  server_options options;
  options.max_message_bytes = 1000;
  running_server up(options);
  up.start();
  ws_client client(up.port());
  client.next_of("heartbeat");
  client.send_text(std::string(1000, 'x'));
  CHECK(client.next_of("error_event")["payload"]["code"] == "CLIENT_MESSAGE_MALFORMED");
  client.send_text(std::string(1001, 'x'));
  CHECK(client.wait_for_close() == 1009);
}

TEST_CASE("a connection past the cap is turned away with 503", "[integration][limit]") {
  server_options options;
  options.max_connections = 1;
  running_server up(options);
  up.start();
  ws_client first(up.port());
  CHECK(first.is_upgraded());
  CHECK(test::http(up.port(), "/health").substr(9, 3) == "503");
  first.close(rfc6455::close_code::normal);
  first.wait_for_close();
  first.raw().cut();
  CHECK(test::eventually([&] { return test::http(up.port(), "/health").substr(9, 3) == "200"; }));
}

TEST_CASE("a head that does not come in time is answered with 408", "[integration][timeout]") {
  server_options options;
  options.handshake_timeout = milliseconds(200);
  running_server up(options);
  up.start();
  test::raw_client slow(up.port());
  slow.send("GET / HTTP/1.1\r\nHost:");
  CHECK(slow.receive_all().substr(9, 3) == "408");
}

TEST_CASE("a client that answers no ping is closed", "[integration][timeout]") {
  server_options options;
  options.ping_interval = milliseconds(200);
  options.pong_timeout = milliseconds(200);
  options.close_timeout = milliseconds(200);
  running_server up(options);
  std::atomic<bool> left{false};
  up.server.on_disconnect([&](const connection_info&, const disconnect_info& how) { left = how.error == errc::pong_timeout; });
  up.start();
  test::raw_client silent(up.port());
  silent.send(test::upgrade_head(up.port()));
  ws_client answering(up.port());
  answering.next_of("heartbeat");
  for (int n = 0; n < 3; ++n) CHECK(answering.next_of("heartbeat").is_object());  // next() answers pings
  CHECK(test::eventually([&] { return left.load(); }));
  CHECK(answering.pings() > 0);
  CHECK(up.server.stats().connections == 1);
}

TEST_CASE("a port that is taken is an error, or the next one on request", "[integration][port]") {
  running_server first;
  first.start();
  server_options options;
  options.port = first.port();
  server second(options);
  std::error_code error;
  second.listen(error);
  CHECK(error == errc::port_in_use);
  CHECK_THROWS_AS(second.listen(), std::system_error);
  CHECK(second.port() == 0);
  options.when_port_taken = port_policy::try_next;
  server third(options);
  third.listen();
  CHECK(third.port() > first.port());
}

TEST_CASE("a squatter on the IPv6 loopback is an error", "[integration][port]") {
  asio::io_context io;
  asio::ip::tcp::acceptor squatter(io);
  std::error_code no_ipv6;
  squatter.open(asio::ip::tcp::v6(), no_ipv6);
  if (!no_ipv6) squatter.set_option(asio::ip::v6_only(true), no_ipv6);
  if (!no_ipv6) squatter.bind({asio::ip::address_v6::loopback(), 0}, no_ipv6);
  if (no_ipv6) return;
  squatter.listen();
  server_options options;
  options.port = squatter.local_endpoint().port();
  server victim(options);
  std::error_code error;
  victim.listen(error);
  CHECK(error == errc::port_in_use);
}

TEST_CASE("the caller's loop drives it, on two threads", "[integration][own loop]") {
  asio::io_context io;
  server_options options;
  options.port = 0;
  server up(io.get_executor(), options);
  up.ready({"m", tier::mid, "1.0.0"});
  up.on_tick([](tick& now) {
    energy_update energy;
    energy.model_id = "m";
    now.publish(energy);
  });
  up.start();
  std::thread one([&] { io.run(); });
  std::thread two([&] { io.run(); });
  {
    ws_client client(up.port());
    for (int n = 0; n < 30; ++n) CHECK(client.next_of("energy_update").is_object());
  }
  up.stop();
  up.wait();
  one.join();
  two.join();
}

TEST_CASE("a server can be made and dropped without running, and options are checked", "[integration][misuse]") {
  { server never; }
  {
    server_options options;
    options.port = 0;
    server bound(options);
    bound.listen();
    bound.ready({"m", tier::mid, "1.0.0"});
    bound.publish(reward("nobody"));
  }
  const auto refuses = [](auto change, errc expected) {
    server_options options;
    options.port = 0;
    change(options);
    server up(options);
    std::error_code error;
    up.listen(error);
    CHECK(error == expected);
  };
  refuses([](server_options& o) { o.max_head_bytes = 255; }, errc::option_out_of_range);
  refuses([](server_options& o) { o.max_connections = 0; }, errc::option_out_of_range);
  refuses([](server_options& o) { o.stop_timeout = milliseconds(0); }, errc::option_out_of_range);
  refuses([](server_options& o) { o.allowed_origins = {"http://localhost:3000/"}; }, errc::origin_malformed);
  refuses([](server_options& o) { o.allowed_origins = {"*"}; }, errc::origin_malformed);
  running_server twice;
  twice.start();
  std::error_code error;
  twice.server.start(error);
  CHECK(error == errc::already_running);
}

TEST_CASE("run serves on this thread until stop", "[integration][run]") {
  server_options options;
  options.port = 0;
  server up(options);
  std::atomic<int> ticks{0};
  up.on_tick([&](tick&) {
    if (++ticks == 10) up.stop();
  });
  up.run();
  CHECK(ticks >= 10);
  std::error_code error;
  up.run(error);
  CHECK(error == errc::server_stopped);
}
