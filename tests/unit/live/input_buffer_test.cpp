// The buffer in which a connection awaits its client's bytes: small, larger while much comes at once, small again.
#include <cstddef>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace input_buffer_test {

using wirthforge::live::input_buffer;
constexpr std::size_t little = input_buffer::little;
constexpr std::size_t more = input_buffer::more;

namespace {
void fit(input_buffer& buffer, std::size_t came, int times) {
  for (int n = 0; n < times; ++n) buffer.fit(came);
}
}  // namespace

TEST_CASE("a buffer for input grows when it was full twice in a row", "[live][input]") {
  input_buffer buffer;
  REQUIRE(buffer.size() == little);
  for (int n = 0; n < 10; ++n) {
    buffer.fit(little);
    CHECK(buffer.size() == little);
    buffer.fit(little - 1);
  }
  const char* const before = buffer.data();
  fit(buffer, little, 2);
  CHECK(buffer.size() == more);
  CHECK(buffer.data() != before);
  buffer.data()[more - 1] = 'x';
}

TEST_CASE("a buffer for input shrinks when little came sixteen times in a row", "[live][input]") {
  input_buffer buffer;
  fit(buffer, more, 2);
  fit(buffer, little - 1, 15);
  buffer.fit(little);
  fit(buffer, 0, 15);
  CHECK(buffer.size() == more);
  buffer.fit(little - 1);
  CHECK(buffer.size() == little);
  buffer.fit(little);
  CHECK(buffer.size() == little);
  buffer.fit(little);
  CHECK(buffer.size() == more);
}

}  // namespace input_buffer_test
