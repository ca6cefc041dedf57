// How often a test repeats what it does: less often under a sanitizer, which takes ten times as long and looks for another kind of
// fault. The build without one repeats all.
#pragma once

#include <cstddef>

#include "sanitizers.hpp"

namespace test {

constexpr bool is_sanitized = WIRTHFORGE_UNDER_TSAN != 0 || WIRTHFORGE_UNDER_ASAN != 0;

/// At a random moment, or with random data: half as often.
constexpr int rounds(int all) { return is_sanitized ? all / 2 : all; }
/// The step from one place to the next, where a test tries every place: each nth only.
constexpr std::size_t step_of(std::size_t n) { return is_sanitized ? n : 1; }

}  // namespace test
