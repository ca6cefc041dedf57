// Which functions seldom run: once a start, on an error, when somebody asks.
#pragma once

/// Before such a function: it is compiled to be small, not fast, and stands out of the way of what runs all the time. More than
/// half of the library is of that kind, and whoever includes it waits for the optimizer.
#if defined(__GNUC__)
#define WIRTHFORGE_COLD [[gnu::cold]]
#else
#define WIRTHFORGE_COLD
#endif
