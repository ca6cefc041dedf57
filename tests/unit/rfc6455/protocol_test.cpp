// The protocol state machine against RFC 6455 sections 5 to 7, without a socket.
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace protocol_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;
using kind = input::kind;

namespace {

constexpr mask_key test_key{0x37, 0xfa, 0x21, 0x3d};  // of RFC 6455 section 5.7

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int each : values) result += static_cast<char>(each);
  return result;
}
std::string frame(opcode code, std::string_view payload, bool is_final = true, bool is_masked = true) {
  std::string out;
  append_frame(out, code, payload, is_masked ? &test_key : nullptr, is_final);
  return out;
}
std::string close_payload(int code, std::string_view reason = {}) {
  return bytes({code >> 8, code & 0xff}) + std::string(reason);
}

// The results of a server-role protocol for a stream of bytes, as text: one line an input, then its output.
std::string told(protocol& subject, std::string stream, const std::vector<std::size_t>& cuts) {
  std::string story;
  std::size_t from = 0;
  for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
    const std::size_t to = piece < cuts.size() ? cuts[piece] : stream.size();
    char* first = &stream[0] + from;
    char* const last = &stream[0] + to;
    for (;;) {
      const input got = subject.receive(first, last);
      if (got.what == kind::need_more) break;
      const char* names[] = {"", "text", "binary", "ping", "pong", "close", "failed"};
      story += std::string(names[static_cast<int>(got.what)]) + " [" + std::string(got.payload) + "]";
      if (got.what == kind::close || got.what == kind::failed) story += " " + std::to_string(static_cast<int>(got.code));
      if (got.what == kind::failed) story += " " + got.error.message();
      story += "\n";
    }
    CHECK(first == last);
    from = to;
  }
  return story;
}
std::string written(protocol& subject) {
  std::string out;
  subject.take_output(out);
  return out;
}

// Feeds the stream whole, byte by byte and cut at every offset, and checks that all give the same result.
std::string story_of(const std::string& stream, const protocol_options& options = {}) {
  protocol whole(role::server, options);
  const std::string story = told(whole, stream, {});
  const std::string output = written(whole);
  std::vector<std::size_t> each_byte;
  for (std::size_t at = 1; at < stream.size(); ++at) each_byte.push_back(at);
  protocol bytewise(role::server, options);
  CHECK(told(bytewise, stream, each_byte) == story);
  const std::size_t step = stream.size() > 2000 ? stream.size() / 97 : 1;
  for (std::size_t cut = 0; cut <= stream.size(); cut += step) {
    protocol in_two(role::server, options);
    CHECK(told(in_two, stream, {cut}) == story);
    CHECK(written(in_two) == output);
  }
  return story;
}
std::string failure(errc error) {
  return "failed [] " + std::to_string(static_cast<int>(close_code_for(error))) + " " + make_error_code(error).message() + "\n";
}

}  // namespace

TEST_CASE("the examples of the RFC are understood", "[rfc6455][5.7]") {
  CHECK(story_of(bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58})) == "text [Hello]\n");
  CHECK(story_of(bytes({0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58})) == "pong [Hello]\n");
  protocol client(role::client, {}, [] { return 0U; });
  CHECK(told(client, bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}), {}) == "text [Hello]\n");
  CHECK(told(client, bytes({0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f}), {}) == "text [Hello]\n");
  CHECK(told(client, bytes({0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}), {}) == "ping [Hello]\n");
}

TEST_CASE("a server fails an unmasked frame, a client a masked one", "[rfc6455][5.1]") {
  CHECK(story_of(frame(opcode::text, "x", true, false)) == failure(errc::frame_unmasked));
  CHECK(story_of(frame(opcode::ping, "", true, false)) == failure(errc::frame_unmasked));
  protocol client(role::client, {}, [] { return 0U; });
  CHECK(told(client, frame(opcode::text, "x"), {}) == failure(errc::frame_masked));
}

TEST_CASE("an unmasked frame is refused at its second byte", "[rfc6455][5.1]") {
  protocol subject(role::server, {});
  CHECK(told(subject, bytes({0x81, 0x7f}), {1}) == failure(errc::frame_unmasked));
}

