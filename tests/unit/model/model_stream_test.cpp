// A model_stream with servers that are slow, wrong, hostile or gone: one correct end, bounded memory, no exception.
#include <cstddef>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/model_bodies.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_stream_test {

using namespace wirthforge;
using namespace model_tests;

namespace {

heard hear_all(const std::string& body, const model_stream_options& options = {}) {
  return hear(body, body.size(), 1, true, options);
}
heard answered(int status, const std::string& body, std::string_view type = {}) {
  const heard whole = hear(body, body.size(), 1, true, {}, status, type);
  CHECK(hear(body, 1, 1, true, {}, status, type).summary() == whole.summary());
  return whole;
}
const std::string hi = delta(R"("content":"Hi")");

}  // namespace

TEST_CASE("a stream without its own end has failed, however well the connection ended", "[model]") {
  CHECK(end_of(each_way(hi)) == failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way(hi, false)) == failed(errc::body_cut_off));
  CHECK(end_of(each_way("")) == failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way("\r\n \n")) == failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way(": keep-alive\n\n")) == failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way(line(R"("response":"Hi","done":false)"))) == failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way(line(R"("response":"Hi","done":false)") + R"({"response":"there","do)")) ==
        failed(errc::model_stream_unfinished));
  CHECK(end_of(each_way(hi + "data: {\"choices\":[{\"delta\":{\"content\":\"th")) == failed(errc::model_stream_unfinished));
}

TEST_CASE("a stream with a reason for its end has finished, with or without a last sign or a clean connection", "[model]") {
  CHECK(each_way(hi + delta("", "\"length\"")).end == "finished length");
  CHECK(each_way(hi + delta("", "\"length\""), false).end == "finished length");
  CHECK(each_way(hi + done, false).end == "finished stop");
  CHECK(each_way(hi + "data: [DONE]", false).end == "finished stop");
}

TEST_CASE("data after the end is ignored", "[model]") {
  CHECK(each_way(hi + done + hi + "data: {\"error\":\"late\"}\n\n").summary() == "text[Hi] thinking[] finished stop ([DONE])");
  heard got;
  model_stream stream([&got](const model_signal& signal) { got.take(signal); });
  CHECK(stream.feed(hi));
  CHECK_FALSE(stream.feed(done));
  CHECK_FALSE(stream.feed(hi));
  stream.end(true);
  stream.fail(errc::server_stopped);
  CHECK(stream.is_over());
  CHECK(got.ends == 1);
}

TEST_CASE("half a character at the end becomes U+FFFD", "[model][utf8]") {
  CHECK(each_way(line("\"response\":\"a\xE2\x82\",\"done\":false") + line("\"response\":\"\xAC\",\"done\":true")).text ==
        "a\xE2\x82\xAC");
  CHECK(each_way(line("\"response\":\"a\xE2\x82\",\"done\":true")).text == "a\xEF\xBF\xBD");
  CHECK(each_way(line("\"response\":\"a\\ud83d\",\"done\":false")).text == "a\xEF\xBF\xBD");
  CHECK(each_way(line(R"("response":"a\ud83d","done":false)") + line(R"("response":"\udd25","done":true)")).text ==
        "a\xF0\x9F\x94\xA5");
  CHECK(each_way(line("\"response\":\"\",\"thinking\":\"\xE2\x82\",\"done\":false") + line(R"("response":"b","done":true)"))
            .thinking == "\xEF\xBF\xBD");
}

