// A bridge over real sockets: a model server's text arrives in a browser, with every fault of the model server.
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "integration/support/model_stage.hpp"
#include "wirthforge_ws.hpp"

namespace model_bridge_test {

TEST_CASE("a model server's text arrives as an answer, under the id of its model", "[bridge]") {
  std::string asked;
  model_server models([&](model_visitor& visitor, int) {
    asked = visitor.head() + visitor.body();
    visitor.say(events_head + said("Gr\xC3\xBC\xC3\x9F ") + said("Gott, \xE5\xA4\xA9") + end_of_it);
    visitor.await_close();
  });
  desk one;
  one.ask(models);
  const shown& answer = one.until_complete("s");
  CHECK(answer.text == "Gr\xC3\xBC\xC3\x9F Gott, \xE5\xA4\xA9");
  CHECK(answer.model_id == "qwen3-4b");
  CHECK(answer.codes.back() == "ANSWER_DONE");
  CHECK(asked.substr(0, 35) == "POST /v1/chat/completions HTTP/1.1\r");
  CHECK(asked.find("\r\nHost: 127.0.0.1:" + std::to_string(models.port()) + "\r\n") != std::string::npos);
  while (one.bridge->open_questions() > 0) std::this_thread::yield();
}

TEST_CASE("a model's thinking and its tool calls are answers of their own", "[bridge]") {
  using model_tests::line;
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(
        lines_head + line(R"("message":{"role":"assistant","content":"","thinking":"hm "},"done":false)") +
        line(R"("message":{"role":"assistant","content":"","thinking":"so"},"done":false)") +
        line(R"("message":{"role":"assistant","content":"It is "},"done":false)") +
        line(
            R"("message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"weather","arguments":{"city":"Bonn"}}}]},"done":false)") +
        line(R"("message":{"role":"assistant","content":"warm."},"done":false)") +
        line(
            R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":7,"eval_duration":1000000000)"));
    visitor.await_close();
  });
  desk one;
  one.ask(models, "s", "/api/chat");
  CHECK(one.until_complete("s").text == "It is warm.");
  CHECK(one.answers["s:thinking"].text == "hm so");
  CHECK(one.answers["s:thinking"].is_complete);
  CHECK(one.answers["s:tool:1"].text == "weather{\"city\":\"Bonn\"}");
  CHECK(one.answers["s:tool:1"].is_complete);
}

TEST_CASE("an answer that was cut at a limit says so", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("Once upon") + model_tests::delta("", "\"length\"") + model_tests::done);
    visitor.await_close();
  });
  desk one;
  one.ask(models);
  CHECK(one.until_complete("s").text == "Once upon");
  CHECK(one.answers["s"].codes.back() == "ANSWER_LENGTH");
}

// False where a reset may be seen as the stream's end, as under Wine, which shuts a socket down before it closes it. A reset that
// comes before the shutdown was noticed is seen there, too.
static bool is_reset_always_seen() {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket reader(io), peer(io);
  reader.connect(acceptor.local_endpoint());
  acceptor.accept(peer);
  peer.set_option(asio::socket_base::linger(true, 0));
  peer.close();
  char byte = 0;
  std::error_code error;
  reader.read_some(asio::buffer(&byte, 1), error);
  REQUIRE(error);
  return error != asio::error::eof;
}

