// Finiteness and sign by the bits of a double. With -ffast-math: tests/packaging/fast_math_test.py.
#include <limits>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace finite_test {

using wirthforge::double_bits;

TEST_CASE("NaN and the infinities are not finite, everything else is", "[base][finite]") {
  using limits = std::numeric_limits<double>;
  for (const double value : {0.0, -0.0, 1.0, -1.0, limits::max(), limits::lowest(), limits::min(), limits::denorm_min()}) {
    CHECK(wirthforge::is_finite(value));
    CHECK_FALSE(double_bits(value).is_nan());
  }
  for (const double value : {limits::quiet_NaN(), -limits::quiet_NaN(), limits::signaling_NaN()}) {
    CHECK_FALSE(wirthforge::is_finite(value));
    CHECK(double_bits(value).is_nan());
  }
  for (const double value : {limits::infinity(), -limits::infinity()}) {
    CHECK_FALSE(wirthforge::is_finite(value));
    CHECK_FALSE(double_bits(value).is_nan());
    CHECK(double_bits(value).is_negative() == (value < 0));
  }
}

TEST_CASE("a zero has either sign", "[base][finite]") {
  CHECK(double_bits(0.0).is_zero());
  CHECK(double_bits(-0.0).is_zero());
  CHECK(double_bits(-0.0).is_negative());
  CHECK_FALSE(double_bits(0.0).is_negative());
  CHECK_FALSE(double_bits(5e-324).is_zero());
  CHECK_FALSE(double_bits(-1.0).is_zero());
}

}  // namespace finite_test