TEST_CASE("a refusal fails the answer with the server's words and the status", "[model]") {
  CHECK(answered(404, "{\"error\":\"model 'x' not found\"}").summary() ==
        "text[] thinking[] " + failed(errc::model_status, "model 'x' not found") + " 404");
  CHECK(end_of(answered(400, R"({"error":{"code":400,"message":"bad prompt","type":"invalid_request_error"}})")) ==
        failed(errc::model_status, "bad prompt"));
  CHECK(end_of(answered(400, R"({"object":"error","message":"too long","type":"BadRequestError","code":400})")) ==
        failed(errc::model_status, "too long"));
  CHECK(end_of(answered(422, "{\n \"detail\": [{\"msg\": \"field required\"}]\n}\n")) ==
        failed(errc::model_status, "[{\"msg\": \"field required\"}]"));
  CHECK(end_of(answered(500, R"({"error":{"code":7}})")) == failed(errc::model_status, "{\"code\":7}"));
  CHECK(end_of(answered(404, "404 page not found\n")) == failed(errc::model_status, "404 page not found"));
  CHECK(end_of(answered(502, "<html><h1>Bad Gateway</h1></html>", "text/html")) ==
        failed(errc::model_status, "the model server answered 502"));
  CHECK(end_of(answered(301, "")) == failed(errc::model_status, "the model server answered 301"));
  CHECK(end_of(answered(503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})")) ==
        failed(errc::model_loading, "Loading model"));
  CHECK(end_of(answered(503, R"({"error":"busy"})")) == failed(errc::model_status, "busy"));
  const heard long_words = answered(500, "{\"error\":\"" + std::string(5000, 'x') + "\\u0007\n\"}");
  CHECK(long_words.words.size() == 1000);
  CHECK(long_words.words.substr(997) == "...");
  CHECK(answered(500, std::string(400, '\xFF')).words.size() <= 1000);
  CHECK(answered(500,
                 "a\x01\n\x7F"
                 "b")
            .words == "a   b");
}

TEST_CASE("a response in no known format fails, and says how it begins", "[model]") {
  const std::string unknown = make_error_code(errc::model_stream_unknown).message();
  for (const char* body : {"<html>Hello</html>", "Hello, world", "[{\"a\":1}]", "{ not json"}) {
    INFO(body);
    CHECK(end_of(each_way(body)) == failed(errc::model_stream_unknown, unknown + ": it begins with: " + body));
  }
  CHECK(end_of(each_way("\xEF\xBB\xBF \r\n Hello,\r\nworld")) ==
        failed(errc::model_stream_unknown, unknown + ": it begins with: Hello,"));
  CHECK(end_of(each_way("{\"status\":\"ok\"}")) ==
        failed(errc::model_stream_unknown, unknown + ": it begins with: {\"status\":\"ok\"}"));
  CHECK(hear_all(std::string(100000, '[')).error == errc::model_stream_unknown);
  CHECK(hear_all("data:" + std::string(100000, ' ')).error == errc::model_stream_unknown);
  CHECK(hear("foo: bar\n\n" + hi + done, 1, 1, true, {}, 200, "text/event-stream; charset=utf-8").text == "Hi");
}

TEST_CASE("events by their Content-Type were text where white space filled the first bytes", "[model]") {
  const std::string late = "data:" + std::string(300, ' ') + hi.substr(5) + done;
  CHECK(hear(late, 100, 100, true, {}, 200, "text/event-stream").summary() == "text[Hi] thinking[] finished stop ([DONE])");
}

TEST_CASE("white space before the answer may be of any length", "[model]") {
  CHECK(hear(std::string(5000, '\n') + line(R"("response":"Hi","done":true)"), 100, 100).text == "Hi");
  CHECK(each_way("\tdata: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n" + done).text == "Hi");
  CHECK(each_way("\xEF\xBB\xBF\r\n " + line(R"("response":"Hi","done":true)")).text == "Hi");
}

TEST_CASE("a line that is no JSON fails the answer, after the text so far", "[model]") {
  for (const std::string& body : {hi + "data: {\"choices\":[}\n\n" + done, hi + "data: nonsense\n\n" + done}) {
    const heard got = each_way(body);
    CHECK(got.text == "Hi");
    CHECK(got.error == errc::json_malformed);
  }
  const heard got = each_way(line(R"("response":"Hi","done":false)") + "{\"response\"\n" +
                             line(R"("response":"","done":true)"));
  CHECK(got.text == "Hi");
  CHECK(got.error == errc::json_malformed);
  CHECK(each_way("{\"a\n{\"b\"\n").error == errc::json_malformed);
}

