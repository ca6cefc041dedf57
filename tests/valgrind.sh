#!/usr/bin/env bash
# Runs the suites under Valgrind, which finds reads of uninitialized memory: no sanitizer of GCC's does. Ten minutes on two
# cores, so not a part of tests/run.sh.
case $- in *p*) ;; *) exec bash -p -- "$0" "$@" ;; esac  # see scripts/surroundings.sh
set -euo pipefail
self=$0
while [ -L "$self" ]; do  # a link to this script
  link=$(readlink -- "$self")
  case $link in /*) self=$link ;; *) self=$(dirname -- "$self")/$link ;; esac
done
root=$(cd -P -- "$(dirname -- "$self")" && pwd -P)
until [ -e "$root/scripts/surroundings.sh" ] || [ "$root" = / ]; do root=$(dirname -- "$root"); done
# shellcheck source=scripts/surroundings.sh
source "$root/scripts/surroundings.sh"
cd "$root"
# shellcheck source=scripts/install_missing.sh
source scripts/install_missing.sh
install_missing g++:g++ cmake:cmake ninja:ninja-build asio.hpp:libasio-dev nlohmann/json.hpp:nlohmann-json3-dev valgrind:valgrind
[ -e /usr/include/catch2/catch_all.hpp ] || install_missing catch2/catch.hpp:catch2

build=build/valgrind
forget_copied_build "$root/$build" Ninja
cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g" \
  -DWIRTHFORGE_TEST_AGAINST=src -DWIRTHFORGE_SUITES_ONLY=ON -DWIRTHFORGE_BUILD_EXAMPLES=OFF >/dev/null
cmake --build $build --parallel "$(nproc 2>/dev/null || echo 2)"

checked() {
  echo "valgrind: $*"
  valgrind --quiet --error-exitcode=9 --track-origins=yes --fair-sched=yes "$@"
}
checked $build/bin/unit_src
# Left out: tests that must keep pace with a clock, since Valgrind is 30 times slower.
checked $build/bin/integration_src "~[kill]" "~a client that does not read is reported*"
WIRTHFORGE_SIMULATION_SEEDS=20 checked $build/bin/simulation_src "every client gets*"