TEST_CASE("a model server's fault makes one answer fail, with the reason, and affects no other", "[bridge]") {
  const std::string half = events_head + said("half");
  struct fault {
    const char* name;
    std::string says;
    bool resets;
    std::string reason;
  };
  const std::vector<fault> faults = {
      {"dies", half, false, make_error_code(errc::model_stream_unfinished).message()},
      {"resets", half, true, make_error_code(errc::body_cut_off).message()},
      {"wrong length", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + said("half"), false,
       make_error_code(errc::body_cut_off).message()},
      {"error line", half + "error: {\"message\":\"out of memory\"}\n\n", false, "out of memory"},
      {"refuses", "HTTP/1.1 400 Bad Request\r\nContent-Length: 20\r\n\r\n{\"error\":\"no model\"}", false, "no model"},
      {"is no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", false, make_error_code(errc::head_malformed).message()},
      {"redirects", "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", false,
       "the model server answered 302"},
      {"is a page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<!doctype html", false,
       "<!doctype html"},
      {"closes at once", "", false, make_error_code(errc::body_cut_off).message()},
  };
  const std::string seen_as_end = is_reset_always_seen() ? "" : make_error_code(errc::model_stream_unfinished).message();
  std::promise<void> may_end;
  const std::shared_future<void> gate = may_end.get_future().share();
  model_server sound([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("still "));
    gate.wait();
    visitor.say(said("here") + end_of_it);
    visitor.await_close();
  });
  desk one;
  one.ask(sound, "sound");
  one.until_text("sound", "still ");
  for (const fault& each : faults) {
    INFO(each.name);
    model_server models([&](model_visitor& visitor, int) {
      visitor.say(each.says);
      if (!each.resets) return;
      gate.wait_for(0s);
      visitor.reset();
    });
    one.ask(models, each.name);
    const shown& answer = one.until_complete(each.name);
    CHECK(answer.codes.back() == "ANSWER_FAILED");
    INFO(answer.reason);
    const bool is_seen_as_end = each.resets && !seen_as_end.empty() && answer.reason.find(seen_as_end) != std::string::npos;
    CHECK((is_seen_as_end || answer.reason.find(each.reason) != std::string::npos));
  }
  may_end.set_value();
  CHECK(one.until_complete("sound").text == "still here");
  CHECK(one.answers["sound"].codes.back() == "ANSWER_DONE");
}

TEST_CASE("a model server that is not there is named in the reason", "[bridge]") {
  std::uint16_t port = 0;
  {
    model_server gone([](model_visitor&, int) {});
    port = gone.port();
  }
  desk one;
  one.bridge->ask({"http://localhost:" + std::to_string(port) + "/api/chat", "{}"}, "s");
  CHECK(one.until_complete("s").reason.find("no model server at localhost:" + std::to_string(port) + ": ") == 0);
}

TEST_CASE("localhost is either of the two loopback addresses", "[bridge]") {
  for (const bool is_ipv6 : {false, true}) {
    if (is_ipv6 && !has_ipv6()) continue;
    model_server models(
        [&](model_visitor& visitor, int) {
          visitor.say(events_head + said("here") + end_of_it);
          visitor.await_close();
        },
        is_ipv6);
    desk one;
    one.bridge->ask({"http://localhost:" + std::to_string(models.port()) + "/v1/chat/completions", "{}"}, "s");
    CHECK(one.until_complete("s").text == "here");
    CHECK(one.answers["s"].model_id == "model");
  }
}

TEST_CASE("a model server that falls silent makes the answer fail", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) {
    if (visitor.body() == "{\"n\":1}") visitor.say(events_head + said("half"));
    visitor.await_close();
  });
  model_bridge_options options;
  options.first_byte_timeout = 20ms;
  options.silence_timeout = 20ms;
  desk one(options);
  one.bridge->ask({models.url(), "{\"n\":1}"}, "in the middle");
  one.bridge->ask({models.url(), "{\"n\":2}"}, "from the first");
  // A slow machine may be late with the first byte, too: the reason is one of two, but the answer always ends.
  const std::string slow = make_error_code(errc::model_first_byte_timeout).message();
  const std::string silent = make_error_code(errc::model_silence_timeout).message();
  const std::string middle = one.until_complete("in the middle").reason;
  CHECK((middle == silent || middle == slow));
  CHECK(one.until_complete("from the first").reason == slow);
}

