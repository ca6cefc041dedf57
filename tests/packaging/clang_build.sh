#!/usr/bin/env bash
# Builds every program with a second compiler and runs the suites against the header: clang_build.sh COMPILER FOLDER
set -euo pipefail
cmake -S . -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$1" -DCMAKE_BUILD_TYPE=None -DWIRTHFORGE_TEST_AGAINST=header \
  -DWIRTHFORGE_SUITES_ONLY=ON
cmake --build "$2" --parallel "$(nproc 2>/dev/null || echo 2)"
ctest --test-dir "$2" --output-on-failure
