// Frame headers against RFC 6455 section 5.2 and the examples of section 5.7.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace frame_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int each : values) result += static_cast<char>(each);
  return result;
}

// Decodes the header whole, and checks that every shorter piece of it wants more, or fails in the same way.
decoded_header decode(const std::string& header, masking expected = masking::any) {
  const decoded_header whole = decode_frame_header(header.data(), header.size(), expected);
  for (std::size_t size = 0; size < header.size(); ++size) {
    const std::string piece = header.substr(0, size);  // its own memory: reading past it is found by sanitizers
    const decoded_header part = decode_frame_header(piece.data(), piece.size(), expected);
    const std::size_t needed = whole.size;
    if (part.error) CHECK(part.error == whole.error);
    else CHECK(part.size == (needed > 0 && size >= needed ? needed : 0));
  }
  return whole;
}
// How many bytes it takes to see the error; 0 when there is none.
std::size_t bytes_until_error(const std::string& header, errc error, masking expected = masking::any) {
  for (std::size_t size = 0; size <= header.size(); ++size) {
    const decoded_header part = decode_frame_header(header.data(), size, expected);
    if (part.error) return part.error == error ? size : 0;
  }
  return 0;
}

std::string encode(opcode code, std::uint64_t size, const mask_key* key = nullptr, bool is_final = true) {
  char out[max_frame_header_bytes];
  return std::string(out, encode_frame_header(out, code, size, key, is_final));
}

const mask_key example_key{0x37, 0xfa, 0x21, 0x3d};

}  // namespace

TEST_CASE("a header is decoded from the RFC's examples", "[rfc6455][5.7]") {
  const decoded_header masked = decode(bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d}));
  CHECK(masked.size == 6);
  CHECK(masked.header.is_final);
  CHECK(masked.header.code == opcode::text);
  CHECK(masked.header.is_masked);
  CHECK(masked.header.key == example_key);
  CHECK(masked.header.payload_bytes == 5);

  const decoded_header fragment = decode(bytes({0x01, 0x03}));
  CHECK(fragment.size == 2);
  CHECK_FALSE(fragment.header.is_final);
  CHECK_FALSE(fragment.header.is_masked);
  CHECK(decode(bytes({0x80, 0x02})).header.code == opcode::continuation);

  const decoded_header two = decode(bytes({0x82, 0x7e, 0x01, 0x00}));
  CHECK(two.size == 4);
  CHECK(two.header.payload_bytes == 256);
  const decoded_header eight = decode(bytes({0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}));
  CHECK(eight.size == 10);
  CHECK(eight.header.payload_bytes == 65536);
}

