// Pings and timeouts on a virtual clock: each limit just before and at it.
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace liveness_test {

using namespace wirthforge;
using rfc6455::liveness;
using rfc6455::liveness_options;
using kind = liveness::action::kind;

namespace {

const steady_time start = steady_time(seconds(1000));
constexpr nanoseconds moment{1};

liveness_options options() {
  liveness_options result;
  result.handshake_timeout = seconds(5);
  result.ping_interval = seconds(15);
  result.pong_timeout = seconds(10);
  result.idle_timeout = nanoseconds(0);
  result.close_timeout = seconds(2);
  return result;
}
liveness open_at(steady_time now, const liveness_options& chosen = options()) {
  liveness result(chosen, now);
  result.enter_open(now);
  result.on_served(now);
  return result;
}
bool fails_with(liveness::action got, errc error) { return got.what == kind::fail && got.error == error; }

}  // namespace

TEST_CASE("a handshake may take its timeout and no longer, however many bytes arrive in it", "[rfc6455][liveness]") {
  liveness subject(options(), start);
  subject.on_bytes(start + seconds(4));
  CHECK(subject.poll(start + seconds(5) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(5)), errc::handshake_timeout));
}

TEST_CASE("a handshake is never pinged", "[rfc6455][liveness]") {
  liveness_options patient = options();
  patient.handshake_timeout = seconds(100);
  liveness subject(patient, start);
  CHECK(subject.poll(start + seconds(50)).what == kind::none);
}

TEST_CASE("silence is answered by one ping, and silence after the ping by a failure", "[rfc6455][liveness]") {
  liveness subject = open_at(start);
  CHECK(subject.poll(start + seconds(15) - moment).what == kind::none);
  CHECK(subject.poll(start + seconds(15)).what == kind::send_ping);
  CHECK(subject.poll(start + seconds(15)).what == kind::none);
  CHECK(subject.poll(start + seconds(25) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(25)), errc::pong_timeout));
}

TEST_CASE("the time for a pong runs from its ping, not from when it was due", "[rfc6455][liveness]") {
  liveness subject = open_at(start);
  CHECK(subject.poll(start + seconds(100)).what == kind::send_ping);  // the loop was busy
  CHECK(subject.poll(start + seconds(110) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(110)), errc::pong_timeout));
}

TEST_CASE("any byte proves that the peer is there and puts off the next ping", "[rfc6455][liveness]") {
  liveness subject = open_at(start);
  CHECK(subject.poll(start + seconds(15)).what == kind::send_ping);
  subject.on_bytes(start + seconds(20));
  CHECK(subject.poll(start + seconds(35) - moment).what == kind::none);
  CHECK(subject.poll(start + seconds(35)).what == kind::send_ping);
}

TEST_CASE("a pong measures the round trip of the newest ping, once", "[rfc6455][liveness]") {
  liveness subject = open_at(start);
  CHECK(subject.round_trip() == nanoseconds(0));
  CHECK(subject.poll(start + seconds(15)).what == kind::send_ping);
  const std::string payload = subject.ping_payload();
  subject.on_pong("other", start + seconds(16));
  CHECK(subject.round_trip() == nanoseconds(0));
  subject.on_bytes(start + seconds(17));  // as the connection does, before it reads the bytes
  subject.on_pong(payload, start + seconds(17));
  CHECK(subject.round_trip() == seconds(2));
  subject.on_pong(payload, start + seconds(30));
  CHECK(subject.round_trip() == seconds(2));

  CHECK(subject.poll(start + seconds(32)).what == kind::send_ping);
  CHECK(subject.ping_payload() != payload);
  subject.on_pong(payload, start + seconds(33));  // the old one once more
  CHECK(subject.round_trip() == seconds(2));
  subject.on_pong(subject.ping_payload(), start + seconds(33));
  CHECK(subject.round_trip() == seconds(1));
}

TEST_CASE("a pong that nobody asked for measures nothing", "[rfc6455][5.5.3]") {
  liveness subject = open_at(start);
  subject.on_pong(subject.ping_payload(), start + seconds(1));
  subject.on_pong("", start + seconds(1));
  CHECK(subject.round_trip() == nanoseconds(0));
}

TEST_CASE("a client without messages is idle, whatever pongs come; by default none is", "[rfc6455][liveness]") {
  liveness_options strict = options();
  strict.idle_timeout = seconds(20);
  liveness subject = open_at(start, strict);
  subject.on_bytes(start + seconds(14));
  CHECK(subject.poll(start + seconds(20) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(20)), errc::idle_timeout));
  subject.on_message(start + seconds(20));
  subject.on_bytes(start + seconds(39));
  CHECK(subject.poll(start + seconds(40) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(40)), errc::idle_timeout));

  liveness quiet = open_at(start);
  for (int hour = 1; hour < 100; ++hour) {
    quiet.on_bytes(start + seconds(3600 * hour));
    CHECK(quiet.poll(start + seconds(3600 * hour)).what == kind::none);
  }
}

TEST_CASE("a client that has not been served is not idle, however long it is silent", "[rfc6455][liveness]") {
  liveness_options strict = options();
  strict.idle_timeout = seconds(20);
  liveness subject(strict, start);
  subject.enter_open(start);
  subject.on_bytes(start + seconds(90));
  CHECK(subject.poll(start + seconds(100)).what == kind::none);
  subject.on_served(start + seconds(100));
  subject.on_bytes(start + seconds(119));
  subject.on_served(start + seconds(119));  // only the first call counts
  CHECK(subject.poll(start + seconds(120) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(120)), errc::idle_timeout));
}

TEST_CASE("the closing handshake is bounded from its beginning, and is not pinged", "[rfc6455][liveness]") {
  liveness subject = open_at(start);
  CHECK(subject.poll(start + seconds(15)).what == kind::send_ping);
  subject.enter_closing(start + seconds(16));
  subject.on_bytes(start + seconds(17));
  subject.enter_closing(start + seconds(17));  // after a second call, the time still runs from the first
  CHECK(subject.poll(start + seconds(18) - moment).what == kind::none);
  CHECK(fails_with(subject.poll(start + seconds(18)), errc::close_timeout));
}

}  // namespace liveness_test
