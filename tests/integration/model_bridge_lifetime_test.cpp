// A bridge, its server and its loop end in any order: a question is cancelled, the bridge is destroyed, the server stops.
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "catch.hpp"
#include "integration/support/model_stage.hpp"
#include "wirthforge_ws.hpp"

namespace model_bridge_test {

namespace {

// Its clients read no more when it stops, so it waits for their close frames in vain.
server_options at_any_port() {
  server_options options;
  options.port = 0;
  options.close_timeout = milliseconds(100);
  return options;
}

}  // namespace

TEST_CASE("cancelling closes the socket, and the answer is stopped", "[bridge]") {
  std::promise<void> closed;
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("half"));
    visitor.await_close();
    closed.set_value();
  });
  desk one;
  one.ask(models);
  one.until_text("s", "half");
  SECTION("by its session") { one.bridge->cancel("s"); }
  SECTION("all") { one.bridge->cancel(); }
  SECTION("by the bridge's end") { one.bridge.reset(); }
  closed.get_future().wait();
  CHECK(one.until_complete("s").codes.back() == "ANSWER_STOPPED");
}

TEST_CASE("an answer that is cancelled before its request was sent is stopped", "[bridge]") {
  desk one;
  model_server models([&](model_visitor& visitor, int) { visitor.await_close(); });
  one.ask(models);
  one.bridge->cancel("another");
  one.bridge->cancel("s");
  CHECK(one.until_complete("s").codes.back() == "ANSWER_STOPPED");
}

TEST_CASE("a server that is stopped or destroyed during a request closes the connection to the model server", "[bridge]") {
  std::promise<void> closed;
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("half"));
    visitor.await_close();
    closed.set_value();
  });
  auto server = std::make_unique<wirthforge::server>(at_any_port());
  server->ready({"m", tier::mid, "1.0.0"});
  server->start();
  ws_client client(server->port());
  model_bridge bridge(*server);
  bridge.ask({models.url(), "{}"}, "s");
  REQUIRE(client.next_of("token_stream") != nullptr);
  SECTION("stopped") {
    server->stop();
    server->wait();
    closed.get_future().wait();
    CHECK(bridge.open_questions() == 0);
    std::error_code error;
    bridge.ask({models.url(), "{}"}, "t", error);
    CHECK(error == errc::server_stopped);
    bridge.cancel();
  }
  SECTION("destroyed") {
    server.reset();
    closed.get_future().wait();
    std::error_code error;
    bridge.ask({models.url(), "{}"}, "t", error);
    CHECK(error == errc::server_stopped);
    bridge.cancel("s");
  }
}

TEST_CASE("a bridge asks on the caller's loop, with one thread or several", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("here"));
    if (visitor.body() == "{\"stays\":1}") return visitor.await_close();
    visitor.say(end_of_it);
    visitor.await_close();
  });
  asio::io_context io;
  auto work = std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(io.get_executor());
  auto server = std::make_unique<wirthforge::server>(io.get_executor(), at_any_port());
  auto bridge = std::make_unique<model_bridge>(*server);
  server->ready({"m", tier::mid, "1.0.0"});
  server->start();
  std::vector<std::thread> threads;
  for (int count = 0; count < 3; ++count) threads.emplace_back([&io] { io.run(); });
  ws_client client(server->port());
  for (int count = 0; count < 8; ++count) bridge->ask({models.url(), "{}"}, "s" + std::to_string(count));
  bridge->ask({models.url(), "{\"stays\":1}"}, "t");
  int whole = 0;
  bool has_begun = false;
  while (whole < 8 || !has_begun) {
    const auto event = client.next_of("token_stream");
    REQUIRE(event != nullptr);
    whole += event["payload"]["isComplete"] ? 1 : 0;
    has_begun = has_begun || event["payload"]["sessionId"] == "t";
  }
  SECTION("the bridge is destroyed first") { bridge.reset(); }
  SECTION("the server is destroyed first, during a request") {}
  server->stop();
  server->wait();
  work.reset();
  for (std::thread& each : threads) each.join();
  server.reset();
}

TEST_CASE("the bridge's sockets are closed when the caller's loop is destroyed before the bridge", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) { visitor.await_close(); });
  std::unique_ptr<model_bridge> bridge;
  {
    asio::io_context io;
    wirthforge::server server(io.get_executor(), at_any_port());
    server.start();
    bridge = std::make_unique<model_bridge>(server);
    bridge->ask({models.url(), "{}"}, "s");
    while (models.visits() == 0) io.run_one();
  }
  bridge->cancel();
  CHECK(bridge->open_questions() == 0);
}

// On a loop that does not run yet, the bridge gets its turn only after all calls.
TEST_CASE("a question that was asked after a cancel was stopped by it", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("here") + end_of_it);
    visitor.await_close();
  });
  asio::io_context io;
  wirthforge::server server(io.get_executor(), at_any_port());
  server.ready({"m", tier::mid, "1.0.0"});
  model_bridge bridge(server);
  server.start();
  std::string first_end = "ANSWER_STOPPED";
  bridge.ask({models.url(), "{}"}, "first");
  SECTION("of its session, which is not open") {
    bridge.cancel("s");
    first_end = "ANSWER_DONE";
  }
  SECTION("of all") { bridge.cancel(); }
  SECTION("of another, and once more") {
    bridge.cancel("first");
    bridge.cancel("s");
    bridge.cancel("first");
  }
  bridge.ask({models.url(), "{}"}, "s");
  std::thread loop([&io] { io.run(); });
  ws_client client(server.port(), "/ws?replay=recent");
  std::map<std::string, std::string> ends;
  for (std::size_t complete = 0; complete < 2;) {
    const auto text = client.next();
    REQUIRE(text);
    const auto event = nlohmann::json::parse(*text);
    const auto& payload = event["payload"];
    if (event["type"] == "token_stream") complete += payload["isComplete"] ? 1 : 0;
    else if (event["type"] == "error_event") ends[payload["details"].value("sessionId", "")] = payload["code"];
  }
  CHECK(ends["first"] == first_end);
  CHECK(ends["s"] == "ANSWER_DONE");
  server.stop();
  server.wait();
  loop.join();
}

}  // namespace model_bridge_test
