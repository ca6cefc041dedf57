// The server over real sockets: published events as a browser receives them.
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using test::reward;
using test::running_server;
using test::ws_client;

TEST_CASE("a client gets startup_complete, a heartbeat, then the published events", "[integration]") {
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

TEST_CASE("pings come back whole, however many bytes come at once", "[integration][input]") {
  server_options options;
  options.max_client_messages_per_second = 1'000'000;
  test::polled_server up(options);
  constexpr std::size_t header = 6;
  constexpr std::size_t longest = header + 125;
  const auto ping = [](std::size_t size, char letter) {  // masked with zeros
    std::string frame("\x89\x00\x00\x00\x00\x00", header);
    frame[1] = static_cast<char>(0x80U | (size - header));
    return frame + std::string(size - header, letter);
  };
  std::vector<std::size_t> lost;
  for (const std::size_t around : {live::input_buffer::little, live::input_buffer::more}) {
    for (std::size_t size = around - 3; size <= around + 3; ++size) {
      test::raw_client client(up.port());
      up.let_it_run();
      client.send(test::upgrade_head(up.port()));
      up.let_it_run();
      REQUIRE(client.receive().find("101") != std::string::npos);
      std::string expected;
      std::string got;
      for (char burst = 'a'; burst < 'g'; ++burst) {  // it grows between the first ones
        std::string sent;
        for (std::size_t left = size; left > 0;) {
          const std::size_t next = left > longest + header ? longest : left > longest ? left - header : left;
          sent += ping(next, burst);
          expected += std::string("\x8a", 1) + static_cast<char>(next - header) + std::string(next - header, burst);
          left -= next;
        }
        REQUIRE(sent.size() == size);
        client.send(sent);
        up.let_it_run();
        while (got.size() < expected.size()) {
          const std::string bytes = client.receive();
          REQUIRE_FALSE(bytes.empty());
          got += bytes;
          up.let_it_run();
        }
      }
      if (got != expected) lost.push_back(size);
    }
  }
  CHECK(lost == std::vector<std::size_t>{});
}

TEST_CASE("an event that violates its schema is sent to no client, and the error says why", "[integration][schema]") {
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

TEST_CASE("a writer that is assigned another ends its own answer first", "[integration][tokens]") {
  running_server up;
  up.start();
  ws_client client(up.port());
  client.next_of("startup_complete");
  std::error_code error;
  token_stream_writer writer = up.server.open_token_stream("first", "m", error);
  REQUIRE_FALSE(error);
  writer.write("one");
  writer = up.server.open_token_stream("second", "m", error);
  writer = std::move(*&writer);  // itself: nothing
  writer.write("two");
  writer.finish();
  std::vector<std::string> heard;
  while (heard.size() < 2) {
    const json event = client.next_of("token_stream");
    REQUIRE(event.is_object());
    if (event["payload"]["isComplete"]) heard.push_back(event["payload"]["sessionId"]);
  }
  CHECK(heard == std::vector<std::string>{"first", "second"});
  token_stream_writer none = up.server.open_token_stream("third", "not an id!", error);
  CHECK(error == errc::schema_violation);
  none.write("nowhere", error);
  CHECK(error == errc::token_stream_finished);
}

TEST_CASE("one thread's writes and events arrive in their order", "[integration][order]") {
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

TEST_CASE("subscribe narrows a client's events", "[integration][subscribe]") {
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
