# Tests that talk to built programs over raw sockets, in Python without packages: the table of conformance cases, and every
# *_test.py of conformance/, attacks/ and integration/.
find_package(Python3 3.9 QUIET COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  wirthforge_left_out("conformance, attacks and all else over raw sockets" "Python 3.9 or newer")
  return()
endif()

function(socket_test name script labels)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${script} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "python;${labels}" TIMEOUT 1200 COST ${WIRTHFORGE_COST_OF_WAITING}
    ENVIRONMENT
    "WIRTHFORGE_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYTHONDONTWRITEBYTECODE=1;ASAN_OPTIONS=quarantine_size_mb=8")
endfunction()

socket_test(conformance.table ${CMAKE_CURRENT_SOURCE_DIR}/conformance/run.py conformance)
file(GLOB_RECURSE socket_tests RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS conformance/*_test.py attacks/*_test.py
  integration/*_test.py)
list(FILTER socket_tests EXCLUDE REGEX "node_modules/")
foreach(test IN LISTS socket_tests)
  string(REGEX MATCH "^[^/]+" suite ${test})
  get_filename_component(name ${test} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  socket_test(${suite}.${name} ${CMAKE_CURRENT_SOURCE_DIR}/${test} ${suite})
endforeach()
