#!/usr/bin/env bash
# Compiles the header as integrators may, and measures the code of a unit that only includes it: header_compiles_clean.sh COMPILER
set -euo pipefail
flags="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wextra-semi -Werror -I. -x c++ -include wirthforge_ws.hpp"
"$1" -Wuseless-cast -Werror -fsyntax-only -x c++ /dev/null 2>/dev/null && flags="-Wuseless-cast $flags"  # GCC has it
object=$(mktemp)
trap 'rm -f "$object"' EXIT
# With gnu++20 the words linux and unix are macros. The first object is measured below.
for how in "-std=c++17 -O1 -c -o $object" \
  "-std=gnu++20 -fsyntax-only -DWIRTHFORGE_WS_NO_DASHBOARD -include tests/packaging/system_macros.hpp" \
  "-std=c++17 -fsyntax-only -DWIRTHFORGE_WS_SEPARATE_COMPILATION" \
  "-std=c++17 -fsyntax-only -DWIRTHFORGE_WS_SEPARATE_COMPILATION -DWIRTHFORGE_WS_IMPLEMENTATION"; do
  # shellcheck disable=SC2086  # several words, on purpose
  "$1" $how $flags /dev/null || { echo "wirthforge_ws.hpp does not compile clean with $1 $how" >&2; exit 1; }
  echo "clean: $1 $how"
done
bytes=$(size "$object" | awk 'NR == 2 { print $1 }')
echo "a unit that only includes it: $bytes bytes of code"
if [ "$bytes" -gt 32768 ]; then
  echo "wirthforge_ws.hpp: a unit that only includes it has $bytes bytes of code, limit 32768
  why: every file of an integrator compiles that, again and again
  fix: say 'inline' in the class for each virtual function that is defined outside it: the first that is not is the key
       function, and GCC writes the vtable, with all that it names, wherever that is defined" >&2
  exit 1
fi
