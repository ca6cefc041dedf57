#!/usr/bin/env bash
# Numbers under locales with another decimal point: locale.sh COMPILER LIBRARY. The library is the compiler's own, or libc++,
# which before version 20 reads no floating-point number without the locale.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=()
if [ "$2" = libc++ ]; then
  options=(-stdlib=libc++)
  echo '#include <vector>' | "$1" "${options[@]}" -x c++ -fsyntax-only - 2>/dev/null ||
    { echo "$1 has no libc++ here (Debian: libc++-dev libc++abi-dev)"; exit 77; }
fi
"$1" -std=c++17 -O0 "${options[@]}" -Isrc tests/packaging/locale/main.cpp -o "$work/locale" -pthread
"$work/locale" "$work"
