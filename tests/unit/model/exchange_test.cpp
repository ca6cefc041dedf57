// One question to a model server without a socket: the request, the answer, and each timeout.
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "catch.hpp"
#include "support/model_bodies.hpp"
#include "support/model_heard.hpp"
#include "wirthforge_ws.hpp"

namespace model_exchange_test {

using namespace wirthforge;
using namespace model_tests;
using model::exchange;
using model::exchange_options;
using model::exchange_request;
using model::model_url;

namespace {

model_url url(const std::string& text) {
  model_url result;
  REQUIRE_FALSE(model::parse_model_url(text, result));
  return result;
}

struct desk {
  explicit desk(const exchange_options& options = {}, const std::string& body = "{\"prompt\":\"secret\"}")
      : talk(
            {url("http://127.0.0.1:11434/api/chat"), body, ""}, [this](const model_signal& signal) { hear(signal); }, options,
            now) {}

  void hear(const model_signal& signal) {
    got.take(signal);
    if (cancels_at_text && signal.what == model_signal::kind::text) talk.cancel();
  }
  void ask() {
    talk.connected(now);
    talk.sent(talk.output().size(), now);
  }
  void wait(nanoseconds time) {
    now += time;
    talk.expire(now);
  }

  steady_time now{};
  heard got;
  bool cancels_at_text = false;
  exchange talk;
};

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const std::string hi = delta(R"("content":"Hi")");
const auto instantly = nanoseconds(1);

}  // namespace

TEST_CASE("a question is one request that closes its connection, and its body is freed once it is sent", "[model][exchange]") {
  desk one;
  CHECK(one.talk.output().empty());
  one.talk.connected(one.now);
  CHECK(
      one.talk.output() ==
      "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1:11434\r\nAccept: text/event-stream, application/x-ndjson, application/json\r\n"
      "Accept-Encoding: identity\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n"
      "{\"prompt\":\"secret\"}");
  const std::size_t all = one.talk.output().size();
  one.talk.sent(all - 7, one.now);
  CHECK(one.talk.output() == "ecret\"}");
  CHECK(one.talk.current() == exchange::state::sending);
  one.talk.sent(7, one.now);
  CHECK(one.talk.output().empty());
  CHECK(one.talk.current() == exchange::state::waiting);
}

TEST_CASE("a question without a body is a GET, and a token goes into its field", "[model][exchange]") {
  const auto asked = [](const std::string& token) {
    exchange talk({url("http://localhost/health?a=b"), "", token}, [](const model_signal&) {}, {}, {});
    talk.connected({});
    return std::string(talk.output());
  };
  CHECK(asked("").substr(0, 51) == "GET /health?a=b HTTP/1.1\r\nHost: localhost\r\nAccept: ");
  CHECK(asked("").find("Content-") == std::string::npos);
  CHECK(asked("key").find("\r\nAuthorization: Bearer key\r\n") != std::string::npos);
  CHECK(asked("key\r\nX: y").find("key") == std::string::npos);
}

TEST_CASE("an answer that ends by itself ends the exchange, and the socket is closed", "[model][exchange]") {
  desk one;
  one.ask();
  one.talk.received(head + hi, one.now);
  CHECK(one.talk.current() == exchange::state::answering);
  CHECK(one.talk.status() == 200);
  CHECK(one.talk.dialect() == model_dialect::openai_chat);
  one.talk.received(done + hi, one.now);
  CHECK(one.talk.is_over());
  CHECK_FALSE(one.talk.deadline());
  CHECK_FALSE(one.talk.wants_input());
  one.talk.received(hi, one.now);
  one.talk.end_of_stream();
  one.talk.cancel();
  CHECK(one.got.summary() == "text[Hi] thinking[] finished stop ([DONE])");
}

TEST_CASE("an answer that is cut off has failed, and one with a reason for its end has not", "[model][exchange]") {
  const auto answered = [](const std::string& bytes, std::error_code error) {
    desk one;
    one.ask();
    one.talk.received(bytes, one.now);
    one.talk.end_of_stream(error);
    CHECK(one.talk.is_over());
    return end_of(one.got);
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto reset = std::make_error_code(std::errc::connection_reset);
  CHECK(answered(head + hi, {}) == failed(errc::model_stream_unfinished));
  CHECK(answered(head + hi, reset) == failed(errc::body_cut_off));
  CHECK(answered(head + delta("", "\"stop\""), reset) == "finished stop (stop)");
  CHECK(answered(chunked + "5\r\ndata:", {}) == failed(errc::body_cut_off));
  CHECK(answered("HTTP/1.1 200 OK\r\n", {}) == failed(errc::body_cut_off));
  CHECK(answered("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nnot here", reset) ==
        failed(errc::model_status, "not here"));
  CHECK(answered("SSH-2.0-OpenSSH_9.2\r\n", {}) == failed(errc::head_malformed));
  CHECK(answered(chunked + "x", {}) == failed(errc::chunk_malformed));
}

TEST_CASE("each timeout of a model server has its error", "[model][exchange]") {
  exchange_options options;
  options.connect_timeout = seconds(5);
  options.first_byte_timeout = seconds(60);
  options.silence_timeout = seconds(10);
  desk slow_to_connect(options);
  slow_to_connect.wait(seconds(5) - instantly);
  CHECK_FALSE(slow_to_connect.talk.is_over());
  slow_to_connect.wait(instantly);
  CHECK(end_of(slow_to_connect.got) == failed(errc::model_connect_timeout));

  desk slow_to_begin(options);
  slow_to_begin.ask();
  slow_to_begin.wait(seconds(60) - instantly);
  CHECK_FALSE(slow_to_begin.talk.is_over());
  slow_to_begin.wait(instantly);
  CHECK(end_of(slow_to_begin.got) == failed(errc::model_first_byte_timeout));

  desk takes_no_question(options);
  takes_no_question.talk.connected(takes_no_question.now);
  takes_no_question.talk.sent(10, takes_no_question.now);
  takes_no_question.wait(seconds(60));
  CHECK(end_of(takes_no_question.got) == failed(errc::model_first_byte_timeout));

  desk silent(options);
  silent.ask();
  silent.talk.received(head + hi, silent.now);
  silent.wait(seconds(10) - instantly);
  silent.talk.received(": still there\n\n", silent.now);
  silent.wait(seconds(10) - instantly);
  CHECK_FALSE(silent.talk.is_over());
  silent.wait(instantly);
  CHECK(silent.got.text == "Hi");
  CHECK(end_of(silent.got) == failed(errc::model_silence_timeout));

  desk said_end(options);
  said_end.ask();
  said_end.talk.received(head + hi + delta("", "\"length\""), said_end.now);
  said_end.wait(seconds(10));
  CHECK(end_of(said_end.got) == "finished length (length)");
}

TEST_CASE("an exchange that does not read has no timeout for silence", "[model][exchange]") {
  exchange_options options;
  options.silence_timeout = seconds(10);
  desk one(options);
  one.ask();
  one.talk.received(head + hi, one.now);
  one.talk.pause();
  CHECK_FALSE(one.talk.wants_input());
  CHECK_FALSE(one.talk.deadline());
  one.wait(std::chrono::hours(1));
  one.talk.resume(one.now);
  CHECK(one.talk.wants_input());
  CHECK(*one.talk.deadline() == one.now + seconds(10));
  one.talk.received(done, one.now);
  CHECK(one.got.end == "finished stop");
}

TEST_CASE("after a cancel the only signal is that the answer is cancelled", "[model][exchange]") {
  const std::error_code canceled = std::make_error_code(std::errc::operation_canceled);
  desk outside;
  outside.ask();
  outside.talk.received(head + hi, outside.now);
  outside.talk.cancel();
  CHECK(outside.talk.is_over());
  CHECK(outside.got.error == canceled);
  CHECK(outside.got.ends == 1);

  desk inside;
  inside.cancels_at_text = true;
  inside.ask();
  inside.talk.received(head + hi + hi + done, inside.now);
  CHECK(inside.talk.is_over());
  CHECK(inside.got.text == "Hi");
  CHECK(inside.got.error == canceled);
  CHECK(inside.got.ends == 1);

  desk before;
  before.talk.cancel();
  CHECK(before.talk.is_over());
  CHECK(before.got.error == canceled);
}

TEST_CASE("a connection that is refused fails the answer with the system's reason", "[model][exchange]") {
  desk one;
  one.talk.connect_failed(std::make_error_code(std::errc::connection_refused));
  CHECK(one.talk.is_over());
  CHECK(one.got.error == std::make_error_code(std::errc::connection_refused));
}

TEST_CASE("a refusal may come before the question is sent", "[model][exchange]") {
  desk one({}, std::string(100000, 'x'));
  one.talk.connected(one.now);
  one.talk.sent(1000, one.now);
  one.talk.received("HTTP/1.1 413 Content Too Large\r\nContent-Length: 21\r\n\r\n{\"error\":\"too large\"}", one.now);
  CHECK(one.talk.is_over());
  CHECK(one.talk.output().empty());
  CHECK(end_of(one.got) == failed(errc::model_status, "too large"));
}

TEST_CASE("a model server's URL is on this machine, plain, and whole", "[model][url]") {
  CHECK(url("http://127.0.0.1:8080/completion").target == "/completion");
  CHECK(url("http://127.0.0.1:8080/completion").host == "127.0.0.1:8080");
  CHECK(url("http://127.0.0.1").host == "127.0.0.1");
  CHECK(url("http://127.0.0.1").target == "/");
  CHECK(url("HTTP://LOCALHOST:80?a=b").target == "/?a=b");
  CHECK(url("http://localhost:1234/api/v1/chat").where == model_url::address::both);
  CHECK(url("http://[::1]:65535/v1").where == model_url::address::v6);
  CHECK(url("http://[::1]:65535/v1").port == 65535);
  for (const char* bad : {"",
                          "http://",
                          "https://127.0.0.1/",
                          "127.0.0.1:8080",
                          "http://127.0.0.2/",
                          "http://0.0.0.0/",
                          "http://example.com/",
                          "http://127.0.0.1.example.com/",
                          "http://localhost.example.com/",
                          "http://user@127.0.0.1/",
                          "http://127.0.0.1@evil/",
                          "http://127.0.0.1:/",
                          "http://127.0.0.1:0/",
                          "http://127.0.0.1:65536/",
                          "http://127.0.0.1:8080x/",
                          "http://127.0.0.1:+80/",
                          "http://127.0.0.1/a b",
                          "http://127.0.0.1/a\r\nX: y",
                          "http://127.0.0.1/#a",
                          "http://127.0.0.1/\xC3\xA9",
                          "http://[::]/",
                          "http://[::1/",
                          "http://[::2]/",
                          "http://127.1/",
                          "http://2130706433/",
                          "http://localhost\\@evil/"}) {
    INFO(bad);
    model_url result;
    CHECK(model::parse_model_url(bad, result) == errc::model_url_malformed);
  }
  model_url result;
  CHECK(model::parse_model_url("http://127.0.0.1/" + std::string(2031, 'a'), result) == std::error_code());
  CHECK(model::parse_model_url("http://127.0.0.1/" + std::string(2032, 'a'), result) == errc::model_url_malformed);
  CHECK(make_error_code(errc::model_url_malformed) == condition::caller_fault);
}

}  // namespace model_exchange_test