TEST_CASE("a bridge refuses an invalid request or option, and says why", "[bridge]") {
  desk one;
  std::error_code error;
  const auto refused = [&](model_question question, const std::string& session) {
    one.bridge->ask(std::move(question), session, error);
    return error;
  };
  CHECK(refused({"http://example.com/api/chat", "{}"}, "s") == errc::model_url_malformed);
  CHECK(refused({"https://127.0.0.1/api/chat", "{}"}, "s") == errc::model_url_malformed);
  CHECK(refused({"http://127.0.0.1/", "{}", "m", "two words"}, "s") == errc::model_token_malformed);
  CHECK(refused({"http://127.0.0.1/", "{}", "m", "a\r\nHost: b"}, "s") == errc::model_token_malformed);
  CHECK(refused({"http://127.0.0.1/", "{}", "no id!"}, "s") == errc::schema_violation);
  CHECK(refused({"http://127.0.0.1/", "{\"model\":\"\"}"}, "s") == errc::model_name_invalid);
  model_server models([&](model_visitor& visitor, int) { visitor.await_close(); });
  CHECK_FALSE(refused({models.url(), "{}"}, "s"));
  CHECK(refused({models.url(), "{}"}, "s") == errc::session_open);
  CHECK_THROWS_AS(one.bridge->ask({models.url(), "{}"}, "s"), std::system_error);
  model_bridge_options options;
  options.max_line_bytes = 3;
  model_bridge odd(one.server, options);
  odd.ask({models.url(), "{}"}, "u", error);
  CHECK(error == errc::option_out_of_range);
  try {
    odd.ask({models.url(), "{}"}, "u");
    FAIL("it took the option");
  } catch (const std::system_error& thrown) {
    CHECK(std::string(thrown.what()).find("model_bridge_options::max_line_bytes is 3, its range 1024...1073741824") !=
          std::string::npos);
  }
  one.bridge.reset();  // else the model server waits for its end
}

TEST_CASE("the prompt is in no event, no log line and no reason", "[bridge]") {
  model_server models([&](model_visitor& visitor, int number) {
    if (number == 0) {
      visitor.say(events_head + said("half"));
    } else {
      const std::string echo = "{\"error\":{\"message\":\"cannot read: " + std::string("What is SECRET-PROMPT, tell me?") +
                               "\"}}";
      visitor.say("HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(echo.size()) + "\r\n\r\n" + echo);
    }
  });
  desk one;
  one.ask(models, "s");
  one.until_complete("s");
  one.ask(models, "t");
  one.until_complete("t");
  CHECK(one.answers["t"].codes.back() == "ANSWER_FAILED");
  CHECK(one.everything.find("SECRET") == std::string::npos);
}

TEST_CASE("an error after the first token repeated the prompt", "[bridge]") {
  model_server models([&](model_visitor& visitor, int) {
    visitor.say(events_head + said("half") +
                "data: {\"error\":{\"message\":\"cannot go on with: What is SECRET-PROMPT, tell me?\"}}\n\n");
    visitor.await_close();
  });
  desk one;
  one.ask(models);
  CHECK(one.until_complete("s").text == "half");
  CHECK(one.answers["s"].reason == make_error_code(errc::model_error).message());
  CHECK(one.everything.find("SECRET") == std::string::npos);
}

TEST_CASE("a refusal repeated the model server's token", "[bridge]") {
  const std::string echo = R"({"error":{"message":"no such key: sk-0123456789-SECRET-KEY"}})";
  model_server models([&](model_visitor& visitor, int) {
    visitor.say("HTTP/1.1 401 Unauthorized\r\nContent-Length: " + std::to_string(echo.size()) + "\r\n\r\n" + echo);
  });
  desk one;
  one.bridge->ask({models.url(), "{}", {}, "sk-0123456789-SECRET-KEY"}, "s");
  CHECK(one.until_complete("s").reason == "the model server answered 401");
  CHECK(one.everything.find("SECRET") == std::string::npos);
  one.bridge->ask({models.url(), "{}", {}, "such"}, "t");  // one that is short is no secret
  CHECK(one.until_complete("t").reason == "no such key: sk-0123456789-SECRET-KEY");
}

}  // namespace model_bridge_test
