#!/usr/bin/env bash
# Builds the fuzz targets, replays their corpora and runs them. A finding ends it with 1; its file is kept and named.
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

usage() {
  cat <<'HELP'
  tests/fuzz/run.sh [TARGET...]                 replays each corpus, then runs each target for 4 s, two at a time
  tests/fuzz/run.sh --seconds 60 [TARGET...]    the same, for so long; 0 replays alone
  tests/fuzz/run.sh --executions 2000 [TARGET...]  the same, for so many executions, from a fixed seed: the same inputs each time
  tests/fuzz/run.sh --minutes 20 [TARGET...]    until each target has used so many CPU minutes; what is found is kept for
                                                the next run
  tests/fuzz/run.sh --coverage [TARGET...]      what the corpora and what was found reach, as a table
  tests/fuzz/run.sh --merge [TARGET...]         takes the twelve inputs of each target that reach most into the
                                                committed corpora, of all that was found
  tests/fuzz/run.sh --figures                   what --minutes has run so far, as a table
  tests/fuzz/run.sh --replay-with g++           replays all with another compiler, without libFuzzer; ASan and UBSan
WIRTHFORGE_FUZZ_DIR: where all is built and kept, build/fuzz by default. CLANGXX: clang++ by default.
HELP
}

here=$root/tests/fuzz
work=${WIRTHFORGE_FUZZ_DIR:-$root/build/fuzz}
clang=${CLANGXX:-clang++}
mode=short
amount=4
bound=-max_total_time
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) mode=short amount=$2; shift ;;
    --executions) mode=short amount=$2 bound=-runs; shift ;;
    --minutes) mode=long amount=$2; shift ;;
    --coverage) mode=coverage ;;
    --merge) mode=merge ;;
    --figures) mode=figures ;;
    --replay-with) mode=replay clang=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
# shellcheck source=scripts/install_missing.sh
source "$root/scripts/install_missing.sh"
install_missing nlohmann/json.hpp:nlohmann-json3-dev
if [ "$mode" != replay ]; then
  install_missing "$clang:clang"
  # Debian's clang comes without the libraries of the sanitizers and the fuzzer when recommended packages are not installed.
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    "$clang" -fsanitize=fuzzer,address -x c++ - -o /dev/null 2>/dev/null ||
    install_missing "libFuzzer:libclang-rt-$("$clang" -dumpversion | cut -d. -f1)-dev"
fi
every=()
for file in "$here"/*.cpp; do every+=("$(basename "$file" .cpp)"); done
[ ${#targets[@]} -gt 0 ] || targets=("${every[@]}")
jobs=$(nproc 2>/dev/null || echo 2)
[ "$jobs" -le 2 ] || jobs=$((jobs / 2))
own_folder "$work/bin"  # findings stay valid in another folder
mkdir -p "$work"/{found,findings,log}
export here root work clang mode amount bound
export UBSAN_OPTIONS=print_stacktrace=1

# build WAY NAME TARGET...: one program, NAME-WAY, of these targets, and a link to it for each. Built again when a source has changed.
build() {
  local way=$1 program="$work/bin/$2-$1" source="$work/bin/$2.cpp" sanitizers=address,undefined flags=() target
  shift 2
  case $way in
    fuzz) flags=(-O1 -gline-tables-only "-fsanitize=fuzzer,$sanitizers") ;;
    coverage) flags=(-O0 -fprofile-instr-generate -fcoverage-mapping "$here/support/replay.cpp") ;;
    replay-*) flags=(-O1 -g1 "-fsanitize=$sanitizers" "$here/support/replay.cpp") ;;
  esac
  {
    echo "#define WIRTHFORGE_WS_UNDER_TEST  // the library's tools are seen without their namespace"
    for target in "$@"; do echo "#include \"fuzz/$target.cpp\""; done
    echo "constexpr fuzz::target fuzz_targets[] = {"
    for target in "$@"; do echo "  {\"$target\", fuzz::${target}_target::fuzz_one},"; done
    echo "};"
    echo '#include "fuzz/support/entry.hpp"'
  } >"$source.new"
  if cmp -s "$source.new" "$source"; then rm "$source.new"; else mv "$source.new" "$source"; fi
  # shellcheck disable=SC2046
  if ! [ -x "$program" ] || [ -n "$(find $(sed 's/^[^:]*://; s/\\$//' "$program.d") -newer "$program" -print -quit)" ]; then
    [ "$way" != fuzz ] || rm -f "$work"/log/*-sum  # the earlier runs were of another program
    [ "$way" = coverage ] || flags+=(-fno-sanitize-recover=all)
    "$clang" -std=c++17 -Wall -Wextra -UNDEBUG "${flags[@]}" -I"$root/src" -I"$root/tests" "$source" -MMD -MF "$program.d" \
      -o "$program.new" -pthread
    mv "$program.new" "$program"
  fi
  for target in "$@"; do [ "$program" = "$work/bin/$target-$way" ] || ln -sfn "$(basename "$program")" "$work/bin/$target-$way"; done
}

# options TARGET FOLDER...: the options for libFuzzer.
options() {
  local target=$1
  shift
  echo "-print_final_stats=1 -timeout=100 -rss_limit_mb=1024 -max_len=4096 -artifact_prefix=$work/findings/$target-"
  [ ! -e "$here/$target.dict" ] || echo "-dict=$here/$target.dict"
  echo "$@"
}

tell_finding() {
  echo "$1: a finding; see $2"
  grep -a -m1 -E 'oracle does not hold|ERROR: |runtime error' "$2" || true
  grep -a 'Test unit written to' "$2" || true
}

figure() { sed -n "s/^stat::$1: *//p" "$2" | tail -n1; }

