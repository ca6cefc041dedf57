// The protocol's promises besides its verdicts: when it fails, the memory that it holds, and the order of its output.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace protocol_pieces_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;
using kind = input::kind;

namespace {

const mask_key any_key{0xa1, 0x00, 0xff, 0x5c};

std::string frame(opcode code, std::string_view payload, bool is_final = true, bool is_masked = true) {
  std::string out;
  append_frame(out, code, payload, is_masked ? &any_key : nullptr, is_final);
  return out;
}
std::string closing(unsigned code, std::string_view reason = {}) {
  std::string payload;
  payload += static_cast<char>(code >> 8U);
  payload += static_cast<char>(code & 255U);
  return payload.append(reason);
}
std::string output_of(protocol& subject) {
  std::string out;
  subject.take_output(out);
  return out;
}
// Takes everything from the bytes; returns the last input that is not need_more.
input feed(protocol& subject, std::string& bytes) {
  input last;
  char* first = &bytes[0];
  for (;;) {
    const input got = subject.receive(first, &bytes[0] + bytes.size());
    if (got.what == kind::need_more) return last;
    last = got;
  }
}
input feed(protocol& subject, std::string&& bytes) { return feed(subject, bytes); }

// How many bytes it takes until the protocol fails with this error; 0 when it does not.
std::size_t bytes_until(errc error, const std::string& stream) {
  protocol subject(role::server, {});
  for (std::size_t at = 0; at < stream.size(); ++at) {
    const input got = feed(subject, stream.substr(at, 1));
    if (got.what == kind::failed) return got.error == error ? at + 1 : 0;
  }
  return 0;
}

}  // namespace

TEST_CASE("bad text fails at its first bad byte, in any fragment", "[rfc6455][8.1]") {
  const std::vector<std::pair<std::string, std::size_t>> texts = {{"abc\x80xyz", 3},
                                                                  {"abc\xC0\xAFxyz", 3},
                                                                  {"abc\xED\xA0\x80xyz", 4},
                                                                  {"abc\xF4\x90\x80\x80xyz", 4},
                                                                  {"\xF0\x9F\x98(xyz", 3},
                                                                  {"\xE2\x82\xAC\xE2\x28", 4},
                                                                  {"\xFFxyz", 0},
                                                                  {"\xC3\xA4\xC3\xC3\xA4", 3}};
  for (const auto& [text, bad_at] : texts) {
    CHECK(bytes_until(errc::utf8_invalid, frame(opcode::text, text)) == 6 + bad_at + 1);
    for (std::size_t split = 0; split <= bad_at; ++split) {
      const std::string_view view = text;
      const std::string first = frame(opcode::text, view.substr(0, split), false);
      const std::string ping = frame(opcode::ping, "\xFF");
      const std::string second = frame(opcode::continuation, view.substr(split));
      CHECK(bytes_until(errc::utf8_invalid, first + ping + second) == first.size() + ping.size() + 6 + (bad_at - split) + 1);
    }
  }
}

TEST_CASE("text that ends inside a character fails with its last frame and not before", "[rfc6455][8.1]") {
  CHECK(bytes_until(errc::utf8_invalid, frame(opcode::text, "ab\xE2\x82")) == 6 + 4);
  const std::string first = frame(opcode::text, "ab\xE2\x82", false);
  CHECK(bytes_until(errc::utf8_invalid, first) == 0);
  CHECK(bytes_until(errc::utf8_invalid, first + frame(opcode::continuation, "")) == first.size() + 6);
}

TEST_CASE("a reserved bit, a wrong opcode and a missing mask fail before the payload", "[rfc6455][5.2]") {
  CHECK(bytes_until(errc::reserved_bits, "\xC1\x85") == 1);
  CHECK(bytes_until(errc::opcode_unknown, "\x83\x85") == 1);
  CHECK(bytes_until(errc::control_fragmented, "\x09\x80") == 1);
  CHECK(bytes_until(errc::frame_unmasked, std::string("\x81\x7e\x00\x05", 4)) == 2);
  CHECK(bytes_until(errc::message_too_big, frame(opcode::binary, std::string(70000, 'x')).substr(0, 20)) == 14);
}

TEST_CASE("an unmasked frame has its own error, whatever else is wrong after its second byte", "[rfc6455][5.1]") {
  for (const std::size_t split : {0U, 1U, 2U, 3U}) {
    protocol subject(role::server, {});
    const std::string bytes("\x81\x7e\x00\x05xxxxx", 9);  // its length is not minimal either
    input got = feed(subject, bytes.substr(0, split));
    if (got.what != kind::failed) got = feed(subject, bytes.substr(split));
    CHECK(got.error == errc::frame_unmasked);
  }
}