TEST_CASE("whole frames are written as the RFC's examples are", "[rfc6455][5.7]") {
  const auto frame = [](opcode code, std::string_view payload, const mask_key* key = nullptr, bool is_final = true) {
    std::string out;
    append_frame(out, code, payload, key, is_final);
    return out;
  };
  CHECK(frame(opcode::text, "Hello") == bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
  CHECK(frame(opcode::text, "Hello", &example_key) ==
        bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
  CHECK(frame(opcode::text, "Hel", nullptr, false) == bytes({0x01, 0x03, 0x48, 0x65, 0x6c}));
  CHECK(frame(opcode::continuation, "lo") == bytes({0x80, 0x02, 0x6c, 0x6f}));
  CHECK(frame(opcode::ping, "Hello") == bytes({0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
  CHECK(frame(opcode::pong, "Hello", &example_key) ==
        bytes({0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
  const std::string binary(256, '\xfe');
  CHECK(frame(opcode::binary, binary) == bytes({0x82, 0x7e, 0x01, 0x00}) + binary);
  const std::string large(65536, '\xfe');
  CHECK(frame(opcode::binary, large) == bytes({0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}) + large);
}

TEST_CASE("a frame is appended to the existing bytes", "[rfc6455][5.2]") {
  std::string out = "before";
  append_frame(out, opcode::text, "x", &example_key);
  CHECK(out == "before" + bytes({0x81, 0x81, 0x37, 0xfa, 0x21, 0x3d, 'x' ^ 0x37}));
}

TEST_CASE("an encoded header decodes to the same, in the shortest form, for every opcode and length form", "[rfc6455][5.2]") {
  const std::vector<std::uint64_t> sizes{
      0, 1, 124, 125, 126, 127, 255, 256, 65534, 65535, 65536, 65537, 0xFFFFFFFFU, 0x100000000U, 0x7FFFFFFFFFFFFFFFU};
  for (const opcode code : {opcode::continuation, opcode::text, opcode::binary, opcode::close, opcode::ping, opcode::pong}) {
    for (const std::uint64_t size : sizes) {
      if (is_control(code) && size > max_control_payload_bytes) continue;
      for (const mask_key* key : {static_cast<const mask_key*>(nullptr), &example_key}) {
        for (const bool is_final : {true, false}) {
          if (is_control(code) && !is_final) continue;
          const std::string header = encode(code, size, key, is_final);
          CHECK(header.size() == 2U + (size > 65535 ? 8U : size > 125 ? 2U : 0U) + (key != nullptr ? 4U : 0U));
          const decoded_header decoded = decode(header);
          REQUIRE_FALSE(decoded.error);
          CHECK(decoded.size == header.size());
          CHECK(decoded.header.code == code);
          CHECK(decoded.header.payload_bytes == size);
          CHECK(decoded.header.is_final == is_final);
          CHECK(decoded.header.is_masked == (key != nullptr));
          CHECK(decoded.header.key == (key != nullptr ? *key : mask_key{}));
        }
      }
    }
  }
}

TEST_CASE("each of the 256 first bytes is judged at once", "[rfc6455][5.2]") {
  for (int first = 0; first < 256; ++first) {
    const int code = first & 15;
    const bool has_reserved_bits = (first & 0x70) != 0;
    const bool is_known = code <= 2 || (code >= 8 && code <= 10);
    const bool is_fragmented_control = code >= 8 && (first & 0x80) == 0;
    const decoded_header got = decode(bytes({first}));
    INFO("first byte " << first);
    CHECK(got.size == 0);
    if (has_reserved_bits) CHECK(got.error == errc::reserved_bits);
    else if (!is_known) CHECK(got.error == errc::opcode_unknown);
    else if (is_fragmented_control) CHECK(got.error == errc::control_fragmented);
    else CHECK_FALSE(got.error);
  }
}

TEST_CASE("a control frame of 125 bytes passes, any longer length fails at its second byte", "[rfc6455][5.5]") {
  for (const int code : {0x88, 0x89, 0x8a}) {
    CHECK(decode(bytes({code, 125})).size == 2);
    CHECK(bytes_until_error(bytes({code, 126}), errc::control_too_big) == 2);
    CHECK(bytes_until_error(bytes({code, 127}), errc::control_too_big) == 2);
  }
}

TEST_CASE("a length that would have fitted a shorter form fails", "[rfc6455][5.2]") {
  for (const int low : {0, 1, 124, 125}) {
    CHECK(bytes_until_error(bytes({0x81, 126, 0, low}), errc::length_not_minimal) == 4);
    CHECK(bytes_until_error(bytes({0x81, 127, 0, 0, 0, 0, 0, 0, 0, low}), errc::length_not_minimal) == 10);
  }
  CHECK(bytes_until_error(bytes({0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff}), errc::length_not_minimal) == 10);
  CHECK(decode(bytes({0x81, 126, 0, 126})).header.payload_bytes == 126);
  CHECK(decode(bytes({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0})).header.payload_bytes == 65536);
}

TEST_CASE("a length of 2^63 and above fails at its first byte", "[rfc6455][5.2]") {
  CHECK(bytes_until_error(bytes({0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}), errc::length_high_bit) == 3);
  CHECK(bytes_until_error(bytes({0x81, 127, 0xff}), errc::length_high_bit) == 3);
  CHECK(decode(bytes({0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255})).header.payload_bytes == 0x7FFFFFFFFFFFFFFFU);
}

TEST_CASE("masking against the peer's role fails at the second byte, whatever follows", "[rfc6455][5.1]") {
  for (const std::string& behind : {std::string(), bytes({0, 5}), bytes({0xff, 0, 0, 0, 0, 0, 0, 0})}) {
    for (const int length : {0, 5, 126, 127}) {
      CHECK(bytes_until_error(bytes({0x81, length}) + behind, errc::frame_unmasked, masking::required) == 2);
      CHECK(bytes_until_error(bytes({0x81, 0x80 | length}) + behind, errc::frame_masked, masking::forbidden) == 2);
    }
  }
  CHECK_FALSE(decode(bytes({0x81, 0x80, 1, 2, 3, 4}), masking::required).error);
  CHECK_FALSE(decode(bytes({0x81, 0x00}), masking::forbidden).error);
}

TEST_CASE("every header of up to four bytes is judged alike whole and in pieces", "[rfc6455][5.2]") {
  std::size_t wrong = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const int third : {0, 1, 125, 128, 255}) {
        const std::string header = bytes({first, second, third, 126, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        const decoded_header whole = decode_frame_header(header.data(), header.size(), masking::required);
        for (std::size_t size = 0; size < header.size(); ++size) {
          const decoded_header part = decode_frame_header(header.data(), size, masking::required);
          if (part.error && part.error != whole.error) ++wrong;
          if (part.size > 0 && part.size != whole.size) ++wrong;
          if (!part.error && part.size == 0 && !whole.error && size >= whole.size) ++wrong;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

}  // namespace frame_test
