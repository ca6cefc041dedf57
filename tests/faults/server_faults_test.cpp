// A server where each call to the system fails in its turn: the first, the second, the third ... until a run meets no failure.
// The server goes on for the next clients, or says why it does not, and leaves nothing behind.
#if defined(__linux__)
#include <atomic>
#include <cstdlib>
#include <string>

#include <unistd.h>

#include "catch.hpp"
#include "faults/support/faults.hpp"
#include "integration/support/test_client.hpp"
#include "support/temp_folder.hpp"
#include "wirthforge_ws.hpp"

using namespace wirthforge;
using faults::call;
using test::reward;
using test::ws_client;

namespace {

constexpr std::chrono::milliseconds short_patience{3000};

// Everything that a connection does: a page, an upgrade, a token stream, an answer that takes several pieces, the end.
// The outcome depends on the fault; the test requires that it ends.
void visit(server& up) {
  try {
    test::raw_client page(up.port());
    page.send("GET /health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\n\r\n");
    page.receive_all(short_patience);
    ws_client client(up.port());
    if (!client.is_upgraded()) return;
    if (client.next_of("startup_complete", short_patience).is_null()) return;
    for (int count = 0; count < 3; ++count) up.publish(reward("one of several"));
    if (client.next_of("reward_event", short_patience).is_null()) return;
    client.ping("are you there");
    client.send_text("{\"type\":\"request_status\"}");
    up.publish(reward("last"));
    client.next_of("reward_event", short_patience);
    client.close(rfc6455::close_code::normal);
    client.wait_for_close(short_patience);
  } catch (const std::system_error&) {  // the fault met this end of the line
  }
}

// A client that comes afterwards, and is served as usual.
void check_health(server& up) {
  ws_client client(up.port());
  REQUIRE(client.is_upgraded());
  CHECK_FALSE(client.next_of("startup_complete").is_null());
  up.publish(reward("hello"));
  CHECK_FALSE(client.next_of("reward_event").is_null());
  client.close(rfc6455::close_code::normal);
  CHECK(client.wait_for_close() == 1000);
}

}  // namespace

TEST_CASE("a connection that was closed before it was accepted delays no other", "[faults][net][accept]") {
  const faults::sheltered own;
  for (const int gone : {ECONNABORTED, EPROTO}) {
    test::running_server up;
    up.start();
    ws_client served(up.port());
    served.next_of("startup_complete");
    faults::arm({call::accept, gone, ""}, 2);
    ws_client(up.port()).raw().cut();
    CHECK(test::eventually([] { return faults::count() == 1; }));
    up.server.publish(reward("still here"));
    CHECK_FALSE(served.next_of("reward_event").is_null());
    CHECK(faults::disarm() == 1);
  }
}

TEST_CASE("a connection that finds no free descriptor is answered 503, and the log says it once each time",
          "[faults][net][accept]") {
  const faults::sheltered own;
  std::atomic<int> told{0};
  test::running_server up;
  up.server.on_log([&told](log_level, std::string_view line) { told += line.find("answered 503") != line.npos ? 1 : 0; });
  up.start();
  const int before = faults::open_descriptors();
  for (const int none_left : {EMFILE, ENFILE}) {
    faults::arm({call::accept, none_left, ""}, 1);
    CHECK(test::http(up.port(), "/health").substr(9, 3) == "503");
    CHECK(faults::disarm() == 1);
    faults::arm({call::accept, none_left, ""}, 1, 1);  // the spare one fails too: the connection is served a moment later
    CHECK(test::http(up.port(), "/health").substr(9, 3) == "200");
    CHECK(faults::disarm() == 2);
    CHECK(test::eventually([&] { return faults::open_descriptors() == before; }));
  }
  CHECK(up.server.stats().refused_total == 2);
  CHECK(test::eventually([&] { return told == 2; }));  // there was room again between the two
}

TEST_CASE("a connection that cannot be shut down is closed at once", "[faults][net][shutdown]") {
  const faults::sheltered own;
  server_options options;
  options.close_timeout = std::chrono::minutes(10);  // beyond a test's patience
  test::running_server up(options);
  up.start();
  faults::arm({call::shutdown, ENOTCONN, ""}, 1);
  test::raw_client client(up.port());
  client.send("GET /health HTTP/1.1\r\nHost: " + test::local_host(up.port()) + "\r\n\r\n");
  CHECK(client.receive_all().substr(9, 3) == "200");
  CHECK(client.is_at_end());
  CHECK(faults::disarm() == 1);
}

TEST_CASE("the server goes on, whichever call fails on a connection", "[faults][net]") {
  const faults::sheltered own;
  const int before = faults::open_descriptors();
  {
    test::running_server up;
    up.start();
    for (const faults::fault& each : faults::all()) {
      const bool is_of_sockets = each.what == call::close || each.what == call::ioctl || each.what == call::setsockopt ||
                                 each.what == call::epoll_add;
      if (!faults::is_of_connections(each) && !is_of_sockets) continue;
      int nth = 0;
      for (int fired = 1; fired > 0 && nth < 40;) {
        INFO(each.name << ", call " << ++nth);
        faults::arm(each, nth);
        visit(up.server);
        // The server cleans up a connection after this end has seen it close.
        test::eventually([] { return faults::count() > 0; }, std::chrono::milliseconds(50));
        fired = faults::disarm();
        check_health(up.server);
        CHECK(test::eventually([&] { return up.server.stats().connections == 0; }));
      }
      CHECK(nth < 40);
      CHECK(nth > 1);  // else the call is never made, and this tests nothing
    }
  }
  CHECK(faults::open_descriptors() == before);
}
#endif
