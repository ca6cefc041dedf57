#!/usr/bin/env bash
# The uses of the package by CMake projects, except the two that consumer.sh builds:
#   consumer_cmake.sh parents|installed|presets|bare FOLDER
set -euo pipefail
what=$1 folder=$2 root=$PWD
rm -rf "$folder"
mkdir -p "$folder"
export CXXFLAGS=-O0  # the way to the header is tried, not the optimizer

say() { echo "consumer_cmake.sh $what: $*"; }
fail() { say "$*" >&2; exit 1; }

# configure NAME ARGUMENT...: configures the project $folder/project in $folder/NAME; its output is in $folder/NAME.log.
configure() {
  local name=$1
  shift
  cmake -S "${project:-$folder/project}" -B "$folder/$name" "$@" >"$folder/$name.log" 2>&1
}
must_configure() { configure "$@" || { cat "$folder/$1.log" >&2; fail "$1 does not configure"; }; }
# refused NAME WORDS ARGUMENT...: configuring must fail, and say WORDS (line breaks and indents aside).
refused() {
  local name=$1 words=$2
  shift 2
  ! configure "$name" "$@" || fail "$name configures, and must be refused with: $words"
  tr -s ' \n' ' ' <"$folder/$name.log" | grep -qF -- "$words" || { cat "$folder/$name.log" >&2; fail "$name does not say: $words"; }
}
project_of() {
  cp -r "tests/packaging/$1" "$folder/project"
  cp tests/packaging/consumer.cpp tests/packaging/plugin.cpp "$folder/project/"
}

case $what in
  parents)
    project_of consumer_parent
    ln -s "$root" "$folder/project/wirthforge_ws"
    others=$(echo '#include <asio/version.hpp>' | "${CXX:-c++}" -x c++ -E - | sed -n 's|^# 1 "\(.*\)/asio/version\.hpp".*|\1|p')
    for how in target namespaced fetch_content; do
      must_configure "$how" -DHOW=$how -DOTHERS="$others"
      must_configure "$how.installs" -DHOW=$how -DOTHERS="$others" -DWIRTHFORGE_INSTALL=ON
      say "$how: configures"
    done
    for how in namespaced namespaced.installs; do
      # the script lists the files that are installed; none has to be built
      cmake -DCMAKE_INSTALL_PREFIX="$folder/$how.prefix" -DCMAKE_INSTALL_COMPONENT=Unspecified \
        -P "$folder/$how/cmake_install.cmake" >/dev/null
    done
    [ ! -e "$folder/namespaced.prefix/include/wirthforge_ws.hpp" ] || fail "a parent installs wirthforge_ws without being asked"
    [ -e "$folder/namespaced.installs.prefix/include/wirthforge_ws.hpp" ] || fail "WIRTHFORGE_INSTALL=ON installs no header"
    cmake --build "$folder/namespaced"
    "$folder/namespaced/consumer" ;;

  installed)
    project_of consumer_installed
    project=$root must_configure build -DWIRTHFORGE_BUILD_TESTS=OFF -DWIRTHFORGE_BUILD_EXAMPLES=OFF \
      -DCMAKE_INSTALL_INCLUDEDIR=include/of_ours
    cmake --install "$folder/build" --prefix "$folder/prefix" >/dev/null
    [ -e "$folder/prefix/include/of_ours/wirthforge_ws.hpp" ] || fail "CMAKE_INSTALL_INCLUDEDIR is not heeded"
    prefix=-DCMAKE_PREFIX_PATH=$folder/prefix
    must_configure 32-bit "$prefix" -DWORD_BYTES=4
    must_configure 64-bit "$prefix" -DWORD_BYTES=8
    must_configure both_components "$prefix" "-DCOMPONENTS=ws;ws_compiled"
    refused unknown_component "has no component 'extras': there are ws and" "$prefix" -DCOMPONENTS=extras
    cmake --build "$folder/both_components"
    "$folder/both_components/consumer" ;;

  presets)
    for preset in $(cmake --list-presets | sed -n 's/^  "\(.*\)" .*/\1/p'); do
      cmake --preset "$preset" -B "$folder/$preset" >"$folder/$preset.log" 2>&1 || { cat "$folder/$preset.log" >&2; fail "$preset"; }
      say "$preset configures"
    done
    [ -d "$folder/install" ] || fail "the preset install is gone" ;;

  bare)  # with nothing but the two dependencies
    project=$root
    must_configure build -DCMAKE_DISABLE_FIND_PACKAGE_Python3=ON -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON \
      -DWIRTHFORGE_REQUIRE_TOOLS=OFF -DCATCH_INCLUDE_DIR:PATH= -DNODE:FILEPATH= -DCLANGXX:FILEPATH=
    for tool in Python Catch2 node clang; do
      grep -q "needs $tool" "$folder/build.log" || { cat "$folder/build.log" >&2; fail "no word of the tests that need $tool"; }
    done
    cmake --install "$folder/build" --prefix "$folder/prefix"
    CI=true refused in_ci "cannot be tested without Python 3.9 or newer" -DCMAKE_DISABLE_FIND_PACKAGE_Python3=ON ;;
esac
say "done"
