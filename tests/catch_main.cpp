// The test runner's entry point, for Catch2 2 and 3 alike.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

#include "support/sanitizers.hpp"

#if WIRTHFORGE_UNDER_TSAN
// Some tests fork a process that starts threads of its own. A detached thread of the test before may end only then.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }
#endif
