// A bounded number of bytes a beat, in order, however much comes at once; and sentences that repeat the request.
#include <string>
#include <system_error>
#include <vector>

#include "catch.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_signal_queue_test {

using namespace wirthforge;
using model::beat_allowance;
using model::signal_queue;
using kind = model_signal::kind;

namespace {

struct listener {
  explicit listener(std::size_t bytes_per_beat)
      : queue(
            [this](const model_signal& signal) {
              if (signal.what == kind::text) pieces.emplace_back(signal.text);
              got.take(signal);
            },
            bytes_per_beat) {}

  void say(kind what, const std::string& text, std::size_t call = 0, const std::string& name = {}) {
    model_signal signal;
    signal.what = what;
    signal.text = text;
    signal.call = call;
    signal.name = name;
    queue.take(signal, now);
  }
  void beat() {
    now += beat_allowance::beat;
    queue.go_on(now);
  }

  steady_time now = steady_time() + seconds(100);
  model_tests::heard got;
  std::vector<std::string> pieces;
  signal_queue queue;
};

}  // namespace

TEST_CASE("signals within a beat's allowance are handed on at once, the rest with the next beats", "[model][queue]") {
  listener one(10);
  one.say(kind::text, "12345");
  CHECK(one.got.text == "12345");
  CHECK(one.queue.has_room(one.now));
  one.say(kind::text, "67890abcdefghijklmnop");
  CHECK(one.got.text == "1234567890");
  CHECK_FALSE(one.queue.has_room(one.now));
  one.queue.go_on(one.now);
  CHECK(one.got.text == "1234567890");
  one.say(kind::finished, "stop");
  one.beat();
  CHECK(one.got.text == "1234567890abcdefghij");
  CHECK(one.got.ends == 0);
  CHECK_FALSE(one.queue.is_over());
  one.beat();
  CHECK(one.got.summary() == "text[1234567890abcdefghijklmnop] thinking[] finished stop (stop)");
  CHECK(one.queue.is_over());
  one.say(kind::text, "after its end");
  one.queue.cut(make_error_code(errc::server_stopped));
  CHECK(one.got.ends == 1);
  CHECK(one.got.after_end == 0);
}

TEST_CASE("waiting signals keep their order, and text that waits is joined to one piece", "[model][queue]") {
  listener one(4);
  one.say(kind::thinking, "hmm, ");
  for (const char* each : {"a", "b", "c"}) one.say(kind::text, each);
  one.say(kind::tool_call, "{\"x\"", 0, "first");
  one.say(kind::tool_call, ":1}", 0);
  one.say(kind::tool_call, "{}", 1, "second");
  one.say(kind::failed, "gone");
  CHECK(one.got.thinking == "hmm,");
  for (int count = 0; count < 8; ++count) one.beat();
  CHECK(one.pieces == std::vector<std::string>{"abc"});
  CHECK(one.got.summary() == "text[abc] thinking[hmm, ] call[|first|{\"x\":1}] call[|second|{}] failed Success (gone)");
}

TEST_CASE("a model server that thought and spoke by turns made as many answers a beat as it liked", "[model][queue]") {
  constexpr std::size_t most = 8;
  listener one(most * signal_queue::bytes_of_change);
  std::size_t told = 0;
  for (int count = 0; count < 1000; ++count) {
    one.say(kind::thinking, "a");
    one.say(kind::text, "b");
    one.say(kind::tool_call, "c", 0);
    one.say(kind::tool_call, "d", 1);
  }
  const auto passed_on = [&] {
    return one.got.thinking.size() + one.got.text.size() + one.got.calls[0].arguments.size() +
           one.got.calls[1].arguments.size();
  };
  for (int beat = 0; beat < 10; ++beat) {
    CHECK(passed_on() - told <= most + 1);
    told = passed_on();
    one.beat();
  }
  for (std::size_t count = 0; count < 4000 / (most - 1); ++count) one.beat();
  CHECK(passed_on() == 4000);
}

TEST_CASE("a model server that loaded and spoke by turns made its model ready as often as it liked", "[model][queue]") {
  constexpr std::size_t most = 8;
  listener one(most * signal_queue::bytes_of_change);
  for (int count = 0; count < 100; ++count) {
    one.say(kind::progress, "");
    one.say(kind::text, "a");
  }
  for (std::size_t beat = 1; beat < 10; ++beat) {
    CHECK(one.got.text.size() <= beat * most);
    one.beat();
  }
  for (int beat = 0; beat < 100; ++beat) one.beat();
  CHECK(one.got.text.size() == 100);
  CHECK(one.got.progress.size() == 100);
}

