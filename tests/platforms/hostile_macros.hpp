// Macros that headers above ours may define: Windows (min, max), macOS' AssertMacros.h (check, verify, require), curses.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#define MACROS_THAT_MUST_BE_LEFT
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define check(x) do_not_use(x)
#define verify(x) do_not_use(x)
#define require(x, y) do_not_use(x)
#define error(x) do_not_use(x)
#define move(y, x) do_not_use(y)
#define clear() do_not_use()
#define erase() do_not_use()
#define timeout(delay) do_not_use(delay)
