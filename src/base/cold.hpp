// Marks functions that seldom run: once at a start, on an error, or when a program asks.
#pragma once

/// Placed before such a function: the compiler makes it small, not fast, and puts it away from the code that runs all the
/// time. More than half of the library is of that kind, and optimizing it for speed would make every program that includes it
/// compile longer.
#if defined(__GNUC__)
#define WIRTHFORGE_COLD [[gnu::cold]]
#else
#define WIRTHFORGE_COLD
#endif
