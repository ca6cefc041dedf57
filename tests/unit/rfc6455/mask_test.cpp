// The fast mask against its definition, and against the example of RFC 6455 section 5.7.
#include <cstddef>
#include <random>
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace mask_test {

using wirthforge::rfc6455::apply_mask;
using wirthforge::rfc6455::apply_mask_plainly;
using wirthforge::rfc6455::mask_key;

TEST_CASE("the RFC's example mask turns Hello into the example's bytes and back", "[rfc6455][5.3]") {
  const mask_key key{0x37, 0xfa, 0x21, 0x3d};
  std::string payload = "Hello";
  apply_mask(&payload[0], payload.size(), key);
  CHECK(payload == "\x7f\x9f\x4d\x51\x58");
  apply_mask(&payload[0], payload.size(), key);
  CHECK(payload == "Hello");
}

TEST_CASE("the fast mask agrees with the definition at every size, offset and alignment", "[rfc6455][5.3]") {
  std::mt19937 random(5);
  const mask_key key{0x12, 0x34, 0x56, 0x78};
  std::size_t wrong = 0;
  for (std::size_t size = 0; size <= 70; ++size) {
    for (std::size_t offset = 0; offset < 9; ++offset) {
      for (std::size_t start = 0; start < 8; ++start) {
        std::string fast(start + size + 8, '\0');
        for (char& each : fast) each = static_cast<char>(random());
        std::string plain = fast;
        apply_mask(&fast[start], size, key, offset);
        apply_mask_plainly(&plain[start], size, key, offset);
        wrong += fast != plain ? 1 : 0;  // the bytes before and behind are compared too
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a payload in pieces is masked the same as a whole one", "[rfc6455][5.3]") {
  const mask_key key{0xff, 0x01, 0x80, 0x00};
  const std::string payload(41, 'p');
  std::string whole = payload;
  apply_mask_plainly(&whole[0], whole.size(), key, 0);
  for (std::size_t first = 0; first <= payload.size(); ++first) {
    std::string pieces = payload;
    apply_mask(&pieces[0], first, key);
    apply_mask(&pieces[0] + first, pieces.size() - first, key, first);
    CHECK(pieces == whole);
  }
}

TEST_CASE("an empty payload can be masked", "[rfc6455][5.3]") { apply_mask(nullptr, 0, {1, 2, 3, 4}, 3); }

}  // namespace mask_test
