# Tests that lack their tool are left out, and said to be; with WIRTHFORGE_REQUIRE_TOOLS (default where the environment says
# CI=true) they are an error.

# wirthforge_left_out(WHAT NEEDS): notes that the test WHAT is left out because the tool NEEDS is missing.
function(wirthforge_left_out what needs)
  if(WIRTHFORGE_REQUIRE_TOOLS)
    message(FATAL_ERROR "${what} cannot be tested without ${needs}. Install it, or leave such tests out with"
      " -DWIRTHFORGE_REQUIRE_TOOLS=OFF, or all with -DWIRTHFORGE_BUILD_TESTS=OFF")
  endif()
  set_property(GLOBAL APPEND_STRING PROPERTY wirthforge_left_out "\n  ${what}: needs ${needs}")
endfunction()

function(wirthforge_say_what_is_left_out)
  get_property(left_out GLOBAL PROPERTY wirthforge_left_out)
  if(left_out)
    message(WARNING "wirthforge_ws: these tests are left out:${left_out}")
  endif()
endfunction()