TEST_CASE("a whole message is a view into the caller's bytes", "[rfc6455][zero copy]") {
  protocol subject(role::server, {});
  for (const opcode code : {opcode::text, opcode::binary}) {
    std::string bytes = frame(code, std::string(300, 'x')) + frame(code, "two");
    char* first = &bytes[0];
    const input one = subject.receive(first, &bytes[0] + bytes.size());
    CHECK(one.payload.data() == bytes.data() + 8);
    CHECK(one.payload == std::string(300, 'x'));
    const input two = subject.receive(first, &bytes[0] + bytes.size());
    CHECK(two.payload.data() == bytes.data() + 8 + 300 + 6);
    CHECK(two.payload == "two");
    CHECK(first == bytes.data() + bytes.size());
  }
}

TEST_CASE("a message whose header came earlier is a view all the same", "[rfc6455][zero copy]") {
  protocol subject(role::server, {});
  const std::string bytes = frame(opcode::text, "hello");
  for (std::size_t split = 1; split <= 6; ++split) {
    CHECK(feed(subject, bytes.substr(0, split)).what == kind::need_more);
    std::string rest = bytes.substr(split);
    char* first = &rest[0];
    const input got = subject.receive(first, &rest[0] + rest.size());
    CHECK(got.payload == "hello");
    CHECK(got.payload.data() == rest.data() + (6 - split));
  }
}

TEST_CASE("many messages of one read come one by one and leave nothing behind", "[rfc6455][5.2]") {
  std::string bytes;
  for (int n = 0; n < 100; ++n) bytes += frame(opcode::text, std::to_string(n));
  protocol subject(role::server, {});
  char* first = &bytes[0];
  for (int n = 0; n < 100; ++n) CHECK(subject.receive(first, &bytes[0] + bytes.size()).payload == std::to_string(n));
  CHECK(subject.receive(first, &bytes[0] + bytes.size()).what == kind::need_more);
  CHECK_FALSE(subject.has_output());
}

TEST_CASE("the error of a message that is too big has its size and the limit", "[rfc6455][limit]") {
  protocol_options options;
  options.max_message_bytes = 1000;
  protocol whole(role::server, options);
  CHECK(feed(whole, frame(opcode::binary, std::string(1001, 'x'))).error == errc::message_too_big);
  CHECK(output_of(whole) == frame(opcode::close, closing(1009, "message too big: 1001 bytes, limit 1000"), true, false));
  protocol pieces(role::server, options);
  feed(pieces, frame(opcode::binary, std::string(600, 'x'), false) + frame(opcode::continuation, std::string(500, 'x')));
  CHECK(output_of(pieces) == frame(opcode::close, closing(1009, "message too big: 1100 bytes, limit 1000"), true, false));
}

