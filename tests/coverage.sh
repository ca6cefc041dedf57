#!/usr/bin/env bash
# Line and branch coverage of src/ over the suites: tests/coverage.sh [suite ...]. Fails below 95 % of lines, 90 % of branches, and
# where a line that is not run has no reason in tests/coverage_reasons.txt. Builds lie in build/coverage.
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

suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(unit integration simulation faults allocation)
build=$root/build/coverage
export WIRTHFORGE_SIMULATION_SEEDS=${WIRTHFORGE_SIMULATION_SEEDS:-100}
jobs=${WIRTHFORGE_JOBS:-$(nproc 2>/dev/null || echo 2)}
flags="-std=c++17 -O0 -g1 -fprofile-instr-generate -fprofile-update=atomic -fcoverage-mapping -DWIRTHFORGE_SOURCE_DIR=\"$root\" -I$root/src -I$root/tests"
own_folder "$build"

# A suite is one unit. Compiled here and not by CMake, whose build uses another compiler.
{
  echo "FLAGS := ${flags//\"/\\\"}"
  echo "PARTS := $(find "$root/src" "$root/tests" -name '*.?pp' -not -path '*/node_modules/*' | sort | tr '\n' ' ')"
  echo "all: ${suites[*]/#/$build/suite_}"
  for suite in "${suites[@]}"; do
    find "$root/tests/$suite" -name '*_test.cpp' | sort | sed 's/.*/#include "&"/' >"$build/$suite.cpp"
    echo "$build/$suite.o: $build/$suite.cpp \$(PARTS); clang++ \$(FLAGS) -c \$< -o \$@"
    echo "$build/suite_$suite: $build/$suite.o $build/main.o; clang++ -fprofile-instr-generate \$^ -pthread -ldl -o \$@"
  done
  echo "$build/main.o: $root/tests/catch_main.cpp; clang++ -std=c++17 -c \$< -o \$@"
} >"$build/Makefile"
make --silent --jobs="$jobs" --file="$build/Makefile" all

rm -f "$build"/*.{profraw,lcov,json}
for suite in "${suites[@]}"; do
  echo "$suite"
  LLVM_PROFILE_FILE="$build/$suite-%p.profraw" "$build/suite_$suite" >"$build/$suite.log" || { tail -n 40 "$build/$suite.log"; exit 1; }
  llvm-profdata merge -sparse "$build/$suite"-*.profraw -o "$build/$suite.profdata"
  counted=(-instr-profile="$build/$suite.profdata" "$build/suite_$suite" "$root/src")
  llvm-cov export -format=lcov "${counted[@]}" >"$build/$suite.lcov"
  llvm-cov export -format=text -skip-expansions -skip-functions "${counted[@]}" >"$build/$suite.json"
done
python3 "$root/tests/coverage.py" "$build"
