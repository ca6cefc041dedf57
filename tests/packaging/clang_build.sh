#!/usr/bin/env bash
# Builds the suites against the header with a second compiler and its sanitizers for addresses, leaks and undefined behaviour, or runs
# what was built: clang_build.sh build|run FOLDER COMPILER
set -euo pipefail
if [ "$1" = run ]; then
  WIRTHFORGE_SIMULATION_SEEDS=60 exec ctest --test-dir "$2" --output-on-failure
fi
cmake -S . -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$3" -DCMAKE_BUILD_TYPE=None -DWIRTHFORGE_TEST_AGAINST=header \
  -DWIRTHFORGE_SUITES_ONLY=ON -DWIRTHFORGE_BUILD_EXAMPLES=OFF -DWIRTHFORGE_TEST_LEVEL=-O0 -DWIRTHFORGE_TEST_BATCH=40 \
  -DCMAKE_CXX_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
cmake --build "$2" --parallel "$(nproc 2>/dev/null || echo 2)"
