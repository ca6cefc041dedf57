// Limits and timeouts over real sockets: each at its border, and one client's fault affects no other.
#include <atomic>
#include <string>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using std::chrono::milliseconds;
using test::reward;
using test::running_server;
using test::ws_client;

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

TEST_CASE("a flood of half-open connections displaces its own oldest", "[integration][limit]") {
  server_options options;
  options.max_half_open = 2;
  running_server up(options);
  up.start();
  test::raw_client oldest(up.port());
  oldest.send("GET ");
  ws_client served(up.port());  // no longer half-open, so it takes no place
  REQUIRE(served.is_upgraded());
  test::raw_client second(up.port());
  second.send("GET ");
  test::raw_client third(up.port());
  third.send("GET ");
  CHECK(oldest.receive_all().substr(0, 12) == "HTTP/1.1 503");
  third.send("/health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\n\r\n");
  CHECK(third.receive_all().substr(0, 12) == "HTTP/1.1 200");
  up.server.publish(test::reward("still here"));
  CHECK(served.next_of("reward_event").is_object());
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
  options.pong_timeout = milliseconds(200);  // who answers in time is the unit suite's to say, which has no clock
  options.close_timeout = milliseconds(200);
  std::atomic<bool> left{false};
  running_server up(options);
  up.server.on_disconnect([&](const connection_info&, const disconnect_info& how) { left = how.error == errc::pong_timeout; });
  up.start();
  test::raw_client silent(up.port());
  silent.send(test::upgrade_head(up.port()));
  CHECK(test::eventually([&] { return left.load(); }));
  CHECK(test::eventually([&] { return up.server.stats().connections == 0; }));
}

TEST_CASE("a client that answers pings stays", "[integration][timeout]") {
  server_options options;
  options.ping_interval = milliseconds(200);
  options.pong_timeout = std::chrono::minutes(1);
  running_server up(options);
  up.start();
  ws_client answering(up.port());
  while (answering.pings() < 3) REQUIRE(answering.next_of("heartbeat").is_object());  // next() answers pings
  CHECK(up.server.stats().connections == 1);
}

TEST_CASE("with an idle timeout a client that says nothing is closed", "[integration][timeout]") {
  server_options options;
  options.idle_timeout = milliseconds(600);
  running_server up(options);
  up.start();
  ws_client quiet(up.port());
  CHECK(quiet.wait_for_close() == 1011);
}
