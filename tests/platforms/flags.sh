#!/usr/bin/env bash
# Compiles the header under every flag and macro of one table: tests/platforms/flags.sh [NAME...]
# CXX_GCC and CXX_CLANG name the compilers (g++ and clang++). A row:
#   NAME | any, gcc or clang | clean, runs, or the words of the refusal | flags
# "clean": no error and no warning; "runs": built, linked and run as well. A new row is a new line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=${WIRTHFORGE_FLAGS_DIR:-build/flags}
mkdir -p "$folder"
here=tests/platforms

table() {
  sed -e '/^ *#/d' -e '/^ *$/d' <<'TABLE'
plain             | any   | runs  |
c++20             | any   | clean | -std=c++20
c++23             | any   | clean | -std=c++2b
c++14             | any   | needs C++17 or later | -std=c++14
ndebug            | any   | clean | -DNDEBUG
32-bit            | any   | clean | -m32 -I/usr/include/x86_64-linux-gnu
unsigned-char     | any   | clean | -funsigned-char -Wsign-conversion
short-enums       | any   | clean | -fshort-enums
sign-conversion   | any   | clean | -Wsign-conversion
useless-cast      | gcc   | clean | -Wuseless-cast
useless-cast-32   | gcc   | clean | -Wuseless-cast -m32 -I/usr/include/x86_64-linux-gnu
uninitialized     | gcc   | runs  | -O2 -Wmaybe-uninitialized
old-style-cast    | any   | clean | -Wold-style-cast -Wcast-qual -Wnon-virtual-dtor -Woverloaded-virtual
extra-semi        | any   | clean | -Wextra-semi
documentation     | clang | clean | -Wdocumentation
shadow-uncaptured | clang | clean | -Wshadow-uncaptured-local -Wshadow-all
thread-safety     | clang | clean | -Wthread-safety -Wrange-loop-analysis -Wloop-analysis
fast-math         | any   | runs  | -O2 -ffast-math
no-rtti           | any   | clean | -fno-rtti -DASIO_NO_TYPEID
no-rtti-alone     | any   | wants ASIO_NO_TYPEID | -fno-rtti
no-exceptions     | any   | needs exceptions where it is compiled | -fno-exceptions
no-exceptions-but-one | any | clean | -fno-exceptions -fno-rtti -DWIRTHFORGE_WS_SEPARATE_COMPILATION -DASIO_NO_TYPEID @interface
asio-exceptions   | any   | do without ASIO_NO_EXCEPTIONS | -DASIO_NO_EXCEPTIONS
json-exceptions   | any   | clean | -DJSON_NOEXCEPTION
asio-threads      | any   | do without ASIO_DISABLE_THREADS | -DASIO_DISABLE_THREADS
asio-ts-executors | any   | clean | -DASIO_USE_TS_EXECUTOR_AS_DEFAULT
asio-deprecated   | any   | clean | -DASIO_NO_DEPRECATED
asio-too-old      | any   | needs Asio 1.18.2 or later | @old_asio
json-too-old      | any   | needs nlohmann/json 3.7.3 or later | @old_json
json-vendored     | any   | clean | @vendored_json
json-vendored-first | any | clean | @vendored_json -include nlohmann/json.hpp -DWIRTHFORGE_WS_SEPARATE_COMPILATION
json-vendored-behind | any | clean | @vendored_json -DWIRTHFORGE_WS_SEPARATE_COMPILATION -DWIRTHFORGE_WS_IMPLEMENTATION
foreign-macros    | any   | clean | -include tests/platforms/hostile_macros.hpp
separate          | any   | clean | -DWIRTHFORGE_WS_SEPARATE_COMPILATION
no-dashboard      | any   | clean | -DWIRTHFORGE_WS_NO_DASHBOARD
hidden            | any   | clean | -fvisibility=hidden -fvisibility-inlines-hidden
TABLE
}

# Flags that begin with @ stand for files that this script makes.
made() {
  local to=$folder/$1
  case $1 in
    @interface) cp "$here/interface.cpp" "$folder/unit.cpp" ;;
    @old_asio)  # the version before the oldest that works; its other contents do not matter
      mkdir -p "$to/asio"
      echo '#define ASIO_VERSION 101801' >"$to/asio/version.hpp" ;;
    @old_json)
      mkdir -p "$to/nlohmann"
      printf '#include_next <nlohmann/json.hpp>\n#undef NLOHMANN_JSON_VERSION_%s\n#define NLOHMANN_JSON_VERSION_%s %s\n' \
        MINOR MINOR 7 >"$to/nlohmann/json.hpp"
      printf '#undef NLOHMANN_JSON_VERSION_PATCH\n#define NLOHMANN_JSON_VERSION_PATCH 2\n' >>"$to/nlohmann/json.hpp" ;;
    @vendored_json) python3 "$here/one_file_json.py" "$to" ;;
  esac
  [ "$1" = @interface ] || echo "-isystem $to"
}

check() {  # COMPILER NAME VERDICT FLAGS
  local compiler=$1 name=$2 verdict=$3 flags="" each out=$folder/out
  cp "$here/uses_it.cpp" "$folder/unit.cpp"
  for each in $4; do
    case $each in @*) flags+=" $(made "$each")" ;; *) flags+=" $each" ;; esac
  done
  local how=-fsyntax-only strict="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
  [ "$verdict" != runs ] || how="-o $folder/program -pthread"
  # shellcheck disable=SC2086  # several words, on purpose
  if "$compiler" -std=c++17 $strict -I. $flags "$folder/unit.cpp" $how >"$out" 2>&1; then
    case $verdict in
      clean) ;;
      runs) "$folder/program" || { echo "$name: $compiler builds a program that fails ($?)" >&2; return 1; } ;;
      *) echo "$name: $compiler takes what must be refused with: $verdict" >&2; return 1 ;;
    esac
  else
    case $verdict in clean | runs) verdict="" ;; esac
    if [ -z "$verdict" ] || ! grep -m 1 'error:' "$out" | grep -qF -- "$verdict"; then
      head -n 30 "$out" >&2
      echo "$name: $compiler$flags ${verdict:+does not say first: $verdict}" >&2
      return 1
    fi
  fi
}

bad=0 rows=0
while IFS='|' read -r name whom verdict flags; do
  read -r name <<<"$name"; read -r whom <<<"$whom"; read -r verdict <<<"$verdict"
  [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
  for compiler in "gcc ${CXX_GCC-g++}" "clang ${CXX_CLANG-clang++}"; do
    [ "$whom" = any ] || [ "$whom" = "${compiler%% *}" ] || continue
    command=${compiler#* }
    [ -n "$command" ] || continue
    if [[ $flags == *-m32* ]] && ! echo '#include <vector>' | "$command" -m32 -I/usr/include/x86_64-linux-gnu -x c++ -fsyntax-only - 2>/dev/null; then
      echo "$name: left out, $command has no 32-bit headers (Debian: g++-12-multilib)"
      continue
    fi
    rows=$((rows + 1)) started=$SECONDS
    if check "$command" "$name" "$verdict" "$flags"; then
      echo "$name: $command: $verdict, $((SECONDS - started)) s"
    else
      bad=$((bad + 1))
    fi
  done
done < <(table)
echo "$((rows - bad)) passed, $bad failed"
[ "$rows" -gt 0 ] && [ "$bad" = 0 ]
