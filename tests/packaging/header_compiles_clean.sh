#!/usr/bin/env bash
# Compiles the header as integrators may: header_compiles_clean.sh COMPILER
set -euo pipefail
for how in "-std=c++17" "-std=c++20" "-std=c++17 -DWIRTHFORGE_WS_NO_DASHBOARD" "-std=c++17 -fno-rtti"; do
  # shellcheck disable=SC2086  # several words, on purpose
  "$1" $how -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I. -x c++ -include wirthforge_ws.hpp /dev/null ||
    { echo "wirthforge_ws.hpp does not compile clean with $1 $how" >&2; exit 1; }
  echo "clean: $1 $how"
done
