# Replays every corpus, and runs each fuzz target from a fixed seed: a change is judged by the same inputs as the last one. New inputs
# are found by run.sh --minutes. Builds by itself, with Clang and its libFuzzer.
find_program(CLANGXX clang++)
if(CLANGXX)
  add_test(NAME fuzz COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh --executions 3000)
  set_tests_properties(fuzz PROPERTIES LABELS fuzz TIMEOUT 1800 COST 150
    ENVIRONMENT "CLANGXX=${CLANGXX};WIRTHFORGE_FUZZ_DIR=${CMAKE_BINARY_DIR}/fuzz")
else()
  wirthforge_left_out("the fuzz targets" clang++)
endif()
