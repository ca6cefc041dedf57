// What every test includes: Meson compiles it once. (It wants a folder of its own for this.)
#include "catch.hpp"
#include "wirthforge_ws.hpp"
