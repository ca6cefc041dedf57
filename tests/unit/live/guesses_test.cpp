// Requests without the right token, on a virtual clock: how many are answered with 401, and how many are lines of the log.
#include <string>
#include <vector>

#include "catch.hpp"
#include "unit/live/gate.hpp"
#include "wirthforge_ws.hpp"

namespace guesses_test {

using namespace wirthforge;

namespace {

class door {
 public:
  door() : engine_("e", options(), around_, around_) {}

  /// The status of the response to one request.
  std::string ask(const std::string& token, nanoseconds since_start) {
    const std::string fields = "Host: 127.0.0.1:8145\r\nAuthorization: Bearer " + token + "\r\n";
    return gate::response_to(engine_, "/ws", fields, {steady_time(seconds(1000) + since_start), 0}).substr(9, 3);
  }
  /// How many of so many guesses at that time are answered with 401; the others must be answered with 429.
  int admitted(int guesses, nanoseconds since_start) {
    int count = 0;
    for (int guess = 0; guess < guesses; ++guess) {
      const std::string status = ask(std::string(43, 'g'), since_start);
      if (status == "401") ++count;
      else CHECK(status == "429");
    }
    return count;
  }
  const std::vector<std::string>& lines() const { return around_.notes; }

 private:
  static live::engine_options options() {
    live::engine_options result;
    result.access.port = 8145;
    result.access.token = gate::secret;
    return result;
  }
  gate::listener around_;
  live::engine engine_;
};

constexpr nanoseconds moment{1000};

}  // namespace

TEST_CASE("ten guesses a second are answered with 401 and the others with 429; the token is admitted beside them",
          "[live][token][limit]") {
  door to_try;
  CHECK(to_try.admitted(1000, seconds(0)) == 10);
  CHECK(to_try.ask(gate::secret, seconds(0)) == "101");
  CHECK(to_try.admitted(5, milliseconds(100) - moment) == 0);
  CHECK(to_try.admitted(5, milliseconds(100) + moment) == 1);
  CHECK(to_try.admitted(1000, seconds(60)) == 10);  // a quiet minute is worth no more than a second
  CHECK(to_try.ask(gate::secret, seconds(60)) == "101");
}

TEST_CASE("a thousand guesses are ten lines of the log, and the next line has the number of the others", "[live][token][log]") {
  door to_try;
  to_try.admitted(1000, seconds(0));
  CHECK(to_try.lines().size() == 10);
  to_try.admitted(1, seconds(1));
  REQUIRE(to_try.lines().size() == 11);
  CHECK(to_try.lines().back().find("(and 990 refusals before it that were not logged)") != std::string::npos);
}

}  // namespace guesses_test
