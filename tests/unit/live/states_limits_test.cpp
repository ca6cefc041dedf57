// The states that are kept for clients that connect later: which events they are, and how many are kept.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace states_limits_test {

using namespace wirthforge;
using live::loading_stage;
using nlohmann::json;
using names = std::vector<std::string>;

TEST_CASE("64 prompts that are read are told, and with one more the newest 64", "[live][waiting][limits]") {
  for (const std::size_t count : {std::size_t(64), std::size_t(65)}) {
    live::open_answers answers;
    for (std::size_t n = 0; n < count; ++n) answers.record(live::waiting_event("s" + std::to_string(n), "m", {}));
    names all;
    answers.each_waiting([&](const error_event& each) { all.push_back(live::session_of(each)); });
    REQUIRE(all.size() == 64);
    CHECK(all.front() == (count == 64 ? "s0" : "s1"));
    CHECK(answers.each([](const live::kept_answer&) { FAIL("none has text"); }));
    for (std::size_t n = 0; n < count; ++n) answers.record(token_stream{{"t"}, true, "s" + std::to_string(n), "m", {}});
    CHECK(answers.bytes() == 0);
  }
}

TEST_CASE("a prompt's event that is too large is not kept, and its answer is whole all the same", "[live][waiting][limits]") {
  live::open_answers answers(4000);
  answers.record(live::waiting_event(std::string(2000, 's'), "m", {}));
  answers.each_waiting([](const error_event&) { FAIL("it is too large"); });
  CHECK(answers.bytes() == 0);
  const auto ended = answers.record(token_stream{{"t"}, true, std::string(2000, 's'), "m", {}});
  REQUIRE(ended);
  CHECK_FALSE(ended->is_given_up);
}

TEST_CASE("256 models are remembered; one more pushes out one that is ready before one that loads", "[live][model][limits]") {
  live::model_states states;
  const auto record = [&](const std::string& model, loading_stage stage) {
    states.record(live::model_event(model, stage, {}, "no memory"), 0);
  };
  const auto all = [&] {
    names ids;
    states.each(1, [&](const live::error_event_ptr& each) { ids.push_back(live::text_in_details(*each, "modelId")); });
    return ids;
  };
  CHECK(states.empty());
  record("loads", loading_stage::loading);
  record("failed", loading_stage::failed);
  record("ready", loading_stage::ready);
  for (std::size_t n = 3; n < 256; ++n) record("m" + std::to_string(n), loading_stage::loading);
  REQUIRE(all().size() == 256);
  record("new", loading_stage::ready);
  REQUIRE(all().size() == 256);
  CHECK(all()[0] == "loads");
  CHECK(all()[1] == "failed");
  CHECK(all()[2] == "m3");
  CHECK(all().back() == "new");
  record("newer", loading_stage::loading);
  CHECK(all()[254] == "m255");
  record("newest", loading_stage::loading);  // none is left that is ready
  CHECK(all().front() == "failed");
  CHECK(states.bytes() <= live::model_states::max_bytes);
}

TEST_CASE("the bytes of the models' states are bounded, and one that is larger alone is not kept", "[live][model][limits]") {
  live::model_states states;
  const auto with = [](const std::string& model, std::size_t bytes) {
    error_event event = live::model_event(model, loading_stage::loading, {}, {});
    event.details = json{{"modelId", model}, {"more", std::string(bytes, 'x')}};
    return event;
  };
  states.record(with("a", 100), 0);
  const std::size_t overhead = states.bytes() - 100;
  states.record(with("a", live::model_states::max_bytes - overhead), 0);
  CHECK(states.bytes() == live::model_states::max_bytes);
  states.record(with("a", live::model_states::max_bytes - overhead + 1), 0);
  CHECK(states.empty());  // the state before it is old
  CHECK(states.bytes() == 0);
  states.record(with("kept", 100), 0);
  states.record(with("large", live::model_states::max_bytes), 0);
  states.each(1, [&](const live::error_event_ptr& each) { CHECK(live::text_in_details(*each, "modelId") == "kept"); });
  CHECK_FALSE(states.empty());
  for (const char* const model : {"b", "c", "d"}) states.record(with(model, 100'000), 0);
  CHECK(states.bytes() <= live::model_states::max_bytes);
  std::size_t count = 0;
  states.each(1, [&](const live::error_event_ptr&) { ++count; });
  CHECK(count == 2);  // the newest
}

TEST_CASE("an event that names no model, and one that is no state, is not remembered", "[live][model]") {
  error_event event = live::model_event("m", loading_stage::loading, {}, {});
  CHECK(live::says_model_state(event));
  CHECK(live::says_a_state(event));
  event.details.reset();
  live::model_states states;
  states.record(event, 0);
  CHECK(states.empty());
  event.component = component::ui;
  CHECK_FALSE(live::says_a_state(event));
  event.component = component::model;
  for (const char* const code : {"MODEL_STALLED", "MODEL_", "ANSWER_", "FRAME_OVERRUN"}) {
    event.code = code;
    CHECK_FALSE(live::says_a_state(event));
  }
  CHECK(live::says_that_it_waits(live::waiting_event("s", "m", {})));
}

}  // namespace states_limits_test
