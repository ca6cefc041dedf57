# Tests that run in Node: the client's unit tests, and every folder under tests/ whose package.json
# has a "test" script (`npm test` there). Such a test finds our programs in WIRTHFORGE_BIN_DIR: the examples, echo_server and
# their like.
find_program(NODE node)
find_program(NPM npm)
if(NOT NODE OR NOT NPM)
  wirthforge_left_out("the client and the pages" "node and npm")
  return()
endif()

file(GLOB_RECURSE client_tests CONFIGURE_DEPENDS client/*.test.js client/*.test.mjs)
list(FILTER client_tests EXCLUDE REGEX "/node_modules/")
if(client_tests)
  add_test(NAME client.node COMMAND ${NODE} --test ${client_tests} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(client.node PROPERTIES LABELS "client;node;quick" TIMEOUT 600)
endif()

file(GLOB_RECURSE packages RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS package.json)
list(FILTER packages EXCLUDE REGEX "node_modules/")
foreach(package IN LISTS packages)
  get_filename_component(folder ${package} DIRECTORY)
  string(REPLACE "/" "." name ${folder})
  string(REPLACE "/" ";" labels ${folder})
  file(READ ${package} scripts)
  if(NOT scripts MATCHES "\"test\" *:")
    continue()
  endif()
  add_test(NAME ${name}.npm COMMAND ${NPM} --silent test WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  set_tests_properties(${name}.npm PROPERTIES LABELS "node;${labels}" TIMEOUT 1800
    ENVIRONMENT "WIRTHFORGE_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  if(folder STREQUAL "browser")  # the longest of those that wait
    math(EXPR cost "${WIRTHFORGE_COST_OF_WAITING} + 2")
    set_tests_properties(${name}.npm PROPERTIES COST ${cost})
  elseif(folder MATCHES "^(browser|conformance)")
    set_tests_properties(${name}.npm PROPERTIES COST ${WIRTHFORGE_COST_OF_WAITING})
  elseif(folder STREQUAL "bench")
    set_tests_properties(${name}.npm PROPERTIES COST 60)
  else()
    set_tests_properties(${name}.npm PROPERTIES COST 20)
  endif()
endforeach()

# ajv and the C++ checks judge the same instances, and must agree.
if(TARGET schema_judge AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/conformance/ajv/judge.mjs)
  add_test(NAME conformance.ajv WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/conformance/ajv
    COMMAND ${NODE} judge.mjs --judge $<TARGET_FILE:schema_judge>)
  set_tests_properties(conformance.ajv PROPERTIES LABELS "node;conformance;ajv" TIMEOUT 1200 COST 20)
endif()
