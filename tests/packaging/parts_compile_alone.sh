#!/usr/bin/env bash
# Compiles each part under src/ by itself, which shows a missing include: parts_compile_alone.sh COMPILER
set -euo pipefail
export compiler=$1

compile_alone() {
  "$compiler" -std=c++17 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Isrc -x c++ -include "$1" \
    /dev/null && return
  echo "$1 does not compile alone with $compiler
  why: parts are read, tested and ordered one by one; what one leans on it must include
  fix: include what is missing; to see it again: $compiler -std=c++17 -fsyntax-only -Isrc -x c++ -include $1 /dev/null" >&2
  return 1
}
export -f compile_alone

parts=$(cd ./src && find . -name '*.hpp' -o -name '*.ipp' | sed 's|^\./||' | sort -r)
echo "$(wc -l <<<"$parts") parts"
xargs -P "$(nproc 2>/dev/null || echo 2)" -I {} bash -c 'compile_alone {}' <<<"$parts"
