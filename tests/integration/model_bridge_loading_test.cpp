// A model that loads while a bridge asks for it: its state on the page, and who is asked again.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "integration/support/model_stage.hpp"
#include "wirthforge_ws.hpp"

namespace model_bridge_test {

namespace {

// As llama-server says it.
std::string loading() {
  const std::string body = R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})";
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a model that loads is asked again, and its loading is told", "[bridge]") {
  model_server models([&](model_visitor& visitor, int number) {
    if (number < 3) {
      visitor.say(loading());
    } else {
      visitor.say(events_head + said(visitor.body() == R"({"model":"big"})" ? "loaded" : "what?") + end_of_it);
      visitor.await_close();
    }
  });
  model_bridge_options options;
  options.retry_interval = 1ms;
  desk one(options);
  one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
  CHECK(one.until_complete("s").text == "loaded");
  CHECK(models.visits() == 4);
  CHECK(holds(one.answers["big"].codes, "MODEL_LOADING"));
  CHECK(one.answers["big"].codes.back() == "MODEL_READY");
}

TEST_CASE("an answer fails when its model loads for longer than first_byte_timeout", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) { visitor.say(loading()); });
  model_bridge_options options;
  options.retry_interval = 1ms;
  options.first_byte_timeout = 50ms;
  desk one(options);
  one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
  const shown& answer = one.until_complete("s");
  CHECK(answer.codes.back() == "ANSWER_FAILED");
  one.until_said("big", "MODEL_FAILED");
}

TEST_CASE("a model that loaded for an answer that ended stayed loading for ever, though it answered", "[bridge]") {
  std::atomic<bool> is_loaded{false};
  std::atomic<int> visits_of_t{0};
  model_server models([&](model_visitor& visitor, int) {
    visits_of_t += visitor.body().find("\"n\"") == std::string::npos ? 0 : 1;
    if (!is_loaded) {
      visitor.say(loading());
    } else {
      const bool unloads = visitor.body().find("keep_alive") != std::string::npos;
      visitor.say(unloads ? lines_head + model_tests::line(R"("response":"","done":true,"done_reason":"unload")")
                          : events_head + said("here") + end_of_it);
      visitor.await_close();
    }
  });
  model_bridge_options options;
  options.retry_interval = 1ms;
  SECTION("one was stopped") {
    desk one(options);
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
    one.until_said("big", "MODEL_LOADING");
    one.bridge->cancel("s");
    CHECK(one.until_complete("s").codes.back() == "ANSWER_STOPPED");
    is_loaded = true;
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "t");
    CHECK(one.until_complete("t").text == "here");
    const std::vector<std::string>& codes = one.answers["big"].codes;
    REQUIRE(codes.size() > 2);
    CHECK(codes[codes.size() - 2] == "MODEL_UNLOADED");  // nobody would have heard that it is ready
    CHECK(codes.back() == "MODEL_READY");
  }
  SECTION("its server stopped, which was told as a fault of the model") {
    desk one(options);
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
    one.until_said("big", "MODEL_LOADING");
    one.server.stop();
    while (one.take()) {}
    CHECK(one.answers["s"].codes.back() == "ANSWER_FAILED");
    CHECK(one.answers["big"].codes.back() == "MODEL_UNLOADED");
  }
  SECTION("one had waited for too long") {
    options.first_byte_timeout = 100ms;
    desk one(options);
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
    one.until_said("big", "MODEL_FAILED");
    is_loaded = true;
    std::string session = "t";
    do {  // a slow machine may be too late for the timeout
      session += "t";
      one.bridge->ask({models.url(), R"({"model":"big"})"}, session);
      one.until_complete(session);
    } while (one.answers[session].codes.back() != "ANSWER_DONE");
    CHECK(one.answers["big"].codes.back() == "MODEL_READY");
  }
  SECTION("it was unloaded, twice") {
    is_loaded = true;
    desk one(options);
    for (const char* session : {"s", "t"}) {
      one.bridge->ask({models.url(), R"({"model":"big","keep_alive":0})"}, session);
      one.until_complete(session);
    }
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "u");
    CHECK(one.until_complete("u").text == "here");
    CHECK(one.answers["big"].codes == std::vector<std::string>{"MODEL_UNLOADED", "MODEL_UNLOADED", "MODEL_READY"});
  }
  SECTION("one of two was stopped") {
    desk one(options);
    one.bridge->ask({models.url(), R"({"model":"big"})"}, "s");
    one.bridge->ask({models.url(), R"({"model":"big","n":2})"}, "t");
    while (visits_of_t < 2) std::this_thread::yield();  // then the bridge has heard the first refusal
    one.bridge->cancel("s");
    one.until_said("s", "ANSWER_STOPPED");
    is_loaded = true;
    one.until_complete("t");
    CHECK(one.answers["big"].codes.back() == "MODEL_READY");
    CHECK_FALSE(holds(one.answers["big"].codes, "MODEL_UNLOADED"));
  }
}

}  // namespace model_bridge_test