TEST_CASE("each reserved bit fails with 1002", "[rfc6455][5.2]") {
  for (const int bit : {0x40, 0x20, 0x10, 0x70})
    CHECK(story_of(bytes({0x81 | bit, 0x80, 0, 0, 0, 0})) == failure(errc::reserved_bits));
}

TEST_CASE("each reserved opcode fails with 1002", "[rfc6455][5.2]") {
  for (const int code : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    CHECK(story_of(bytes({0x80 | code, 0x80, 0, 0, 0, 0})) == failure(errc::opcode_unknown));
  }
}

TEST_CASE("control frames are not fragmented, and are 125 bytes at most", "[rfc6455][5.5]") {
  for (const opcode code : {opcode::close, opcode::ping, opcode::pong}) {
    CHECK(story_of(frame(code, "", false)) == failure(errc::control_fragmented));
    CHECK(story_of(frame(code, std::string(126, 'x'))) == failure(errc::control_too_big));
  }
  CHECK(story_of(frame(opcode::ping, std::string(125, 'x'))) == "ping [" + std::string(125, 'x') + "]\n");
}

TEST_CASE("a continuation needs a message, and messages do not nest", "[rfc6455][5.4]") {
  CHECK(story_of(frame(opcode::continuation, "x")) == failure(errc::continuation_unexpected));
  CHECK(story_of(frame(opcode::text, "a") + frame(opcode::continuation, "x")) ==
        "text [a]\n" + failure(errc::continuation_unexpected));
  CHECK(story_of(frame(opcode::text, "a", false) + frame(opcode::text, "b")) == failure(errc::continuation_expected));
  CHECK(story_of(frame(opcode::text, "a", false) + frame(opcode::binary, "b", false)) == failure(errc::continuation_expected));
}

TEST_CASE("fragments become one message and control frames come in between", "[rfc6455][5.4]") {
  CHECK(story_of(frame(opcode::text, "a", false) + frame(opcode::ping, "p") + frame(opcode::continuation, "", false) +
                 frame(opcode::pong, "q") + frame(opcode::continuation, "b") + frame(opcode::binary, "")) ==
        "ping [p]\npong [q]\ntext [ab]\nbinary []\n");
  CHECK(story_of(frame(opcode::text, "", false) + frame(opcode::continuation, "")) == "text []\n");
}

TEST_CASE("each ping is answered with its payload, in their order", "[rfc6455][5.5.2]") {
  protocol subject(role::server, {});
  told(subject, frame(opcode::ping, "one") + frame(opcode::text, "a") + frame(opcode::ping, "") + frame(opcode::ping, "two"),
       {});
  CHECK(written(subject) == frame(opcode::pong, "one", true, false) + frame(opcode::pong, "", true, false) +
                                frame(opcode::pong, "two", true, false));
}

TEST_CASE("the first pings of a flood and the newest are answered, and memory stays bounded", "[rfc6455][5.5.3]") {
  protocol subject(role::server, {});
  std::string flood;
  for (int n = 0; n < 10000; ++n) flood += frame(opcode::ping, std::to_string(n));
  told(subject, flood, {});
  const std::string answers = written(subject);
  const std::string first = frame(opcode::pong, "0", true, false);
  const std::string newest = frame(opcode::pong, "9999", true, false);
  CHECK(answers.compare(0, first.size(), first) == 0);
  CHECK(answers.compare(answers.size() - newest.size(), newest.size(), newest) == 0);
  CHECK(answers.size() < 4096 + 2 * 127);
  told(subject, frame(opcode::ping, "later"), {});
  CHECK(written(subject) == frame(opcode::pong, "later", true, false));
}