TEST_CASE("text is cut between characters, and a beat hands on at least one", "[model][queue]") {
  const std::string text = "a\xE5\xA4\xA9\xF0\x9F\x94\xA5\xC3\xBC z";
  for (std::size_t room = 1; room < 8; ++room) {
    listener one(room);
    one.say(kind::text, text);
    for (std::size_t count = 0; count < text.size(); ++count) one.beat();
    CHECK(one.got.text == text);
    CHECK(one.got.is_utf8);
    for (const std::string& each : one.pieces) CHECK(text::is_utf8(each));
  }
}

TEST_CASE("one hostile line of a model server made a bridge hold sixteen times its bytes", "[model][queue][limits]") {
  // The shortest text for a piece: each changes from thinking to the answer and back. Longer pieces take less for each byte of the line.
  for (const std::size_t length : {1U, 15U, 16U, 100U}) {
    const std::string piece = R"({"delta":{"reasoning":")" + std::string(length, 'a') + R"(","content":")" +
                              std::string(length, 'b') + "\"}}";
    std::string line = R"({"choices":[)" + piece;
    while (line.size() < 200'000) line += "," + piece;
    line += "]}\n";
    std::string got;
    signal_queue queue([&got](const model_signal& signal) { got += signal.text; }, 16);
    const steady_time begin = steady_time() + seconds(100);
    model_stream reader([&](const model_signal& signal) { queue.take(signal, begin); });
    reader.feed(line);
    REQUIRE_FALSE(queue.is_empty());
    INFO(length << ": " << queue.bytes_waiting() << " of " << line.size());
    CHECK(queue.bytes_waiting() < 3 * line.size());
    steady_time now = begin;
    while (!queue.is_empty()) queue.go_on(now += beat_allowance::beat);
    CHECK(got.size() == 2 * length * ((line.size() - 14) / (piece.size() + 1)));
    for (std::size_t at = 0; at < got.size(); ++at) REQUIRE(got[at] == ((at / length) % 2 == 0 ? 'a' : 'b'));
    CHECK(queue.bytes_waiting() == 0);
  }
}

TEST_CASE("cancelling an answer gives its reason at once, and drops the waiting signals", "[model][queue]") {
  listener one(4);
  one.say(kind::text, "0123456789");
  one.queue.cut(std::make_error_code(std::errc::operation_canceled));
  CHECK(one.got.text == "0123");
  CHECK(one.got.error == std::make_error_code(std::errc::operation_canceled));
  one.beat();
  one.queue.cut(make_error_code(errc::server_stopped));
  CHECK(one.got.text == "0123");
  CHECK(one.got.ends == 1);
}

TEST_CASE("a beat's allowance is full again after a pause of any length, and never more than full", "[model][queue]") {
  const steady_time begin = steady_time() + seconds(100);
  beat_allowance bytes(100);
  CHECK(bytes.left(begin) == 100);
  bytes.use(60);
  CHECK(bytes.left(begin + beat_allowance::beat - nanoseconds(1)) == 40);
  bytes.use(1000);
  CHECK(bytes.left(begin) == 0);
  CHECK(bytes.next() == begin + beat_allowance::beat);
  CHECK(bytes.left(bytes.next()) == 100);
  CHECK(bytes.left(begin + seconds(1000)) == 100);
}

TEST_CASE("a sentence that repeats the request is recognized, however either is escaped", "[model][echo]") {
  const std::string body = R"({"model":"qwen2.5-coder:7b-instruct-q4_K_M","messages":[{"role":"user",)"
                           R"("content":"My secret is \u5929\u7a7a \ud83d\udd25 and \"quoted\"\nlines."}]})";
  using model::repeats_request;
  CHECK(repeats_request("cannot read: My secret is \xE5\xA4\xA9\xE7\xA9\xBA \xF0\x9F\x94\xA5", body));
  CHECK(repeats_request("bad input: and \"quoted\" lines.\"}]", body));
  CHECK(repeats_request(std::string(900, 'x') + "content\":\"My secret is " + std::string(50, 'y'), body));
  CHECK_FALSE(repeats_request("model 'qwen2.5-coder:7b-instruct-q4_K_M' not found", body));
  CHECK_FALSE(repeats_request("the request exceeds the available context size", body));
  CHECK_FALSE(repeats_request("", body));
  CHECK_FALSE(repeats_request("the request exceeds the available context size", ""));
  CHECK(repeats_request("no JSON: my secret prompt of text", "my secret prompt of text \\"));
  // Any 23 bytes in a row hold a whole block.
  const std::string text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t at = 0; at + 23 <= text.size(); ++at) CHECK(repeats_request("<" + text.substr(at, 23) + ">", text));
}

}  // namespace model_signal_queue_test
