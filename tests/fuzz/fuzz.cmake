# Every corpus replayed and each fuzz target run for a short while. Builds by itself, with Clang and its libFuzzer.
find_program(CLANGXX clang++)
if(CLANGXX)
  add_test(NAME fuzz COMMAND ${CMAKE_CURRENT_LIST_DIR}/run.sh --seconds 3)
  set_tests_properties(fuzz PROPERTIES LABELS fuzz TIMEOUT 600 RUN_SERIAL TRUE
    ENVIRONMENT "CLANGXX=${CLANGXX};WIRTHFORGE_FUZZ_DIR=${CMAKE_BINARY_DIR}/fuzz")
else()
  wirthforge_left_out("the fuzz targets" clang++)
endif()
