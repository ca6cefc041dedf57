// From a model's pieces to token_stream events.
#include <limits>
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace token_assembler_test {

using namespace wirthforge;
using live::token_assembler;

namespace {
std::string all_text(token_assembler& from) {
  std::string text;
  while (const auto event = from.take()) {
    CHECK_FALSE(check(*event));
    for (const std::string& each : event->tokens) text += each;
  }
  return text;
}
}  // namespace

TEST_CASE("many pieces become one event with one token each", "[live][tokens]") {
  token_assembler answer("s", "m");
  CHECK_FALSE(answer.is_dirty());
  CHECK_FALSE(answer.take());
  answer.write("Hello");
  answer.write(" ");
  answer.write("");
  answer.write("world");
  const auto event = answer.take();
  REQUIRE(event);
  CHECK(event->tokens == std::vector<std::string>{"Hello", " ", "world"});
  CHECK(event->session_id == "s");
  CHECK(event->model_id == "m");
  CHECK_FALSE(event->is_complete);
  CHECK_FALSE(event->energy_cost);
  CHECK_FALSE(answer.is_dirty());
}

TEST_CASE("text cut at every byte arrives whole", "[live][tokens][utf8]") {
  const std::string text = "Gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x94\xa5!";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    token_assembler answer("s", "m");
    answer.write(text.substr(0, cut));
    std::string got = all_text(answer);
    answer.write(text.substr(cut));
    answer.finish();
    CHECK(got + all_text(answer) == text);
    CHECK(answer.is_over());
  }
  token_assembler bytewise("s", "m");
  std::string got;
  for (const char each : text) {
    bytewise.write(std::string(1, each));
    got += all_text(bytewise);
  }
  CHECK(got == text);
}

TEST_CASE("a tail that never became a character is U+FFFD at the end", "[live][tokens][utf8]") {
  token_assembler answer("s", "m");
  answer.write("fire \xf0\x9f\x94");
  CHECK(all_text(answer) == "fire ");
  answer.finish();
  const auto event = answer.take();
  REQUIRE(event);
  CHECK(event->tokens == std::vector<std::string>{"\xef\xbf\xbd"});
  CHECK(event->is_complete);
  CHECK_FALSE(answer.take());
}

TEST_CASE("bytes that can never be a character are replaced at once", "[live][tokens][utf8]") {
  token_assembler answer("s", "m");
  answer.write(
      "a\xff"
      "b");
  answer.write("\xe2\x82");
  answer.write("x");
  CHECK(all_text(answer) ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbdx");
}

TEST_CASE("finish alone gives one empty event that is complete", "[live][tokens]") {
  token_assembler answer("s", "m");
  answer.finish();
  const auto event = answer.take();
  REQUIRE(event);
  CHECK(event->is_complete);
  CHECK(event->tokens.empty());
  CHECK(answer.is_over());
}

TEST_CASE("a burst becomes several events and only the last is complete", "[live][tokens][limit]") {
  token_assembler answer("s", "m");
  const std::string half(token_assembler::max_event_bytes / 2, 'x');
  answer.write(half);
  answer.write(half);
  answer.write("y");
  answer.finish();
  const token_stream* first = answer.take();
  REQUIRE(first);
  CHECK(first->tokens.size() == 2);
  CHECK_FALSE(first->is_complete);
  const auto second = answer.take();
  REQUIRE(second);
  CHECK(second->tokens == std::vector<std::string>{"y"});
  CHECK(second->is_complete);
}

TEST_CASE("one huge piece is cut between characters", "[live][tokens][limit]") {
  std::string text;
  while (text.size() < 3 * token_assembler::max_event_bytes) text += "\xe2\x82\xac";
  token_assembler answer("s", "m");
  answer.write(text);
  answer.finish();
  CHECK(all_text(answer) == text);
}

TEST_CASE("the cost of pieces is added up", "[live][tokens]") {
  token_assembler answer("s", "m");
  answer.write("a", 0.5);
  answer.write("b", 0.25);
  CHECK(answer.take()->energy_cost == 0.75);
  answer.write("c");
  CHECK_FALSE(answer.take()->energy_cost);
}

TEST_CASE("costs that add up to more than a double holds would be sent as infinity", "[live][tokens]") {
  token_assembler answer("s", "m");
  answer.write("a", 1.7e308);
  answer.write("b", 1.7e308);
  CHECK(answer.take()->energy_cost == std::numeric_limits<double>::max());
  for (const double nothing : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), -1.0, 0.0}) {
    answer.write("c", nothing);
    CHECK_FALSE(answer.take()->energy_cost);
  }
}

TEST_CASE("the desk gives events in the order of writing and forgets answers that have ended", "[live][tokens][desk]") {
  live::token_streams desk;
  const instant now{};
  desk.open(std::make_shared<live::token_stream_state>(1, "one", "m"), now);
  desk.open(std::make_shared<live::token_stream_state>(2, "two", "m"), now);
  desk.write(2, "b", 0, now);
  desk.write(1, "a", 0, now);
  desk.write(9, "nobody", 0, now);
  desk.finish(1, live::answer_end::stop, {}, now);
  CHECK(desk.is_dirty());
  std::string order;
  desk.take_all([&](const token_stream& event) { order += event.session_id + (event.is_complete ? "! " : " "); },
                [&](const error_event& event) { order += event.code + " "; });
  CHECK(order == "two ANSWER_DONE one! ");
  CHECK(desk.size() == 1);
  CHECK_FALSE(desk.is_dirty());
}

}  // namespace token_assembler_test