TEST_CASE("each limit of a stream has its error, and is reached before it is passed", "[model]") {
  model_stream_options options;
  const std::string only = R"({"response":"Hi","done":true})";
  options.max_line_bytes = only.size();
  CHECK(hear_all(only + "\n", options).text == "Hi");
  CHECK(hear_all(only, options).text == "Hi");
  --options.max_line_bytes;
  CHECK(hear_all(only + "\n", options).error == errc::line_too_long);
  CHECK(hear_all(only, options).words == make_error_code(errc::line_too_long).message() + ": limit 28 bytes");
  options.max_line_bytes = 100;
  CHECK(hear_all("{\n\"" + std::string(40, ' ') + "\":1,\n" + std::string(20, ' ') + "\"a\":\n" + std::string(40, '1') + "}",
                 options)
            .error == errc::line_too_long);
  CHECK(hear_all("data: {\"a\":\n" + std::string("data: 1,\n") + std::string(300, ' ') + "\n\n", options).error ==
        errc::line_too_long);
  std::string many_lines = "data: {\"a\":[1\n";
  for (int count = 0; count < 20; ++count) many_lines += "data: ,11111\n";
  CHECK(hear_all(many_lines, options).error == errc::event_too_large);

  options = {};
  options.max_body_bytes = hi.size() + done.size();
  CHECK(hear_all(hi + done, options).end == "finished stop");
  --options.max_body_bytes;
  CHECK(hear_all(hi + done, options).error == errc::body_too_large);

  const std::string deep(200, '[');
  CHECK(hear_all("data: {\"choices\":" + deep + "\n\n").error == errc::json_too_deep);
  CHECK(hear_all("{\"done\":" + deep + std::string(200, ']') + "}\n").error == errc::json_too_deep);

  const auto named = [](std::size_t size) {
    return hear_all(delta("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"" + std::string(size, 'n') + "\"}}]") + done);
  };
  CHECK(named(1000).calls.at(0).name.size() == 1000);
  CHECK(named(1001).error == errc::tool_name_too_long);  // it would pass by the limit of text in a beat
  CHECK(named(1001).calls.empty());

  std::string calls;
  for (int index = 0; index < 129; ++index) {
    calls += delta("\"tool_calls\":[{\"index\":" + std::to_string(index) +
                   ",\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]");
  }
  const heard got = hear_all(calls + done);
  CHECK(got.calls.size() == 128);
  CHECK(got.error == errc::too_many_tool_calls);
}

TEST_CASE("numbers out of range are not taken as figures", "[model]") {
  const heard got = each_way(
      delta(R"("content":"a")", "\"stop\"") +
      chunk("[]",
            R"(,"usage":{"prompt_tokens":-1,"completion_tokens":"7","x":1},"timings":{"prompt_ms":-5,"predicted_ms":1e300})") +
      done);
  REQUIRE(got.usage);
  CHECK_FALSE(got.usage->prompt_tokens);
  CHECK_FALSE(got.usage->answer_tokens);
  CHECK_FALSE(got.usage->prompt_time);
  CHECK_FALSE(got.usage->answer_time);
  CHECK(each_way(event("chat.start", "") + event("model_load.progress", R"("progress":7)") +
                 event("model_load.progress", R"("progress":-1)") + event("model_load.progress", R"("progress":"x")"))
            .progress == std::vector<std::string>{"loading 1.00", "loading 0.00", "loading ?"});
}

