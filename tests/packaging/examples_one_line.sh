#!/usr/bin/env bash
# Builds every example by the one line that the README promises, with no build system: examples_one_line.sh FOLDER
set -euo pipefail
mkdir -p "$1"
for source in examples/*.cpp; do
  name=$(basename "$source" .cpp)
  started=$SECONDS
  "${CXX:-c++}" -std=c++17 -O2 -I. "$source" -o "$1/$name" -pthread
  echo "$source: $((SECONDS - started)) s"
  "$1/$name" --help >/dev/null
done
