// Picks the Catch2 that is installed: version 3 where its header is found, else the single header of version 2.
#pragma once

#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
