// Short messages that lie whole in the caller's bytes have a fast path: its results are those of the general way for the same
// bytes in two pieces.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace short_message_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;
using kind = input::kind;

namespace {

const mask_key any_key{0xa1, 0x00, 0xff, 0x5c};

// All that a protocol says and writes of some bytes, which come in pieces of `size`.
std::string told(std::string bytes, std::size_t size, const protocol_options& limits, role side = role::server) {
  protocol subject(side, limits, [] { return 7U; });
  std::string story;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    char* first = &bytes[at];
    char* const last = &bytes[0] + std::min(at + size, bytes.size());
    for (input got = subject.receive(first, last); got.what != kind::need_more; got = subject.receive(first, last)) {
      story += std::to_string(static_cast<int>(got.what)) + " " + std::to_string(static_cast<int>(got.code)) + " " +
               got.error.message() + " <" + std::string(got.payload) + ">\n";
    }
    CHECK(first == last);
  }
  subject.take_output(story);
  return story;
}

void check_alike(const std::string& bytes, const protocol_options& limits = {}) {
  const std::string whole = told(bytes, bytes.size(), limits);
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, bytes.size() - 1}) CHECK(told(bytes, size, limits) == whole);
}

std::string message(opcode code, std::string_view payload) {
  std::string out;
  append_frame(out, code, payload, &any_key);
  return out;
}

}  // namespace

TEST_CASE("a short message is read the same whole and in pieces, at every length", "[rfc6455][5.2]") {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string text(size, 't');
    INFO(size);
    check_alike(message(opcode::text, text) + message(opcode::binary, std::string(size, '\xff')) + message(opcode::ping, "p"));
    CHECK(told(message(opcode::text, text), 200, {}) == "1 1005 Success <" + text + ">\n");
  }
}

TEST_CASE("a short text that is not UTF-8 fails whole and in pieces, wherever the bad byte is", "[rfc6455][8.1]") {
  const std::string good = message(opcode::text, "good");
  for (std::size_t at = 0; at < 125; ++at) {
    std::string text(125, 't');
    text[at] = '\xc3';  // at the end it is half a character
    INFO(at);
    check_alike(good + message(opcode::text, text) + good);
    CHECK(told(message(opcode::text, text) + good, 400, {}).find("1007") != std::string::npos);
  }
}

TEST_CASE("a short message keeps to the limits, whole and in pieces", "[rfc6455][limit]") {
  for (const std::size_t most : {0u, 1u, 124u, 125u, 126u}) {
    for (const std::size_t size : {0u, 1u, 2u, 124u, 125u, 126u, 127u}) {
      INFO(size << " bytes of " << most);
      const std::string bytes = message(opcode::binary, std::string(size, 'b'));
      check_alike(bytes, {most, 1});
      CHECK((told(bytes, bytes.size(), {most, 1}).find("1009") != std::string::npos) == (size > most));
    }
  }
}

TEST_CASE("bytes that only begin like a short message are read in the general way", "[rfc6455][5.2]") {
  const std::string good = message(opcode::text, "good");
  std::string fragment;
  append_frame(fragment, opcode::text, "frag", &any_key, false);
  const std::vector<std::string> streams{
      fragment + good,                            // a message inside another
      message(opcode::close, "\x03\xe8") + good,  // after a close nothing is heard
      message(opcode::continuation, "c") + good,  // nothing to continue
      good.substr(0, 2) + good + "rest of it",    // a header in the place of a key
      std::string("\x81\x04good", 6) + good,      // no mask
      std::string("\xc1", 1) + good.substr(1),
      std::string("\x83", 1) + good.substr(1),  // a reserved bit, an unknown opcode
  };
  for (const std::string& stream : streams) check_alike(stream);
  CHECK(told(good, good.size(), {}, role::client).find("1002") != std::string::npos);  // a server does not mask
}

TEST_CASE("after our close a short message is ignored", "[rfc6455][7.1.2]") {
  protocol subject(role::server, {});
  REQUIRE_FALSE(subject.close(close_code::normal));
  std::string bytes = message(opcode::text, "\xff late");
  char* first = &bytes[0];
  CHECK(subject.receive(first, &bytes[0] + bytes.size()).what == kind::need_more);
  CHECK(first == &bytes[0] + bytes.size());
}

}  // namespace short_message_test
