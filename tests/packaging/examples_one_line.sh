#!/usr/bin/env bash
# Builds every example by the one line that the README promises, with no build system: examples_one_line.sh FOLDER
# The first is built as that line says, but for its -O2; the header is the same in all of them, so the others are only checked.
set -euo pipefail
mkdir -p "$1"
how=-O0  # readme_hello.py optimizes the same
for source in examples/*.cpp; do
  name=$(basename "$source" .cpp)
  started=$SECONDS
  "${CXX:-c++}" -std=c++17 $how -I. "$source" -o "$1/$name" -pthread
  echo "$source: $((SECONDS - started)) s"
  [ "$how" != -O0 ] || "$1/$name" --help >/dev/null
  how=-fsyntax-only
done
