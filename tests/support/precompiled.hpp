// The headers of others that the library and its tests include. A build between two edits parses them once for each way of compiling:
// WIRTHFORGE_TEST_PRECOMPILE. Any other build reads what each file includes, so that a missing include is seen.
#pragma once

#include "catch.hpp"

#if !defined(ASIO_STANDALONE)
#define ASIO_STANDALONE  // as the library does before it includes any of Asio
#endif
#include <asio.hpp>
#include <nlohmann/json.hpp>
