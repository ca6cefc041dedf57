// From listening to stopping: ports, readiness, loops, options and misuse.
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <asio/ip/v6_only.hpp>

#include "catch.hpp"
#include "support/temp_folder.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using nlohmann::json;
using std::chrono::milliseconds;
using test::reward;
using test::running_server;
using test::ws_client;

TEST_CASE("a client that connects before ready waits for startup_complete, and health is 503 until then",
          "[integration][ready]") {
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
  CHECK_THROWS_WITH(up.server.ready({"m", tier::low, "1.0.0"}), make_error_code(errc::already_ready).message());
}

TEST_CASE("a page that connected after the only loading call heard nothing of the model", "[integration][ready][again]") {
  running_server up;
  up.start();
  up.server.loading("big", 0.5);
  up.server.failed("broken", "no memory");
  auto answer = up.server.open_token_stream("s", "m");
  answer.waiting(0.25);
  const auto until = [](ws_client& page, const std::string& code) {
    for (;;) {
      const std::optional<std::string> text = page.next();
      REQUIRE(text);
      const json event = json::parse(*text);
      if (event["payload"].value("code", "") == code) return event;
    }
  };
  ws_client first(up.port(), "/ws?replay=recent");
  while (until(first, "ANSWER_WAITING")["payload"]["details"].value("progress", 0.0) != 0.25) {}  // now all has been published
  ws_client page(up.port(), "/ws?replay=recent");
  const json startup = json::parse(page.next().value());
  CHECK(json::parse(page.next().value())["type"] == "heartbeat");
  std::vector<std::string> told;
  for (int count = 0; count < 3; ++count) {
    const json event = json::parse(page.next().value());
    CHECK(event["timestamp"] == startup["timestamp"]);
    told.push_back(event["payload"]["code"]);
    CHECK(event["payload"]["details"].value("progress", 0.0) == (count == 0 ? 0.5 : count == 1 ? 0.0 : 0.25));
  }
  CHECK(told == std::vector<std::string>{"MODEL_LOADING", "MODEL_FAILED", "ANSWER_WAITING"});
  up.server.loaded("big");
  until(page, "MODEL_READY");
  ws_client plain(up.port());
  CHECK(until(plain, "MODEL_READY")["payload"]["details"]["modelId"] == "big");
}

TEST_CASE("stop closes with 1001 after the events that were published before it", "[integration][stop]") {
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
  CHECK_THROWS_AS(up.server.publish(reward("too late")), std::system_error);
  tokens.write("too late", error);
  CHECK(error == errc::server_stopped);
}

TEST_CASE("stop waits no longer than its deadline for a client that does not answer", "[integration][stop]") {
  server_options options;
  options.stop_timeout = milliseconds(200);
  options.close_timeout = std::chrono::minutes(1);
  running_server up(options);
  std::atomic<bool> is_gone{false};
  up.server.on_disconnect([&](const connection_info&, const disconnect_info& how) {
    is_gone = how.error != errc::close_timeout;
  });
  up.start();
  test::raw_client silent(up.port());
  silent.send(test::upgrade_head(up.port()));
  CHECK(silent.receive().find("101") != std::string::npos);
  up.server.stop();
  up.server.wait();
  CHECK(is_gone);
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

TEST_CASE("as many ports as extra_ports are tried, and not one more", "[integration][port]") {
  for (int attempt = 0; attempt < 20; ++attempt) {  // another program may hold one of the three
    running_server first;
    first.server.listen();
    server_options options;
    options.when_port_taken = port_policy::try_next;
    options.port = first.port();
    const auto listen = [&](server& on) {
      std::error_code error;
      on.listen(error);
      return error;
    };
    options.extra_ports = 1;
    server second(options);
    if (listen(second) || second.port() != first.port() + 1) continue;
    server third(options);
    CHECK(listen(third) == errc::no_free_port);
    options.extra_ports = 2;
    server fourth(options);
    if (listen(fourth)) continue;
    CHECK(fourth.port() == first.port() + 2);
    return;
  }
  FAIL("there are never three free ports in a row");
}

TEST_CASE("a port that another program holds on the IPv6 loopback is an error", "[integration][port]") {
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

TEST_CASE("a server runs on the caller's loop, on two threads", "[integration][own loop]") {
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

TEST_CASE("a server can be made and destroyed without running, and options are checked", "[integration][misuse]") {
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
  refuses([](server_options& o) { o.allowed_origins = {"http://localhost:80"}; }, errc::origin_malformed);
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

TEST_CASE("a server that found no port leaves its journal to another, and may try again", "[integration][lifecycle]") {
  const test::temp_folder folder;
  auto holder = std::make_unique<server>(test::with_any_port({}));
  holder->listen();
  server_options same = test::with_any_port({});
  same.port = holder->port();
  server late(same);
  late.keep_journal({folder.file("j")});
  std::error_code error;
  late.listen(error);
  REQUIRE(error == errc::port_in_use);
  {
    server other(test::with_any_port({}));
    other.keep_journal({folder.file("j")});
    other.listen(error);
    CHECK_FALSE(error);
    late.listen(error);
    CHECK(error == errc::port_in_use);
  }
  holder.reset();
  late.start(error);
  CHECK_FALSE(error);
  late.stop();
  late.wait();
}
