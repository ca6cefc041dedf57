// How often a test repeats what it does at a random moment: half as often under a sanitizer, which takes several times as long
// and looks for another kind of fault.
#pragma once

#include "sanitizers.hpp"

namespace test {

constexpr int rounds(int all) { return WIRTHFORGE_UNDER_TSAN != 0 || WIRTHFORGE_UNDER_ASAN != 0 ? all / 2 : all; }

}  // namespace test
