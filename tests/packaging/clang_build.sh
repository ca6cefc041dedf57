#!/usr/bin/env bash
# Builds the suites with a second compiler and runs them against the header under its sanitizers for addresses, leaks
# and undefined behaviour: clang_build.sh COMPILER FOLDER
set -euo pipefail
cmake -S . -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$1" -DCMAKE_BUILD_TYPE=None -DWIRTHFORGE_TEST_AGAINST=header \
  -DWIRTHFORGE_SUITES_ONLY=ON -DWIRTHFORGE_BUILD_EXAMPLES=OFF -DWIRTHFORGE_TEST_LEVEL=-O0 -DWIRTHFORGE_TEST_BATCH=40 \
  -DCMAKE_CXX_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
cmake --build "$2" --parallel "$(nproc 2>/dev/null || echo 2)"
WIRTHFORGE_SIMULATION_SEEDS=60 ctest --test-dir "$2" --parallel "$(nproc 2>/dev/null || echo 2)" --output-on-failure