TEST_CASE("members of an unknown type are ignored", "[model]") {
  CHECK(each_way(chunk("{}") + chunk("[1,\"x\",null,[]]") +
                 chunk(R"([{"index":"0","delta":[],"message":7,"finish_reason":9}])") + hi + done)
            .summary() == "text[Hi] thinking[] finished stop ([DONE])");
  CHECK(each_way(line(R"("message":"x","response":7,"done":false)") +
                 line(R"("message":{"content":[],"tool_calls":{}},"done":true)"))
            .end == "finished stop");
  CHECK(each_way(event("response.created", R"("response":7,"item":[],"delta":{})") +
                 event("response.completed", R"("response":null)"))
            .end == "finished stop");
  CHECK(each_way(event("chat.start", R"("content":1)") + event("tool_call.arguments", R"("arguments":"{}")") +
                 event("chat.end", R"("result":{"output":7,"stats":[]})"))
            .end == "finished stop");
}

TEST_CASE("a listener that throws is not called again", "[model]") {
  int heard_count = 0;
  model_stream stream([&heard_count](const model_signal&) {
    if (++heard_count == 2) throw std::runtime_error("the listener's own");
  });
  CHECK_THROWS_AS(stream.feed(hi + hi + hi), std::runtime_error);
  CHECK(stream.is_over());
  CHECK_FALSE(stream.feed(hi));
  stream.end(true);
  CHECK(heard_count == 2);
}

TEST_CASE("a listener that calls back into its stream changes nothing", "[model]") {
  heard got;
  model_stream* own = nullptr;
  model_stream stream([&](const model_signal& signal) {
    got.take(signal);
    own->feed(hi);
    own->end(true);
  });
  own = &stream;
  stream.feed(hi + done);
  CHECK(got.summary() == "text[Hi] thinking[] finished stop ([DONE])");
}

TEST_CASE("a listener that ends the stream is told that it failed, and nothing in between", "[model]") {
  heard got;
  model_stream* own = nullptr;
  model_stream stream([&](const model_signal& signal) {
    got.take(signal);
    own->fail(errc::server_stopped);
    own->fail(errc::queue_full);
  });
  own = &stream;
  CHECK_FALSE(stream.feed(hi + hi + done));
  CHECK(got.summary() == "text[Hi] thinking[] " + failed(errc::server_stopped));
}

TEST_CASE("a stream that moves goes on where it was", "[model]") {
  heard got;
  model_stream first([&got](const model_signal& signal) { got.take(signal); });
  first.feed(hi.substr(0, 30));
  model_stream second(std::move(first));
  second.feed(hi.substr(30) + done);
  CHECK(got.end == "finished stop");
  model_stream third([](const model_signal&) {});
  third = std::move(second);
  CHECK(third.is_over());
  CHECK(third.dialect() == model_dialect::openai_chat);
}

TEST_CASE("the transport's own reason fails the answer", "[model]") {
  heard got;
  model_stream stream([&got](const model_signal& signal) { got.take(signal); });
  stream.feed(hi);
  stream.fail(errc::idle_timeout);
  CHECK(got.text == "Hi");
  CHECK(end_of(got) == failed(errc::idle_timeout));
}

TEST_CASE("streams of random damage have one end, and valid text", "[model]") {
  std::mt19937 random(18);
  const std::string whole = delta(R"("role":"assistant","content":"a\ud83d\udd25")") +
                            delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
                            event("response.output_text.delta", R"("delta":"x")") + line(R"("response":"Hi","done":false)") +
                            delta("", "\"stop\"") + done;
  for (int round = 0; round < 4000; ++round) {
    std::string body = whole.substr(random() % 3 == 0 ? random() % whole.size() : 0);
    for (auto count = random() % 4; count > 0; --count) body[random() % body.size()] = static_cast<char>(random());
    const std::string summary = hear(body, body.size(), 1).summary();
    INFO(body);
    REQUIRE(summary.find(" AND ") == std::string::npos);
    REQUIRE(hear(body, 1 + random() % body.size(), 1 + random() % body.size()).summary() == summary);
  }
}

}  // namespace model_stream_test