TEST_CASE("the largest possible length fails like any other that is too big", "[rfc6455][limit]") {
  protocol subject(role::server, {});
  CHECK(feed(subject, std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14)).error == errc::message_too_big);
  protocol second(role::server, {});
  CHECK(feed(second, frame(opcode::binary, "x", false) + std::string("\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14))
            .error == errc::message_too_big);
  CHECK(output_of(second).size() > 4);
}

TEST_CASE("after a failure all bytes are consumed and give no input", "[rfc6455][7.1.7]") {
  protocol subject(role::server, {});
  CHECK(feed(subject, frame(opcode::continuation, "x")).what == kind::failed);
  std::string more = frame(opcode::text, "hello") + frame(opcode::ping, "p") + frame(opcode::close, closing(1000));
  char* first = &more[0];
  CHECK(subject.receive(first, &more[0] + more.size()).what == kind::need_more);
  CHECK(first == more.data() + more.size());
  CHECK_FALSE(subject.close_received());
  CHECK(output_of(subject) == frame(opcode::close, closing(1002, "a continuation without a message to continue"), true, false));
  CHECK(subject.end_of_stream().what == kind::need_more);  // the fault was told; its end is no second one
}

TEST_CASE("a failure after our own close is reported to the caller alone", "[rfc6455][7.1.7]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.close(close_code::going_away));
  output_of(subject);
  CHECK(feed(subject, "\xF1\x80").what == kind::failed);
  CHECK_FALSE(subject.has_output());
  CHECK(subject.should_drop_connection());
}

TEST_CASE("after our close pings are reported and not answered", "[rfc6455][5.5.2]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.close(close_code::normal));
  output_of(subject);
  CHECK(feed(subject, frame(opcode::ping, "p")).what == kind::ping);
  CHECK_FALSE(subject.has_output());
}

TEST_CASE("a close in the middle of a message is a close, before and after ours", "[rfc6455][5.5.1]") {
  protocol theirs(role::server, {});
  CHECK(feed(theirs, frame(opcode::text, "begun", false) + frame(opcode::close, closing(1001))).what == kind::close);
  protocol ours(role::server, {});
  std::string begun = frame(opcode::text, std::string(100, 'x'), false);
  begun.resize(50);
  CHECK(feed(ours, begun).what == kind::need_more);
  CHECK_FALSE(ours.close(close_code::going_away));
  std::string rest(frame(opcode::text, std::string(100, 'x'), false).substr(50));
  CHECK(feed(ours, rest + frame(opcode::continuation, "\xFF") + frame(opcode::close, closing(1000))).what == kind::close);
  CHECK(ours.should_drop_connection());
}

TEST_CASE("data of any size is ignored while we wait for the close", "[rfc6455][7.1.2]") {
  protocol_options options;
  options.max_message_bytes = 10;
  protocol subject(role::server, options);
  CHECK_FALSE(subject.close(close_code::going_away));
  CHECK(feed(subject, frame(opcode::binary, std::string(100000, 'x')) + frame(opcode::close, "")).what == kind::close);
}

TEST_CASE("both ends may close at once", "[rfc6455][7.1.3]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.close(close_code::service_restart, "again soon"));
  const input got = feed(subject, frame(opcode::close, closing(1000, "bye")));
  CHECK(got.what == kind::close);
  CHECK(got.code == close_code::normal);
  CHECK(got.payload == "bye");
  CHECK(output_of(subject) == frame(opcode::close, closing(1012, "again soon"), true, false));
  CHECK(subject.current_state() == protocol::state::closed);
}

TEST_CASE("output waits in order and is taken once", "[rfc6455][5.4]") {
  protocol subject(role::server, {});
  CHECK_FALSE(subject.has_output());
  CHECK_FALSE(subject.send_text("one"));
  CHECK_FALSE(subject.send_binary("two"));
  CHECK_FALSE(subject.send_ping("three"));
  CHECK(subject.has_output());
  CHECK(subject.output_size() == 5 + 5 + 7);
  std::string out = "before ";
  subject.take_output(out);
  CHECK(out == "before " + frame(opcode::text, "one", true, false) + frame(opcode::binary, "two", true, false) +
                   frame(opcode::ping, "three", true, false));
  CHECK_FALSE(subject.has_output());
  CHECK(output_of(subject).empty());
}

TEST_CASE("a ping of 125 bytes is answered in full, and a shorter one after it in its own length", "[rfc6455][5.5.3]") {
  protocol subject(role::server, {});
  for (const std::size_t size : {125U, 0U, 16U, 124U, 1U}) {
    feed(subject, frame(opcode::ping, std::string(size, 'p')));
    CHECK(output_of(subject) == frame(opcode::pong, std::string(size, 'p'), true, false));
  }
}

TEST_CASE("a client's frames carry the mask that its source gave", "[rfc6455][5.7]") {
  protocol client(role::client, {}, [] { return 0x3d21fa37U; });  // 37 fa 21 3d, lowest byte first
  CHECK_FALSE(client.send_text("Hello"));
  CHECK(output_of(client) == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  feed(client, frame(opcode::ping, "Hello", true, false));
  CHECK(output_of(client) == "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST_CASE("a client that fails sends the reason and drops the connection; one that closes waits for the server",
          "[rfc6455][7.1.1]") {
  protocol failing(role::client, {}, [] { return 0U; });
  CHECK(feed(failing, frame(opcode::text, "x")).error == errc::frame_masked);
  CHECK(failing.has_output());
  CHECK(failing.should_drop_connection());
  protocol orderly(role::client, {}, [] { return 0U; });
  CHECK(feed(orderly, frame(opcode::close, closing(1001), true, false)).what == kind::close);
  CHECK(orderly.close_sent());
  CHECK_FALSE(orderly.should_drop_connection());
  CHECK(orderly.end_of_stream().what == kind::need_more);
}

TEST_CASE("nothing can be sent when the stream has ended", "[rfc6455][7.1.4]") {
  protocol subject(role::server, {});
  CHECK(subject.end_of_stream().code == close_code::abnormal_closure);
  CHECK(subject.send_text("x") == errc::not_open);
  CHECK(subject.send_ping("x") == errc::not_open);
  CHECK(subject.close(close_code::normal) == errc::not_open);  // it once queued a close frame that could not be sent
  CHECK_FALSE(subject.has_output());
  CHECK(subject.current_state() == protocol::state::closed);
}

TEST_CASE("nothing can be sent after our own close", "[rfc6455][5.5.1]") {
  for (const role side : {role::server, role::client}) {
    protocol subject(side, {}, [] { return 0U; });
    CHECK_FALSE(subject.close(close_code::normal));
    output_of(subject);
    CHECK(subject.send_text("x") == errc::not_open);
    CHECK(subject.send_binary("x") == errc::not_open);
    CHECK(subject.send_ping("x") == errc::not_open);
    CHECK(subject.close(close_code::normal) == errc::not_open);
    CHECK_FALSE(subject.has_output());
  }
}

TEST_CASE("no bytes give no input", "[rfc6455][5.2]") {
  protocol subject(role::server, {});
  char* nothing = nullptr;
  CHECK(subject.receive(nothing, nullptr).what == kind::need_more);
  std::string half = frame(opcode::text, "abc");
  half.resize(7);
  feed(subject, half);
  CHECK(subject.receive(nothing, nullptr).what == kind::need_more);
}

}  // namespace protocol_pieces_test
