// The run before, read from the lines of its journal: what may be gone on with, and what may not.
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace journal_history_test {

using namespace wirthforge;

namespace {

const std::string epoch(32, 'e');
constexpr std::int64_t start_ms = 1'700'000'000'000;

std::string reward_line(std::int64_t timestamp) {
  reward_event event;
  event.title = "r";
  std::string line;
  write(line, event, envelope{timestamp, 0});
  return line;
}

// A run that wrote these lines, whatever they are, and closed its journal over them: the digest is theirs.
std::optional<live::journal_past> past_of(const std::vector<std::string>& lines,
                                          journal::journal_beginning run = {epoch, 0, -1}) {
  journal::journal_history history({});
  journal::journal_tally written;
  const auto add = [&](std::string line) {
    if (!line.empty() && line.back() == '\n') line.pop_back();
    history.add_line(line);
    written.add_line(line);
  };
  add(journal::journal_opened_line({}, start_ms, run));
  for (const std::string& each : lines) add(each);
  run.digest = written.digest();
  add(journal::journal_closed_line(R"("text":true,)", run, start_ms));
  return history.take();
}

}  // namespace

TEST_CASE("a closed journal is gone on with, and its energy is in the last line alone", "[live][journal][restart]") {
  const std::string
      energy = R"({"type":"energy_update","channel":"energy","timestamp":5,"frameNumber":1,"payload":{"modelId":"m"}})";
  const std::optional<live::journal_past> past = past_of({reward_line(start_ms), energy, reward_line(start_ms + 1)});
  REQUIRE(past);
  CHECK(past->epoch == epoch);
  REQUIRE(past->events.size() == 2);
  CHECK(past->events[1].text == reward_line(start_ms + 1));
  CHECK(past->events[1].timestamp == start_ms + 1);
}

TEST_CASE("a journal with an energy line that is no event was gone on with", "[live][journal][restart]") {
  for (const char* const damaged : {
           R"({"type":"energy_field","channer":120,"payload":{"modelId":"m"}})",
           R"({"type":"energy_update","timestamp":"5","payload":{"modelId":"m"}})",
           R"({"type":"energy_update","timestamp":1e300,"payload":{"modelId":"m"}})",
       }) {
    CAPTURE(damaged);
    CHECK_FALSE(past_of({reward_line(start_ms), damaged}));
  }
}

TEST_CASE("a journal with a line of no known type was gone on with", "[live][journal][restart]") {
  CHECK_FALSE(past_of({R"({"type":"reward_evert","channel":"reward","timestamp":1700000000000,"payload":{}})"}));
}

TEST_CASE("a continued run finds a bad line wherever a tally does", "[live][journal][restart]") {
  for (const char* const line :
       {"", "{", "[]", "null", "{}", R"({"type":5,"timestamp":6,"payload":{}})", R"({"type":"heartbeat","payload":{}})",
        R"({"type":"heartbeat","timestamp":6})", R"({"type":"heartbeat","timestamp":6,"payload":[]})",
        R"({"type":"error_event","payload":{"code":"JOURNAL_GAP","details":{}}})",
        R"({"type":"heartbeat","timestamp":6,"payload":{}} x)"}) {
    CAPTURE(line);
    journal::journal_tally tally;
    CHECK_FALSE(tally.add_line(line));
    CHECK_FALSE(past_of({reward_line(start_ms), line}));
  }
}

TEST_CASE("a beginning whose time no integer holds is one without a time", "[live][journal][restart]") {
  for (const char* const time : {"-1e300", "1e300", "9000000000000001", "\"5\"", "null"}) {
    CAPTURE(time);
    std::string opened = journal::journal_opened_line({}, start_ms, {epoch, 0, 77});
    opened.pop_back();
    opened.replace(opened.find(":77"), 3, ":" + std::string(time));
    journal::journal_history history({});
    journal::journal_digest digest;
    history.add_line(opened);
    digest.add(opened);
    std::string closed = journal::journal_closed_line(R"("text":true,)", {epoch, digest.value(), -1}, start_ms);
    closed.pop_back();
    history.add_line(closed);
    const std::optional<live::journal_past> past = history.take();
    REQUIRE(past);
    CHECK(past->lost_through == -1);
  }
}

}  // namespace journal_history_test
