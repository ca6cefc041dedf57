#!/usr/bin/env bash
# With WIRTHFORGE_WS_SEPARATE_COMPILATION a file that includes the header must know nothing of Asio and nlohmann/json but how
# they name the types of the interface: separate_is_light.sh COMPILER
set -euo pipefail
allowed='/asio/detail/config\.hpp$|/asio/version\.hpp$|/nlohmann/json_fwd\.hpp$|/nlohmann/detail/abi_macros\.hpp$'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for from in src .; do
  for unit in examples/01_hello.cpp examples/04_council.cpp examples/06_replay.cpp; do
    "$1" -std=c++17 -O1 -DWIRTHFORGE_WS_SEPARATE_COMPILATION -I$from -MD -MF "$work/unit.d" -c $unit -o "$work/unit.o"
    # shellcheck disable=SC1003,SC2020
    tr -s ' \\' '\n\n' <"$work/unit.d" | grep -E '/(asio|nlohmann)[/.]' | grep -vE "$allowed" >"$work/heavy" || true
    nm -C "$work/unit.o" | grep -E '\b(asio|nlohmann|wirthforge::(live|net|rfc6455|text))::' >>"$work/heavy" || true
    [ -s "$work/heavy" ] || continue
    head "$work/heavy" >&2
    echo "$unit: with $1 -I$from the interface brings in what stands above
  why: every file of an integrator would compile it again
  fix: declare it in the part that src/wirthforge_ws.hpp includes above its #if, and define it in an .ipp below" >&2
    exit 1
  done
done
