#!/usr/bin/env bash
# Builds every example by the one line that the README promises, with no build system: examples_one_line.sh FOLDER
# The first is optimised as that line says; the header is the same in all of them, so the others are only compiled.
set -euo pipefail
mkdir -p "$1"
level=-O2
for source in examples/*.cpp; do
  name=$(basename "$source" .cpp)
  started=$SECONDS
  "${CXX:-c++}" -std=c++17 "$level" -I. "$source" -o "$1/$name" -pthread
  echo "$source: $((SECONDS - started)) s"
  "$1/$name" --help >/dev/null
  level=-O0
done
