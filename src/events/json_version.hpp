// Brings nlohmann/json, and refuses one that the library does not work with, in one line.
#pragma once

#include <nlohmann/json.hpp>

#if NLOHMANN_JSON_VERSION_MAJOR * 10000 + NLOHMANN_JSON_VERSION_MINOR * 100 + NLOHMANN_JSON_VERSION_PATCH < 30703
#error \
    "wirthforge_ws.hpp needs nlohmann/json 3.7.3 or later: NLOHMANN_JSON_VERSION_MAJOR, _MINOR and _PATCH say which one is found first"
#endif
