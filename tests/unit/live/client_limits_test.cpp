// Log lines about clients that broke a limit: one line each, with the value, the limit and the option that moves it.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "unit/live/gate.hpp"
#include "wirthforge_ws.hpp"

namespace client_limits_test {

using namespace wirthforge;

namespace {

instant at(nanoseconds time) { return {steady_time(seconds(1000) + time), 1'700'000'000'000}; }

using gate::listener;

struct stage {
  listener around;
  live::engine engine;
  live::peer_shared shared;
  live::peer peer;
  std::vector<std::string_view> runs;

  explicit stage(const server_options& options = {})
      : engine("e", with_port(detail::engine_options_of(options)), around, around),
        shared(engine, detail::peer_options_of(options)), peer(shared, at({})) {}
  static live::engine_options with_port(live::engine_options options) {
    options.access.port = 8145;
    return options;
  }
  void receive(std::string bytes, nanoseconds time = {}) { peer.receive(bytes.data(), bytes.data() + bytes.size(), at(time)); }
  std::string send_all(nanoseconds time = {}) {
    std::string all;
    while (peer.gather(runs, at(time))) {
      std::size_t bytes = 0;
      for (const std::string_view run : runs) bytes += run.size(), all += run;
      peer.sent(bytes);
    }
    return all;
  }
  stage& open() {
    receive(
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8145\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    carry_out(startup_complete{"m", tier::mid, "1.0.0"});
    send_all();
    return *this;
  }
  void carry_out(live::command what, nanoseconds time = {}) { engine.carry_out(what, at(time)); }
  void reward(nanoseconds time = {}) {
    std::error_code error;
    reward_event event;
    event.title = "t";
    engine.prepare(event, 0, error, [&](live::command next) { carry_out(std::move(next), time); });
  }
  std::vector<std::string> told() {
    send_all(seconds(60));
    if (!peer.is_gone()) peer.abandon({}, at(seconds(60)));
    return around.notes;
  }
};

// A client's frame whose masking key is 0.
std::string frame(unsigned first, std::string_view payload) {
  std::string bytes{static_cast<char>(first), static_cast<char>(0x80U | payload.size()), 0, 0, 0, 0};
  return bytes.append(payload);
}
using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a client that was closed with 1009 left no line with the value, the limit and the option", "[live][refusal]") {
  stage up;
  up.open();
  const std::string length{0, 0, 0, 0, 0, 1, 0x11, 0x70};  // 70000
  up.receive(std::string{static_cast<char>(0x81), static_cast<char>(0xFF)} + length + std::string(4, '\0'));
  CHECK(up.told() == lines{"closed e.1 with 1009: message too big: 70000 bytes, limit 65536 bytes; "
                           "server_options::max_message_bytes sets it"});
}

TEST_CASE("a client that was closed with 1008 left no line with the value, the limit and the option", "[live][refusal]") {
  server_options options;
  options.max_fragments = 2;
  options.max_client_messages_per_second = 3;
  {
    stage up(options);
    up.open();
    up.receive(frame(0x01, "{") + frame(0x00, "a") + frame(0x00, "b"));
    CHECK(up.told() == lines{"closed e.1 with 1008: too many fragments in a message: more than 2 fragments, limit 2 fragments; "
                             "server_options::max_fragments sets it"});
  }
  stage up(options);
  up.open();
  for (int n = 0; n < 4; ++n) up.receive(frame(0x89, "p"));
  CHECK(up.told() ==
        lines{"closed e.1 with 1008: too many messages: more than 3 messages and pings in a second, limit 3 a second; "
              "server_options::max_client_messages_per_second sets it"});
}

TEST_CASE("a client that was closed with 1013 left no line with the value, the limits and the options", "[live][refusal]") {
  server_options options;
  options.log_max_events = 2;
  stage up(options);
  up.open();
  for (int n = 0; n < 5; ++n) up.reward();
  up.send_all();
  CHECK(up.told() ==
        lines{"closed e.1 with 1013: the client fell too far behind: 3 events were dropped before they were sent to it, "
              "limits 4194304 bytes, 2 events, 120 s; server_options::log_max_bytes, server_options::log_max_events and "
              "server_options::log_max_age set them"});
}

TEST_CASE("a head that was answered 431 or 408 left no line with the value, the limit and the option", "[live][refusal]") {
  {
    stage up;
    up.receive("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x'));
    CHECK(up.send_all().find("HTTP/1.1 431 ") == 0);
    CHECK(up.told() == lines{"refused a request: HTTP head too large: more than 8192 bytes, limit 8192 bytes; "
                             "server_options::max_head_bytes sets it"});
  }
  {
    stage up;
    up.receive("GET / HTTP/1.1\r\n" + [] {
      std::string fields;
      for (int n = 0; n < 101; ++n) fields += "X: y\r\n";
      return fields;
    }() + "\r\n");
    CHECK(up.told() == lines{"refused a request: too many header fields: no option permits it"});
  }
  stage up;
  up.receive("GET / HTTP/1.1\r\n");
  CHECK(up.peer.sweep(at(seconds(5))));
  CHECK(up.send_all(seconds(5)).find("HTTP/1.1 408 ") == 0);
  CHECK(up.told() == lines{"refused a request: the opening handshake took too long: more than 5000 ms, limit 5000 ms; "
                           "server_options::handshake_timeout sets it"});
}

TEST_CASE("a client that was silent for too long leaves a log line, and so does one that broke the protocol",
          "[live][refusal]") {
  stage up;
  up.open();
  CHECK(up.peer.sweep(at(seconds(15))));
  CHECK(up.peer.sweep(at(seconds(25))));
  const lines silent = up.told();
  REQUIRE(silent.size() == 1);
  CHECK(silent[0].find("no pong came in time: more than 10000 ms, limit 10000 ms; server_options::pong_timeout sets it") !=
        std::string::npos);
  stage broken;
  broken.open();
  broken.receive(std::string{static_cast<char>(0x81), 1, 'x'});
  CHECK(broken.told() == lines{"closed e.1 with 1002: a client's frame is not masked: no option permits it"});
}

TEST_CASE("a client that leaves in good order, or whose connection is cut, leaves no log line", "[live][refusal]") {
  stage up;
  up.open();
  up.receive(frame(0x88, std::string{3, static_cast<char>(0xE8)}));
  CHECK(up.told().empty());
  stage cut;
  cut.open();
  cut.peer.end_of_stream({}, at(seconds(1)));
  CHECK(cut.told().empty());
}

TEST_CASE("log lines about clients are bounded as those about requests are", "[live][refusal]") {
  stage up;
  for (int n = 0; n < 1000; ++n) (void)up.engine.refuse(errc::head_too_large);
  CHECK(up.around.notes.size() == 10);
}

TEST_CASE("connections that were answered 503 are counted in one line, with the limit and the option", "[live][refusal]") {
  CHECK(live::turned_away_text({3, 0}, 4096, 512) ==
        "answered 503 to 3 connections: there are 4096, limit 4096; server_options::max_connections sets it");
  CHECK(
      live::turned_away_text({0, 2}, 4096, 512) ==
      "answered 503 to 2 connections without a whole request head: there are 512, limit 512; server_options::max_half_open sets it");
  CHECK(live::turned_away_text({1, 2}, 4, 2).find("sets it, and to 2 connections") != std::string::npos);
}

TEST_CASE("a malformed message was answered without the place and the rule", "[live][refusal][control]") {
  stage up;
  up.open();
  up.receive(frame(0x81, R"({"type":"subscribe","payload":{"channels":["energy","SECRET"]}})"));
  std::string sent = up.send_all();
  CHECK(sent.find(R"("message":"malformed message: /payload/channels/1 violates enum")") != std::string::npos);
  CHECK(sent.find(R"("details":{"pointer":"/payload/channels/1","rule":"enum"})") != std::string::npos);
  CHECK(sent.find("SECRET") == std::string::npos);
  up.receive(frame(0x81, "SECRET"));
  up.receive(frame(0x81, R"({"SECRET":1})"));
  up.receive(frame(0x81, R"({"type":"SECRET"})"));
  sent = up.send_all();
  CHECK(sent.find(R"("message":"malformed message: the text violates json")") != std::string::npos);
  CHECK(sent.find(R"("message":"unknown message type: /type violates required")") != std::string::npos);
  CHECK(sent.find(R"("message":"unknown message type: /type violates enum")") != std::string::npos);
  CHECK(sent.find("SECRET") == std::string::npos);
}

}  // namespace client_limits_test
