// SHA-1, by the examples of RFC 3174 section 7.3 and FIPS 180.
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace sha1_test {

namespace {

std::string hex(std::string_view message) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : wirthforge::text::sha1(message)) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

TEST_CASE("SHA-1 digests the examples of its standards", "[text][sha1]") {
  CHECK(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") == "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(hex(std::string(1000000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  std::string repeated;
  for (int n = 0; n < 80; ++n) repeated += "01234567";
  CHECK(hex(repeated) == "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

// Where the padding just fits a block and where it needs one more. Expected values by Python's hashlib.
TEST_CASE("SHA-1 pads messages around the end of a block", "[text][sha1]") {
  CHECK(hex(std::string(54, 'x')) == "31045e7bb077ff8d188a776b196b980388735dbb");
  CHECK(hex(std::string(55, 'x')) == "cef734ba81a024479e09eb5a75b6ddae62e6abf1");
  CHECK(hex(std::string(56, 'x')) == "901305367c259952f4e7af8323f480d59f81335b");
  CHECK(hex(std::string(57, 'x')) == "025ecbd5d70f8fb3c5457cd96bab13fda305dc59");
  CHECK(hex(std::string(63, 'x')) == "0ddc4e0cccd9a12850deb5abb0853a4425559fec");
  CHECK(hex(std::string(64, 'x')) == "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163");
  CHECK(hex(std::string(65, 'x')) == "78c741ddc482e4cdf8c474a0876347a0905b6233");
  CHECK(hex(std::string(119, 'x')) == "4300320394f7ee239bcdce7d3b8bcee173a0cd5c");
  CHECK(hex(std::string(120, 'x')) == "ceb2821639c4b6dcb10bce0e522ca2e608ce056d");
  CHECK(hex(std::string(128, 'x')) == "150fa3fbdc899bd0b8f95a9fb6027f564d953762");
}

}  // namespace sha1_test