short() {
  local target=$1 log="$work/log/$1-short" executed seed=
  [ "$bound" = -max_total_time ] || seed=-seed=1
  mkdir -p "$work/found/$target" "$work/fresh/$target"
  # shellcheck disable=SC2046
  "$work/bin/$target-fuzz" -runs=0 $(options "$target" "$here/corpus/$target" "$work/found/$target") >"$log" 2>&1 ||
    { tell_finding "$target, replayed" "$log"; return 1; }
  executed=$(figure number_of_executed_units "$log")
  [ "$amount" -gt 0 ] || { echo "$target: $executed inputs replayed"; return; }
  # shellcheck disable=SC2046
  "$work/bin/$target-fuzz" "$bound=$amount" $seed $(options "$target" "$work/found/$target" "$here/corpus/$target") >"$log" 2>&1 ||
    { tell_finding "$target" "$log"; return 1; }
  echo "$target: $executed inputs replayed, $(figure number_of_executed_units "$log") executed"
}

# Rounds of a minute, until their CPU time is enough: on a busy machine the elapsed time says nothing. Goes on where an
# earlier run of the same program was ended.
long() {
  local target=$1 log="$work/log/$1-long" sum="$work/log/$1-sum" used=0 executed=0 round spent
  local TIMEFORMAT='%U %S'
  mkdir -p "$work/found/$target"
  [ ! -e "$sum" ] || read -r used executed <"$sum"
  while [ "$used" -lt $((amount * 60000)) ]; do
    # shellcheck disable=SC2046
    if ! spent=$( { time "$work/bin/$target-fuzz" -max_total_time=60 -use_value_profile=$((RANDOM % 2)) \
        $(options "$target" "$work/found/$target" "$here/corpus/$target") >"$log" 2>&1; } 2>&1); then
      tell_finding "$target" "$log"
      return 1
    fi
    round=$(figure number_of_executed_units "$log")
    executed=$((executed + round))
    used=$((used + $(awk '{ print int(($1 + $2) * 1000) }' <<<"$spent")))
    echo "$used $executed" >"$sum"
    echo "$target: $executed executions in $((used / 1000)) CPU seconds, $((executed * 1000 / (used + 1))) a second"
  done
}

replay() {
  echo "$1: $("$work/bin/$1-replay-$(basename "$clang")" "$here/corpus/$1")"
}

figures() {
  local used executed
  [ -e "$work/log/$1-sum" ] || return 0
  read -r used executed <"$work/log/$1-sum"
  echo "| \`$1\` | $((used / 60000)) min | $executed | $((executed * 1000 / (used + 1))) |"
}

# Coverage of the parts that the target names in its `// covers:` line.
coverage() {
  local target=$1 folders=("$here/corpus/$1") parts=() part
  build coverage "$target" "$target"
  [ ! -d "$work/found/$target" ] || [ -z "$(ls -A "$work/found/$target")" ] || folders+=("$work/found/$target")
  LLVM_PROFILE_FILE="$work/$target.profraw" "$work/bin/$target-coverage" "${folders[@]}" >/dev/null
  llvm_tool llvm-profdata merge -sparse "$work/$target.profraw" -o "$work/$target.profdata"
  # shellcheck disable=SC2013  # words, on purpose
  for part in $(sed -n 's|^// covers: ||p' "$here/$target.cpp"); do parts+=("$root/src/$part"); done
  llvm_tool llvm-cov report "$work/bin/$target-coverage" -instr-profile="$work/$target.profdata" "${parts[@]}" |
    awk -v target="$target" '/\.[hi]pp |^TOTAL/ { n = split($1, path, "/"); name = n > 1 ? path[n - 1] "/" path[n] : $1
      printf "%-9s %-28s regions %7s  lines %7s\n", target, name, $4, $10 }'
}
llvm_tool() {
  local version tool=$1
  shift
  version=$("$clang" -dumpversion)
  "$(command -v "$tool-${version%%.*}" || command -v "$tool")" "$@"
}

merge() {
  local target=$1 fresh="$work/merged/$1" number=0 file
  rm -rf "$fresh"
  mkdir -p "$fresh" "$work/found/$target"
  "$work/bin/$target-fuzz" -set_cover_merge=1 -max_len=1000 "$fresh" "$here/corpus/$target" "$work/found/$target" >"$work/log/$target-merge" 2>&1
  find "$here/corpus/$target" -mindepth 1 -name 'f*' -delete
  while IFS= read -r file; do
    number=$((number + 1))
    cp "$file" "$here/corpus/$target/$(printf 'f%02d' "$number")"
  done < <(find "$fresh" -type f -printf '%s %p\n' | sort -rn | awk '{ print $2 }' | head -n 12)  # the largest reach most
  echo "$target: $(find "$here/corpus/$target" -type f | wc -l) files, $(du -cb "$here/corpus/$target"/* | tail -n1 | cut -f1) bytes"
}

case $mode in
  short | long | merge) build fuzz all "${every[@]}" ;;
  replay) build "replay-$(basename "$clang")" all "${every[@]}" ;;
esac
export -f options tell_finding figure short long replay coverage llvm_tool merge
if [ "$mode" = coverage ] || [ "$mode" = merge ] || [ "$mode" = figures ]; then
  for target in "${targets[@]}"; do "$mode" "$target"; done
else
  printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -euo pipefail -c "$mode {}"
  exit
fi
