// Message assembly by itself: the parts of one message, and the state for the next.
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace message_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

frame_header header(opcode code, std::uint64_t size, bool is_final = true) {
  frame_header result;
  result.code = code;
  result.payload_bytes = size;
  result.is_final = is_final;
  return result;
}
message_limits limits(std::size_t bytes, std::size_t fragments = 10) {
  message_limits result;
  result.max_message_bytes = bytes;
  result.max_fragments = fragments;
  return result;
}

}  // namespace

TEST_CASE("a message that is too big is refused before a byte of it came", "[rfc6455][limit]") {
  message_assembler assembler(limits(100));
  CHECK_FALSE(assembler.begin_frame(header(opcode::binary, 60, false)));
  CHECK_FALSE(assembler.add(std::string(60, 'x')));
  CHECK_FALSE(assembler.end_frame(false));
  CHECK_FALSE(assembler.begin_frame(header(opcode::continuation, 40)));
  CHECK(assembler.announced_bytes() == 100);
  message_assembler other(limits(100));
  CHECK(other.begin_frame(header(opcode::binary, 101)) == errc::message_too_big);
  CHECK(other.announced_bytes() == 101);
  message_assembler huge(limits(100));
  CHECK_FALSE(huge.begin_frame(header(opcode::binary, 100, false)));
  CHECK_FALSE(huge.add(std::string(100, 'x')));
  CHECK(huge.begin_frame(header(opcode::continuation, 0x7FFFFFFFFFFFFFFFU)) == errc::message_too_big);
}

TEST_CASE("a limit of zero bytes admits empty messages alone", "[rfc6455][limit]") {
  message_assembler assembler(limits(0));
  CHECK_FALSE(assembler.begin_frame(header(opcode::text, 0)));
  CHECK_FALSE(assembler.end_frame(true));
  CHECK(assembler.begin_frame(header(opcode::text, 1)) == errc::message_too_big);
}

TEST_CASE("fragments are counted anew for each message", "[rfc6455][5.4]") {
  message_assembler assembler(limits(100, 2));
  for (int message = 0; message < 3; ++message) {
    CHECK_FALSE(assembler.begin_frame(header(opcode::text, 0, false)));
    CHECK_FALSE(assembler.end_frame(false));
    CHECK(assembler.is_in_message());
    CHECK_FALSE(assembler.begin_frame(header(opcode::continuation, 0)));
    CHECK_FALSE(assembler.end_frame(true));
    CHECK_FALSE(assembler.is_in_message());
    assembler.reset();
  }
}

TEST_CASE("a character may be split between fragments but not between messages", "[rfc6455][5.6]") {
  message_assembler assembler(limits(100));
  CHECK_FALSE(assembler.begin_frame(header(opcode::text, 2, false)));
  CHECK_FALSE(assembler.add("\xE2\x82"));
  CHECK_FALSE(assembler.end_frame(false));
  CHECK_FALSE(assembler.begin_frame(header(opcode::continuation, 1)));
  CHECK_FALSE(assembler.add("\xAC"));
  CHECK_FALSE(assembler.end_frame(true));
  CHECK(assembler.payload() == "\xE2\x82\xAC");
  assembler.reset();
  CHECK_FALSE(assembler.begin_frame(header(opcode::text, 2)));
  CHECK_FALSE(assembler.add("\xE2\x82"));
  CHECK(assembler.end_frame(true) == errc::utf8_invalid);
  assembler.reset();
  CHECK_FALSE(assembler.begin_frame(header(opcode::text, 1)));
  CHECK(assembler.add("\xAC") == errc::utf8_invalid);
}

TEST_CASE("binary bytes are not checked as text", "[rfc6455][5.6]") {
  message_assembler assembler(limits(100));
  CHECK_FALSE(assembler.begin_frame(header(opcode::binary, 3)));
  CHECK_FALSE(assembler.add("\xFF\xFE\x80"));
  CHECK_FALSE(assembler.end_frame(true));
  CHECK_FALSE(assembler.is_text());
  CHECK(assembler.payload() == "\xFF\xFE\x80");
}

}  // namespace message_test
