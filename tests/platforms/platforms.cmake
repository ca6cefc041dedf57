# The part of tests/platforms/run.sh that finds most in a minute of a processor for each system; run.sh tries each whole. Where a tool
# cannot be fetched, its test is skipped, and CTest lists it; the tools that tests/run.sh installs must be there where CI=true. The newest
# compilers come from Debian's unstable suite: where it does not have them today, their test is skipped as well.
function(platform_test name)
  add_test(NAME platforms.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/platforms/${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(platforms.${name} PROPERTIES LABELS platforms TIMEOUT 3600 COST 100 SKIP_RETURN_CODE 77)
endfunction()

platform_test(mingw cross.sh mingw sample)
platform_test(s390x cross.sh s390x sample)
platform_test(oldest compilers.sh --once gcc-9 clang-9)
platform_test(newest compilers.sh --once gcc-16 clang-21)
platform_test(macos cross.sh macos sample)
platform_test(musl cross.sh musl sample)
set_tests_properties(platforms.macos platforms.musl PROPERTIES RESOURCE_LOCK zig)  # the first to run fetches it
