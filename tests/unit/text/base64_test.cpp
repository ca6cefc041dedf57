// Base64, by the test vectors of RFC 4648 section 10, and its strict decoder.
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace base64_test {

using wirthforge::text::base64_decode;
using wirthforge::text::base64_encode;

TEST_CASE("base64 has the test vectors of its standard, both ways", "[text][base64]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(base64_encode(plain) == encoded);
    REQUIRE(base64_decode(encoded));
    CHECK(*base64_decode(encoded) == plain);
  }
  CHECK(base64_encode("\xFB\xFF\xBF") == "+/+/");
  // The nonce of RFC 6455 section 1.3.
  CHECK(base64_decode("dGhlIHNhbXBsZSBub25jZQ==").value_or("") == "the sample nonce");
}

TEST_CASE("any bytes come back from base64", "[text][base64]") {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 50, '\0');
    for (char& each : bytes) each = static_cast<char>(random());
    if (base64_decode(base64_encode(bytes)) != bytes) FAIL_CHECK("round " << round);
  }
}

TEST_CASE("base64 is refused in any form but the canonical one", "[text][base64]") {
  for (const std::string_view wrong :
       {"Z",        "Zg",   "Zg=",  "Zm9vY",  "=",     "==",    "===",  "====", "Z===",     "A===", "AAAAA===",
        "Zg==Zg==", "Zm=v", "=Zm9", "Zg==\n", " Zg==", "Zg= =", "Zm9-", "Zm9_", "Zm9v====", "Zm9!", "Zm\xC3\xA4"}) {
    INFO(wrong);
    CHECK_FALSE(base64_decode(wrong));
  }
  CHECK_FALSE(base64_decode(std::string_view("Zm9\0", 4)));
}

TEST_CASE("base64 with bits set that belong to no byte is refused", "[text][base64]") {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t value = 0; value < digits.size(); ++value) {
    CHECK(base64_decode(std::string("Z") + digits[value] + "==").has_value() == (value % 16 == 0));
    CHECK(base64_decode(std::string("Zm") + digits[value] + "=").has_value() == (value % 4 == 0));
  }
}

}  // namespace base64_test