TEST_CASE("text must be UTF-8 and fails at the first bad byte", "[rfc6455][8.1]") {
  CHECK(story_of(frame(opcode::text, "\xce\xba\xe1\xbd\xb9")) == "text [\xce\xba\xe1\xbd\xb9]\n");
  for (const std::string bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xce", "\xf0\x9f\x94"}) {
    CHECK(story_of(frame(opcode::text, bad)) == failure(errc::utf8_invalid));
    CHECK(story_of(frame(opcode::text, bad, false) + frame(opcode::continuation, "")) == failure(errc::utf8_invalid));
    CHECK(story_of(frame(opcode::binary, bad)) == "binary [" + bad + "]\n");
  }
  CHECK(story_of(frame(opcode::text, "\xe2\x82", false) + frame(opcode::continuation, "\xac")) == "text [\xe2\x82\xac]\n");

  // The frame promises a thousand bytes; its second byte is already wrong.
  std::string early = frame(opcode::text, "a\xff" + std::string(998, 'x'));
  early.resize(8 + 2);
  protocol subject(role::server, {});
  CHECK(told(subject, early, {}) == failure(errc::utf8_invalid));
}

TEST_CASE("lengths must be minimal and below 2^63", "[rfc6455][5.2]") {
  CHECK(story_of(bytes({0x82, 0xfe, 0, 125, 0, 0, 0, 0})) == failure(errc::length_not_minimal));
  CHECK(story_of(bytes({0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0})) == failure(errc::length_not_minimal));
  CHECK(story_of(bytes({0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0})) == failure(errc::length_high_bit));
  CHECK(story_of(bytes({0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})) ==
        failure(errc::message_too_big));
}

TEST_CASE("every length form carries its payload", "[rfc6455][5.2]") {
  protocol_options options;
  options.max_message_bytes = 70000;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70000U}) {
    const std::string payload(size, 'x');
    protocol subject(role::server, options);
    CHECK(told(subject, frame(opcode::binary, payload), {}) == "binary [" + payload + "]\n");
  }
}

TEST_CASE("a message at the limit passes, one byte more is refused from the header", "[rfc6455][limit]") {
  protocol_options options;
  options.max_message_bytes = 200;
  CHECK(story_of(frame(opcode::text, std::string(200, 'x')), options) == "text [" + std::string(200, 'x') + "]\n");
  CHECK(story_of(frame(opcode::text, std::string(201, 'x')).substr(0, 8), options) == failure(errc::message_too_big));
  const std::string half = frame(opcode::text, std::string(100, 'x'), false);
  CHECK(story_of(half + frame(opcode::continuation, std::string(100, 'x')), options) ==
        "text [" + std::string(200, 'x') + "]\n");
  CHECK(story_of(half + frame(opcode::continuation, std::string(101, 'x')).substr(0, 6), options) ==
        failure(errc::message_too_big));
}

TEST_CASE("as many fragments as the limit pass, one more is refused", "[rfc6455][limit]") {
  protocol_options options;
  options.max_fragments = 3;
  const std::string two = frame(opcode::text, "a", false) + frame(opcode::continuation, "b", false);
  CHECK(story_of(two + frame(opcode::continuation, "c"), options) == "text [abc]\n");
  CHECK(story_of(two + frame(opcode::continuation, "c", false) + frame(opcode::continuation, "d"), options) ==
        failure(errc::too_many_fragments));
}

TEST_CASE("a close is echoed with its code and ends the conversation", "[rfc6455][5.5.1]") {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    protocol subject(role::server, {});
    CHECK(told(subject, frame(opcode::close, close_payload(code, "bye")), {}) == "close [bye] " + std::to_string(code) + "\n");
    CHECK(subject.current_state() == protocol::state::closed);
    CHECK(written(subject) == frame(opcode::close, close_payload(code), true, false));
    CHECK(subject.should_drop_connection());
    CHECK(subject.send_text("late") == errc::not_open);
    CHECK(subject.send_ping("") == errc::not_open);
    CHECK(subject.close(close_code::normal) == errc::not_open);
  }
  protocol subject(role::server, {});
  CHECK(told(subject, frame(opcode::close, ""), {}) == "close [] 1005\n");
  CHECK(written(subject) == bytes({0x88, 0x00}));
}

TEST_CASE("close codes that must not travel fail with 1002", "[rfc6455][7.4]") {
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    CHECK(story_of(frame(opcode::close, close_payload(code))) == failure(errc::close_code_invalid));
  }
  CHECK(story_of(frame(opcode::close, "x")) == failure(errc::close_payload_size));
  CHECK(story_of(frame(opcode::close, close_payload(1000, "\xff"))) == failure(errc::close_reason_utf8));
  CHECK(story_of(frame(opcode::close, close_payload(1000, std::string(123, 'r')))) ==
        "close [" + std::string(123, 'r') + "] 1000\n");
}

