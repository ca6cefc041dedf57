// Reading a journal: in pieces, torn, and damaged.
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace journal_test {

using namespace wirthforge;

namespace {

std::string line_of(const reward_event& event, std::int64_t at) {
  std::string text;
  write(text, event, envelope{at, 0});
  return text + "\n";
}
std::string line_of(const energy_update& event, std::int64_t at, std::int64_t frame) {
  std::string text;
  write(text, event, envelope{at, frame});
  return text + "\n";
}

std::string some_lines() {
  reward_event reward;
  energy_update energy;
  energy.model_id = "m";
  std::string all;
  for (int n = 0; n < 5; ++n) {
    reward.title = "reward " + std::to_string(n);
    reward.points = n;
    energy.total_energy = n;
    energy.tokens_generated = 10;
    all += line_of(reward, 1'700'000'000'000 + n) + line_of(energy, 1'700'000'000'000 + n, 100 + n);
  }
  return all;
}

// Read as events, and added up as lines.
struct result {
  journal_reader reader;
  std::vector<std::uint64_t> bad;
  std::uint64_t events = 0;
  journal::line_cutter cutter;
  journal::journal_tally tally;
  const journal_summary& summary = tally.summary();
  void feed(std::string_view bytes) {
    reader.feed(
        bytes, [this](const any_event&, const envelope&) { ++events; }, [this](std::uint64_t line) { bad.push_back(line); });
    cutter.feed(bytes, [this](std::string_view line) { tally.add_line(line); });
  }
};

}  // namespace

TEST_CASE("a journal reads the same whole, byte by byte and split anywhere", "[live][journal]") {
  const std::string all = some_lines();
  for (std::size_t cut = 0; cut <= all.size(); cut += test::step_of(7)) {
    result got;
    got.feed(std::string_view(all).substr(0, cut));
    got.feed(std::string_view(all).substr(cut));
    REQUIRE(got.summary.events == 10);
    REQUIRE(got.events == 10);
    REQUIRE(got.reader.bad_lines() == 0);
    REQUIRE_FALSE(got.reader.ends_incomplete());
  }
  result bytewise;
  for (const char& each : all) bytewise.feed(std::string_view(&each, 1));
  CHECK(bytewise.summary.events == 10);
  CHECK(bytewise.summary.last_timestamp == 1'700'000'000'004);
  CHECK(bytewise.summary.last_frame_number == 104);
  CHECK(bytewise.summary.models.at("m").total_energy == 4);
  CHECK(bytewise.summary.models.at("m").tokens_generated == 50);
}

TEST_CASE("a journal that is cut at any byte gives every whole line and says that it is cut", "[live][journal]") {
  const std::string all = some_lines();
  for (std::size_t size = 0; size <= all.size(); size += test::step_of(7)) {
    const std::string torn = all.substr(0, size);
    result got;
    got.feed(torn);
    REQUIRE(got.summary.events == static_cast<std::uint64_t>(std::count(torn.begin(), torn.end(), '\n')));
    REQUIRE(got.reader.ends_incomplete() == (size > 0 && torn.back() != '\n'));
    REQUIRE(got.reader.bad_lines() == 0);
  }
}

TEST_CASE("a damaged line is counted, named and passed over", "[live][journal]") {
  const std::string good = some_lines();
  for (const std::string& bad :
       std::vector<std::string>{"", "{}", "nonsense", R"({"type":"reward_event"})", std::string(100, '\0'), "[1]",
                                R"({"type":"unknown","channel":"system"})"}) {
    CAPTURE(bad);
    result got;
    got.feed(good + bad + "\n" + good);
    CHECK(got.summary.events == 20);
    CHECK(got.summary.bad_lines == 1);
    CHECK(got.events == 20);
    CHECK(got.bad == std::vector<std::uint64_t>{11});
    CHECK(got.reader.bad_lines() == 1);
    CHECK(got.reader.last_bad_line() == 11);
    CHECK(got.reader.lines() == 21);
  }
}

TEST_CASE("a line without an end costs bounded memory", "[live][journal]") {
  result got;
  const std::string piece(1U << 20U, 'x');
  for (int n = 0; n < 70; ++n) got.feed(piece);
  CHECK(got.reader.ends_incomplete());
  got.feed("\n" + some_lines());
  CHECK(got.reader.bad_lines() == 1);
  CHECK(got.events == 10);
}

TEST_CASE("a journal's summary is carried on by the first line of the next file", "[live][journal]") {
  result before;
  before.feed(some_lines() + "damaged\n");
  journal::journal_tally next;
  const auto add = [&](const std::string& line) { CHECK(next.add_line(std::string_view(line).substr(0, line.size() - 1))); };
  add(journal::journal_opened_line(before.summary, 1'700'000'000'050));
  energy_update energy;
  energy.model_id = "m";
  energy.total_energy = 9;
  energy.tokens_generated = 7;
  add(line_of(energy, 1'700'000'000'060, 160));
  CHECK(next.summary().events == 11);
  CHECK(next.summary().bad_lines == 1);
  CHECK(next.summary().last_frame_number == 160);
  CHECK(next.summary().last_timestamp == 1'700'000'000'060);
  CHECK(next.summary().models.at("m").total_energy == 9);
  CHECK(next.summary().models.at("m").tokens_generated == 57);
}

TEST_CASE("the journal's own notes are valid events, and do not count as events", "[live][journal]") {
  journal_summary summary;
  summary.models["m"] = {0.5, 3};
  const std::string opened = journal::journal_opened_line(summary, 1'700'000'000'000);
  const std::string gap = journal::journal_gap_line({3, 1'700'000'000'000, 1'700'000'000'002});
  for (const std::string& line : {opened, gap}) {
    any_event event;
    envelope outer;
    REQUIRE(line.back() == '\n');
    CHECK_FALSE(read_event(std::string_view(line).substr(0, line.size() - 1), event, outer));
    CHECK(is_journal_note(std::get<error_event>(event).code));
  }
  CHECK_FALSE(is_journal_note("FRAME_OVERRUN"));
  result got;
  got.feed(opened);
  CHECK(got.summary.last_timestamp == 0);  // of an event, never of an opening
  got.feed(gap);
  CHECK(got.summary.last_timestamp == 1'700'000'000'002);
  CHECK(got.summary.events == 0);
  CHECK(got.summary.bad_lines == 0);
}

TEST_CASE("lines that look a little like events do not change the summary", "[live][journal]") {
  journal::journal_tally tally;
  for (const char* line :
       {R"({"type":"energy_update","timestamp":1,"payload":{}})", R"({"type":"energy_update","timestamp":"1","payload":{}})",
        R"({"type":5})",
        R"({"type":"error_event","timestamp":1,"payload":{"code":"JOURNAL_OPENED","details":{"models":[5,{}]}}})",
        R"({"type":"energy_update","timestamp":1e300,"frameNumber":1e300,"payload":{"modelId":"m","tokensGenerated":-5}})",
        R"({"type":"energy_update","timestamp":2,"frameNumber":1e300,"payload":{"modelId":"m","tokensGenerated":-5}})"}) {
    tally.add_line(line);
  }
  CHECK(tally.summary().last_timestamp == 2);
  CHECK(tally.summary().last_frame_number == -1);
  CHECK(tally.summary().models.at("m").tokens_generated == 0);
}

// Found by tests/fuzz/journal.cpp: a negative sum made the next addition overflow.
TEST_CASE("negative counts in a damaged note are not carried on", "[live][journal]") {
  result got;
  got.feed(R"({"type":"error_event","channel":"system","timestamp":5,"payload":{"severity":"info","code":"JOURNAL_OPENED",)"
           R"("message":"m","component":"orchestrator","details":{"timestamp":1,"frameNumber":2,"events":-5,"badLines":-5,)"
           R"("models":[{"modelId":"m","totalEnergy":1,"tokensGenerated":-5}]}}})"
           "\n");
  energy_update energy;
  energy.model_id = "m";
  energy.tokens_generated = 3;
  got.feed(line_of(energy, 1'700'000'000'000, 7));
  CHECK(got.summary.models.at("m").tokens_generated == 3);
  CHECK(got.summary.events == 1);
  CHECK(got.summary.bad_lines == 0);
}

}  // namespace journal_test
