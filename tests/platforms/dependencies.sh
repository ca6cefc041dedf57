#!/usr/bin/env bash
# The header with the Asio and the nlohmann/json of other suites of Debian, by this machine's compiler: dependencies.sh [SUITE...]
# Each is compiled without a warning, linked and run; one that is too old must be refused by name. No suite has packages of
# Asio 1.18.2 and nlohmann/json 3.7.3 themselves, the oldest that work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/platforms/debs.sh
source tests/platforms/debs.sh
work=build/platforms/dependencies
mkdir -p "$work"
[ $# -gt 0 ] || set -- bullseye bookworm trixie sid

version_in() {  # FOLDER HEADER MACRO...
  local folder=$1 header=$2
  shift 2
  printf '#include <%s>\nVERSION_IS %s\n' "$header" "$*" | "${CXX:-g++}" -std=c++17 -isystem "$folder" -x c++ -E -P - | sed -n 's/^VERSION_IS *//p'
}
compile() {  # INCLUDE...
  "${CXX:-g++}" -std=c++17 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "$@" -I. tests/platforms/uses_it.cpp \
    -o "$work/uses_it" -pthread >"$work/said" 2>&1
}
refuse() {
  head -n 20 "$work/said" >&2
  echo "$1" >&2
  bad=$((bad + 1))
}

passed=0 bad=0 said=""
for suite in "$@"; do
  folder=$(debs_of "$suite" headers alone libasio-dev nlohmann-json3-dev)
  rm -rf "${work:?}/$suite"
  mkdir -p "$work/$suite/asio" "$work/$suite/json"
  cp -r "$folder"/usr/include/asio* "$work/$suite/asio/"
  cp -r "$folder"/usr/include/nlohmann "$work/$suite/json/"
  number=$(version_in "$work/$suite/asio" asio/version.hpp ASIO_VERSION)  # 101802 is 1.18.2
  asio=$((number / 100000)).$((number / 100 % 1000)).$((number % 100))
  json=$(version_in "$work/$suite/json" nlohmann/json.hpp NLOHMANN_JSON_VERSION_MAJOR NLOHMANN_JSON_VERSION_MINOR NLOHMANN_JSON_VERSION_PATCH)
  ways=(-isystem "$work/$suite/json")
  if [ "$number" -lt 101802 ]; then
    if compile -isystem "$work/$suite/asio" || ! grep -q 'needs Asio 1.18.2 or later' "$work/said"; then
      refuse "Asio $asio is not refused with a clear word"
      continue
    fi
    asio+=" refused"
  else
    ways+=(-isystem "$work/$suite/asio")
  fi
  if compile "${ways[@]}" && "$work/uses_it"; then
    passed=$((passed + 1))
    said+="Asio $asio and nlohmann/json ${json// /.}; "
    echo "$suite: Asio $asio, nlohmann/json ${json// /.}"
  else
    refuse "$suite: not with Asio $asio and nlohmann/json ${json// /.}"
  fi
done
echo "${said}$passed passed, $bad failed"
[ "$passed" -gt 0 ] && [ "$bad" = 0 ]
