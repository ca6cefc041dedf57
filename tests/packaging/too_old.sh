#!/usr/bin/env bash
# An Asio or nlohmann/json that is too old is refused in one clear line, which names the needed and the found version, by CMake, Meson
# and examples/run.sh; the header's own #error is a row of tests/platforms/flags.sh: too_old.sh FOLDER
set -euo pipefail
folder=$1 root=$PWD
rm -rf "$folder"
mkdir -p "$folder/asio/asio" "$folder/json/nlohmann"
touch "$folder/asio/asio.hpp"
echo '#define ASIO_VERSION 101801 // 1.18.1' >"$folder/asio/asio/version.hpp"
printf '#define NLOHMANN_JSON_VERSION_%s\n' 'MAJOR 3' 'MINOR 7' 'PATCH 2' >"$folder/json/nlohmann/json.hpp"
asio_says="needs Asio 1.18.2 or newer, and $folder/asio has 1.18.1"
json_says="needs nlohmann/json 3.7.3 or newer, and $folder/json has 3.7.2"

refused() {  # WORDS COMMAND...
  local words=$1
  shift
  if "$@" >"$folder/said" 2>&1 </dev/null; then
    echo "not refused: $*" >&2
    exit 1
  fi
  tr -s ' \n' '  ' <"$folder/said" | grep -qF -- "$words" && { echo "refused: $words"; return; }
  cat "$folder/said" >&2
  echo "refused without a word of: $words: $*" >&2
  exit 1
}

bare=(-DWIRTHFORGE_BUILD_TESTS=OFF -DWIRTHFORGE_BUILD_EXAMPLES=OFF)
refused "$asio_says" cmake -S . -B "$folder/1" "${bare[@]}" -DWIRTHFORGE_ASIO_INCLUDE_DIR="$folder/asio"
refused "$json_says" cmake -S . -B "$folder/2" "${bare[@]}" -DWIRTHFORGE_JSON_INCLUDE_DIR="$folder/json"

# In a parent that has it as a target, and in a project that finds the installed package.
cp -r tests/packaging/consumer_parent "$folder/parent"
ln -s "$root" "$folder/parent/wirthforge_ws"
refused "$asio_says" cmake -S "$folder/parent" -B "$folder/3" -DHOW=namespaced -DOTHERS="$folder/asio"
cp -r tests/packaging/consumer_find_package "$folder/finds"
cmake -S . -B "$folder/4" "${bare[@]}" >/dev/null
cmake --install "$folder/4" --prefix "$folder/prefix" >/dev/null
refused "$asio_says" cmake -S "$folder/finds" -B "$folder/5" -DCMAKE_PREFIX_PATH="$folder/prefix" \
  -DWIRTHFORGE_ASIO_INCLUDE_DIR="$folder/asio"

# examples/run.sh builds by CMake: CMake's message must reach the user.
mkdir -p "$folder/clone/examples"
for each in CMakeLists.txt cmake scripts src wirthforge_ws.hpp wirthforge_ws.cpp; do ln -s "$root/$each" "$folder/clone/$each"; done
for each in examples/*; do [ "$each" = examples/run.sh ] || ln -s "$root/$each" "$folder/clone/$each"; done
cp examples/run.sh "$folder/clone/examples/"
refused "$asio_says" env CMAKE_INCLUDE_PATH="$folder/asio" "$folder/clone/examples/run.sh"

if command -v meson >/dev/null; then
  refused "needs Asio 1.18.2 or newer, and this machine has 1.18.1" env CPATH="$folder/asio" meson setup "$folder/6" .
  # Otherwise Meson takes the system's by pkg-config or CMake.
  printf "[binaries]\npkgconfig = '/nowhere/pkg-config'\ncmake = '/nowhere/cmake'\n" >"$folder/native.ini"
  refused "needs nlohmann/json 3.7.3 or newer, and this machine has 3.7.2" env CPATH="$folder/json" meson setup "$folder/7" . \
    --native-file "$folder/native.ini"
fi