TEST_CASE("bytes after a close frame are ignored", "[rfc6455][5.5.1]") {
  CHECK(story_of(frame(opcode::close, close_payload(1000)) + frame(opcode::text, "more") + "garbage") == "close [] 1000\n");
  CHECK(story_of(bytes({0xff, 0xff}) + frame(opcode::text, "more")) == failure(errc::reserved_bits));
}

TEST_CASE("a failure queues one close frame with the cause and drops the connection", "[rfc6455][7.1.7]") {
  protocol subject(role::server, {});
  told(subject, frame(opcode::ping, "p") + frame(opcode::text, "\xff"), {});
  CHECK(written(subject) == frame(opcode::pong, "p", true, false) +
                                frame(opcode::close, close_payload(1007, "text is not valid UTF-8"), true, false));
  CHECK(subject.should_drop_connection());
  CHECK(subject.send_text("x") == errc::not_open);
}

TEST_CASE("our own close waits for the peer's, and data meanwhile is ignored", "[rfc6455][7.1.2]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.close(close_code::going_away, "stopping"));
  CHECK(subject.current_state() == protocol::state::closing);
  CHECK(written(subject) == frame(opcode::close, close_payload(1001, "stopping"), true, false));
  CHECK_FALSE(subject.should_drop_connection());
  CHECK(told(subject, frame(opcode::text, "\xff too late") + frame(opcode::close, close_payload(1001)), {}) ==
        "close [] 1001\n");
  CHECK_FALSE(subject.has_output());
  CHECK(subject.should_drop_connection());
}

TEST_CASE("messages that are queued before a close are sent before it", "[rfc6455][5.5.1]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.send_text("a"));
  told(subject, frame(opcode::ping, "p"), {});
  CHECK_FALSE(subject.close(close_code::normal));
  CHECK(written(subject) == frame(opcode::text, "a", true, false) + frame(opcode::pong, "p", true, false) +
                                frame(opcode::close, close_payload(1000), true, false));
}

TEST_CASE("a message that cannot be sent is refused at its limit and not before", "[rfc6455][limit]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.send_ping(std::string(125, 'x')));
  CHECK(subject.send_ping(std::string(126, 'x')) == errc::ping_too_big);
  CHECK(subject.close(close_code::no_status) == errc::close_code_invalid);
  CHECK(subject.close(close_code::abnormal_closure) == errc::close_code_invalid);
  CHECK(subject.close(static_cast<close_code>(999)) == errc::close_code_invalid);
  CHECK(subject.close(close_code::normal, std::string(124, 'x')) == errc::close_reason_too_long);
  CHECK(subject.close(close_code::normal, "\xff") == errc::close_reason_utf8);
  CHECK_FALSE(subject.close(close_code::normal, std::string(123, 'x')));
}

TEST_CASE("an end without a close frame is 1006, after one it is in order", "[rfc6455][7.1.5]") {
  protocol cut(role::server, {});
  const input got = cut.end_of_stream();
  CHECK(got.what == kind::failed);
  CHECK(got.code == close_code::abnormal_closure);
  CHECK(got.error == errc::closed_abnormally);
  protocol orderly(role::server, {});
  told(orderly, frame(opcode::close, close_payload(1000)), {});
  CHECK(orderly.end_of_stream().what == kind::need_more);
}

TEST_CASE("a client masks each frame with a fresh key and waits for the server to close", "[rfc6455][5.3]") {
  std::uint32_t next = 1;
  protocol client(role::client, {}, [&] { return next++; });
  CHECK_FALSE(client.send_text("a"));
  CHECK_FALSE(client.send_text("a"));
  const std::string out = written(client);
  CHECK(out.substr(0, out.size() / 2) != out.substr(out.size() / 2));
  protocol server(role::server, {});
  CHECK(told(server, out, {}) == "text [a]\ntext [a]\n");
  CHECK_FALSE(client.close(close_code::normal));
  told(client, frame(opcode::close, close_payload(1000), true, false), {});
  CHECK_FALSE(client.should_drop_connection());
}

}  // namespace protocol_test
