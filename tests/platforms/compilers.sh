#!/usr/bin/env bash
# Compiles the header with compilers of four suites of Debian, links it and runs it: compilers.sh [NAME...]
# Without names, all of the table; with --time, also prints the compile time of an optimized hello, alone and with a bridge; with --once,
# without the second compile that the table calls `fast`: fast_math_test.py tries the like with this machine's compiler. Needs root
# and Debian's packages, which are unpacked, some 15 s each, and kept in build/debs. A new compiler is a new line: NAME, SUITE, PACKAGE,
# COMMAND, and `fast` where it is also tried with -O2 -ffast-math, under which Clang 19 forgot that a number may be NaN.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/platforms/debs.sh
source tests/platforms/debs.sh
# shellcheck source=tests/platforms/tools.sh
source tests/platforms/tools.sh

table() {
  cat <<'TABLE'
gcc-9     bullseye  g++-9     g++-9
gcc-10    bullseye  g++-10    g++-10
gcc-11    bookworm  g++-11    g++-11
gcc-12    bookworm  g++-12    g++-12
gcc-13    trixie    g++-13    g++-13
gcc-14    sid       g++-14    g++-14
gcc-15    sid       g++-15    g++-15
gcc-16    sid       g++-16    g++-16  fast
clang-9   bullseye  clang-9   clang++-9
clang-11  bullseye  clang-11  clang++-11
clang-13  bookworm  clang-13  clang++-13
clang-14  bookworm  clang-14  clang++-14
clang-16  bookworm  clang-16  clang++-16
clang-17  trixie    clang-17  clang++-17
clang-18  trixie    clang-18  clang++-18
clang-19  sid       clang-19  clang++-19  fast
clang-21  sid       clang-21  clang++-21
clang-23  sid       clang-23  clang++-23  fast
TABLE
}

with_time="" once=""
while [[ ${1:-} == --* ]]; do
  case $1 in
    --time) with_time=yes ;;
    --once) once=yes ;;
    *) echo "no such option: $1" >&2; exit 2 ;;
  esac
  shift
done
for wanted in "$@"; do
  table | grep -q "^$wanted " || { echo "no such compiler: $wanted; there are: $(table | cut -d' ' -f1 | tr '\n' ' ')" >&2; exit 2; }
done
command -v apt-get >/dev/null || skip "no apt-get: the compilers are Debian's packages"
[ "$(id -u)" = 0 ] || skip "chroot wants root"
passed=0 bad=0 said="" absent=""
while read -r name suite package command fast; do
  [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
  [ -z "$once" ] || fast=""
  packages=("$package" libasio-dev nlohmann-json3-dev bash dash)
  [[ $package != clang* ]] || packages+=(g++)  # it brings the standard library
  root=$(debs_of "$suite" "$name" whole "${packages[@]}") || { absent+=" $name"; continue; }
  rm -rf "$root/root/try"
  mkdir -p "$root/root/try"
  cp wirthforge_ws.hpp wirthforge_ws.cpp tests/platforms/uses_it.cpp examples/01_hello.cpp examples/arguments.hpp "$root/root/try/"
  if [ "$suite" = bullseye ]; then  # its Asio is 1.18.1, which is too old: the header says so, and this machine's serves
    if chroot "$root" sh -c "cd /root/try && $command -std=c++17 -I. -fsyntax-only uses_it.cpp" >"$root/said" 2>&1 ||
      ! grep -q 'needs Asio 1.18.2 or later' "$root/said"; then
      head -n 20 "$root/said" >&2
      echo "$name: Asio 1.18.1 is not refused with a clear word" >&2
      bad=$((bad + 1))
      continue
    fi
    mkdir "$root/root/try/asio_is_here"
    cp -r /usr/include/asio /usr/include/asio.hpp "$root/root/try/asio_is_here/"
  fi
  started=$SECONDS
  how="$command -std=c++17 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -isystem asio_is_here -I."
  if chroot "$root" sh -c "cd /root/try && $how uses_it.cpp -o uses_it -pthread && ./uses_it &&
      { [ -z '$fast' ] || { $how -O2 -ffast-math uses_it.cpp -o fast -pthread && ./fast; }; }" >"$root/said" 2>&1; then
    passed=$((passed + 1)) said+="$name, "
    asio=$(echo '#include <asio/version.hpp>
ASIO_VERSION' | chroot "$root" sh -c "cd /root/try && $command -isystem asio_is_here -x c++ -E -P -" | tail -n 1)
    version=$(chroot "$root" "$command" --version 2>/dev/null | sed -n 1p)
    echo "$name: clean, and runs${fast:+, with -ffast-math too}: $version, Asio $asio, $((SECONDS - started)) s"
    if [ -n "$with_time" ]; then
      ask='wirthforge::model_bridge(server).ask({"http://127.0.0.1:1/api/chat", "{}"}, "s");'
      sed "s|^  server.run();|  $ask\n&|" examples/01_hello.cpp >"$root/root/try/01_hello_with_a_bridge.cpp"
      for program in hello hello_with_a_bridge; do
        chroot "$root" sh -c "cd /root/try && bash -c 'TIMEFORMAT=\"$name: an optimized $program compiles for %U s\"
          time $command -std=c++17 -O2 -isystem asio_is_here -I. 01_$program.cpp -o $program -pthread'" 2>&1
      done
    fi
  else
    head -n 30 "$root/said" >&2
    echo "$name ($suite) does not take the header" >&2
    bad=$((bad + 1))
  fi
done < <(table)
[ "$bad" != 0 ] || [ -z "$absent" ] || skip "no$absent of Debian's packages${said:+; these passed: ${said%, }}"
echo "${said}$passed passed, $bad failed"
[ "$passed" -gt 0 ] && [ "$bad" = 0 ]
