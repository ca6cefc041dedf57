// Reading a journal: in pieces, torn, and damaged.
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

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

struct result {
  journal_reader reader;
  journal_summary summary;
  void feed(std::string_view bytes) {
    reader.feed(bytes, [this](const any_event& event, const envelope& outer) { live::add_to_summary(summary, event, outer); });
  }
};

}  // namespace

TEST_CASE("a journal reads the same whole, byte by byte and split anywhere", "[live][journal]") {
  const std::string all = some_lines();
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    result got;
    got.feed(std::string_view(all).substr(0, cut));
    got.feed(std::string_view(all).substr(cut));
    REQUIRE(got.summary.events == 10);
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

TEST_CASE("a journal that is torn at any byte gives every whole line and says that it is torn", "[live][journal]") {
  const std::string all = some_lines();
  for (std::size_t size = 0; size <= all.size(); ++size) {
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
  for (const std::string& bad : std::vector<std::string>{"", "{}", "nonsense", R"({"type":"reward_event"})", std::string(100, '\0'), "[1]",
                                                         R"({"type":"unknown","channel":"system"})"}) {
    CAPTURE(bad);
    result got;
    got.feed(good + bad + "\n" + good);
    CHECK(got.summary.events == 20);
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
  CHECK(got.summary.events == 10);
}
