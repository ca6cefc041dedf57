// An answer's life from the C++ call to the wire, with a client that listens.
#include <atomic>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "support/test_client.hpp"
#include "wirthforge_ws.hpp"

namespace answer_test {

using namespace wirthforge;
using nlohmann::json;
using test::running_server;
using test::ws_client;

namespace {

struct listening {
  running_server up;
  const std::uint16_t port = started(up);
  ws_client client{port};
  listening() { client.next_of("heartbeat"); }
  static std::uint16_t started(running_server& which) {
    which.start();
    return which.port();
  }
  server& its_server() { return up.server; }
  std::map<std::string, std::string> texts;  // by session, the text so far; a mark where it is complete
  /// The code and the reason directly before the end of an answer.
  std::string end_of(const std::string& session) {
    std::string before;
    for (;;) {
      const json event = json::parse(client.next().value());
      const json& payload = event["payload"];
      if (event["type"] == "error_event")
        before = payload["code"].get<std::string>() + " " + payload["details"].value("reason", "");
      if (event["type"] != "token_stream") continue;
      std::string& text = texts[payload["sessionId"]];
      for (const json& token : payload["tokens"]) text += token.get<std::string>() + "|";
      if (!payload["isComplete"]) continue;
      text += "!";
      if (payload["sessionId"] == session) return before;
    }
  }
};

}  // namespace

TEST_CASE("an exception between write and finish sent half a sentence as a whole one", "[integration][answer]") {
  listening on;
  try {
    auto answer = on.its_server().open_token_stream("s", "m");
    answer.write("half a sen");
    throw std::runtime_error("the model died");
  } catch (const std::runtime_error&) {}
  CHECK(on.end_of("s") == "ANSWER_FAILED an exception ended it");
  CHECK(on.texts["s"] == "half a sen|!");
}

TEST_CASE("a writer that is destroyed unfinished has failed, also during the unwinding of another exception",
          "[integration][answer]") {
  listening on;
  { auto answer = on.its_server().open_token_stream("a", "m"); }
  CHECK(on.end_of("a") == "ANSWER_FAILED its writer was destroyed before it was finished");
  struct opens_while_unwinding {
    server& to;
    ~opens_while_unwinding() { auto answer = to.open_token_stream("b", "m"); }
  };
  try {
    const opens_while_unwinding guard{on.its_server()};
    throw std::runtime_error("any");
  } catch (const std::runtime_error&) {}
  CHECK(on.end_of("b") == "ANSWER_FAILED its writer was destroyed before it was finished");
  auto answer = on.its_server().open_token_stream("c", "m");
  answer = on.its_server().open_token_stream("d", "m");
  CHECK(on.end_of("c") == "ANSWER_FAILED its writer was destroyed before it was finished");
  answer.fail("a reason with \xFF in it");
  answer.finish();  // it has ended
  CHECK(on.end_of("d") == "ANSWER_FAILED a reason with \xEF\xBF\xBD in it");
}

TEST_CASE("an answer is finished for one of three reasons", "[integration][answer]") {
  listening on;
  const std::pair<finish_reason, std::string> ends[] = {{finish_reason::stop, "ANSWER_DONE "},
                                                        {finish_reason::length, "ANSWER_LENGTH "},
                                                        {finish_reason::stopped, "ANSWER_STOPPED "}};
  for (const auto& each : ends) {
    auto answer = on.its_server().open_token_stream("s", "m");
    answer.write("word");
    answer.finish(each.first);
    CHECK(on.end_of("s") == each.second);
  }
}

TEST_CASE("two writers wrote into one answer", "[integration][answer][session]") {
  listening on;
  auto answer = on.its_server().open_token_stream("s", "m");
  std::error_code error;
  auto second = on.its_server().open_token_stream("s", "m", error);
  CHECK(error == errc::session_open);
  CHECK(error == condition::caller_fault);
  second.write("nowhere", error);
  CHECK(error == errc::token_stream_finished);
  CHECK_THROWS_AS(on.its_server().open_token_stream("s", "m"), std::system_error);
  answer.finish();
  auto next = on.its_server().open_token_stream("s", "m", error);  // a new answer
  CHECK_FALSE(error);
  auto of_side = on.its_server().open_token_stream("s:thinking", "m");
  CHECK_THROWS_AS(next.thinking(), std::system_error);
  of_side.finish();
  next.thinking().finish();
}

TEST_CASE("a model's thinking and its tool calls are answers that end before the main answer or with it",
          "[integration][answer][side]") {
  listening on;
  auto answer = on.its_server().open_token_stream("s", "m");
  auto thought = answer.thinking();
  thought.write("hm");
  std::error_code error;
  answer.thinking(error);
  CHECK(error == errc::session_open);
  auto first = answer.tool_call("search\xC3");  // ends inside a character
  first.write(R"({"q":1})");
  first.finish();
  CHECK(on.end_of("s:tool:1").find("ANSWER_DONE") == std::string::npos);
  CHECK(on.texts["s:tool:1"] == "search\xEF\xBF\xBD|{\"q\":1}|!");
  auto second = answer.tool_call("read");
  auto inner = second.thinking(error);  // of the whole
  CHECK(error == errc::session_open);
  answer.finish();
  CHECK(on.end_of("s") == "ANSWER_DONE ");
  CHECK(on.texts["s:thinking"] == "hm|!");
  CHECK(on.texts["s:tool:2"] == "read|!");
  for (auto* each : {&thought, &second}) {
    each->write("late", error);
    CHECK(error == errc::token_stream_finished);
    each->finish();
  }
  answer.thinking(error);
  CHECK(error == errc::token_stream_finished);
  answer.tool_call("x", error);
  CHECK(error == errc::token_stream_finished);
  answer.waiting(0.5, error);
  CHECK(error == errc::token_stream_finished);
  auto again = on.its_server().open_token_stream("s", "m");
  again.thinking().finish();
}

TEST_CASE("an answer that is opened says at once that its prompt is read", "[integration][answer][waiting]") {
  listening on;
  auto answer = on.its_server().open_token_stream("s", "m");
  const json waits = on.client.next_of("error_event");
  CHECK(waits["payload"]["code"] == "ANSWER_WAITING");
  CHECK(waits["payload"]["details"] == json({{"sessionId", "s"}, {"modelId", "m"}}));
  answer.waiting(7.0);
  CHECK(on.client.next_of("error_event")["payload"]["details"]["progress"] == 1.0);
  answer.usage(222);
  answer.write("all of them at once");
  answer.finish();
  CHECK(on.client.next_of("error_event")["payload"]["details"]["tokens"] == 222);
}

TEST_CASE("a writer may outlive its server, and its calls then do nothing", "[integration][answer]") {
  token_stream_writer none;
  CHECK_FALSE(none.stop_requested());
  CHECK(none.queued_bytes() == 0);
  none.usage(1);
  none.finish();
  none.fail("nothing");
  std::error_code error;
  none.thinking(error);
  CHECK(error == errc::token_stream_finished);
  token_stream_writer late;
  {
    server gone;
    late = gone.open_token_stream("s", "m");
    late.write("kept");
    CHECK(late.queued_bytes() == 4);
  }
  late.waiting({}, error);
  CHECK(error == errc::server_stopped);
  late.thinking(error);
  CHECK(error == errc::server_stopped);
  late.finish();
}

// The thread sanitizer finds the race.
TEST_CASE("a writer that one thread ended while another wrote to it was a data race", "[integration][answer][threads]") {
  listening on;
  for (int round = 0; round < 20; ++round) {
    const std::string session = "s" + std::to_string(round);
    auto answer = on.its_server().open_token_stream(session, "m");
    std::atomic<bool> has_written{false};
    std::error_code error;
    std::thread model([&] {
      while (!error) {
        answer.write("word ", error);
        has_written = true;
      }
    });
    std::thread other([&] {
      while (!has_written) std::this_thread::yield();
      answer.fail("the other thread");
    });
    while (!has_written) std::this_thread::yield();
    answer.finish(finish_reason::stopped);
    model.join();
    other.join();
    CHECK(error == errc::token_stream_finished);
    const std::string end = on.end_of(session);
    CHECK((end == "ANSWER_STOPPED " || end == "ANSWER_FAILED the other thread"));
    CHECK(on.texts[session].find('!') == on.texts[session].size() - 1);
  }
}

}  // namespace answer_test
