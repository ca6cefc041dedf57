# Finds what the header stands on: Asio, nlohmann/json and threads. Shared by this project and by its installed package.
# Defines wirthforge::asio and nlohmann_json::nlohmann_json where no parent has; wirthforge_ws_missing names what was not found.
set(wirthforge_ws_missing "")

find_package(Threads QUIET)
if(NOT TARGET Threads::Threads)
  string(APPEND wirthforge_ws_missing " threads;")
endif()

# Debian has no package file for Asio; a parent project, vcpkg or Conan may have a target for it.
if(NOT TARGET wirthforge::asio)
  add_library(wirthforge::asio INTERFACE IMPORTED)
  if(TARGET asio::asio)
    set_target_properties(wirthforge::asio PROPERTIES INTERFACE_LINK_LIBRARIES asio::asio)
  else()
    find_path(WIRTHFORGE_ASIO_INCLUDE_DIR asio.hpp DOC "Folder of standalone Asio's asio.hpp")
    if(WIRTHFORGE_ASIO_INCLUDE_DIR)
      set_target_properties(wirthforge::asio PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${WIRTHFORGE_ASIO_INCLUDE_DIR}")
    else()
      string(APPEND wirthforge_ws_missing " asio.hpp (Debian: libasio-dev; or set WIRTHFORGE_ASIO_INCLUDE_DIR);")
    endif()
  endif()
endif()

if(NOT TARGET nlohmann_json::nlohmann_json)
  find_package(nlohmann_json CONFIG QUIET)
endif()
if(NOT TARGET nlohmann_json::nlohmann_json)
  find_path(WIRTHFORGE_JSON_INCLUDE_DIR nlohmann/json.hpp DOC "Folder of nlohmann/json.hpp")
  if(WIRTHFORGE_JSON_INCLUDE_DIR)
    add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
    set_target_properties(nlohmann_json::nlohmann_json PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${WIRTHFORGE_JSON_INCLUDE_DIR}")
  else()
    string(APPEND wirthforge_ws_missing " nlohmann/json.hpp (Debian: nlohmann-json3-dev; or set WIRTHFORGE_JSON_INCLUDE_DIR);")
  endif()
endif()
