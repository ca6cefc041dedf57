#!/usr/bin/env bash
# Builds and runs a project that takes the header in, from a clean folder:
#   consumer.sh subdirectory|find_package|meson FOLDER BUILD_OF_THIS_PROJECT
set -euo pipefail
way=$1 folder=$2 build=$3 root=$PWD

rm -rf "$folder"
mkdir -p "$folder"
cp -r "tests/packaging/consumer_$way" "$folder/project"
cp tests/packaging/consumer.cpp "$folder/project/"
cd "$folder/project"
case $way in
  subdirectory)
    ln -s "$root" wirthforge_ws
    cmake -S . -B build -DCMAKE_BUILD_TYPE=Debug
    cmake --build build ;;
  find_package)
    cmake --install "$build" --prefix "$folder/prefix"
    cmake -S . -B build -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$folder/prefix"
    cmake --build build ;;
  meson)
    mkdir subprojects
    ln -s "$root" subprojects/wirthforge_ws
    meson setup build
    meson compile -C build
    build/consumer_compiled ;;
esac
build/consumer
