#!/usr/bin/env bash
# Compiles the header with compilers of four suites of Debian, links it and runs it: compilers.sh [NAME...]
# Without names, all of the table; with --time, says what an optimized hello costs as well. Needs root and debootstrap; what it
# makes is kept in build/chroots. A new compiler is a new line: NAME, SUITE, PACKAGE, COMMAND.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/platforms/chroot.sh
source tests/platforms/chroot.sh

table() {
  cat <<'TABLE'
gcc-9     bullseye  g++-9     g++-9
gcc-10    bullseye  g++-10    g++-10
gcc-11    bookworm  g++-11    g++-11
gcc-12    bookworm  g++-12    g++-12
gcc-13    trixie    g++-13    g++-13
gcc-14    sid       g++-14    g++-14
gcc-15    sid       g++-15    g++-15
gcc-16    sid       g++-16    g++-16
clang-9   bullseye  clang-9   clang++-9
clang-11  bullseye  clang-11  clang++-11
clang-13  bookworm  clang-13  clang++-13
clang-14  bookworm  clang-14  clang++-14
clang-16  bookworm  clang-16  clang++-16
clang-17  trixie    clang-17  clang++-17
clang-18  trixie    clang-18  clang++-18
clang-19  sid       clang-19  clang++-19
clang-21  sid       clang-21  clang++-21
clang-23  sid       clang-23  clang++-23
TABLE
}

with_time=""
if [ "${1:-}" = --time ]; then
  with_time=yes
  shift
fi
for wanted in "$@"; do
  table | grep -q "^$wanted " || { echo "no such compiler: $wanted; there are: $(table | cut -d' ' -f1 | tr '\n' ' ')" >&2; exit 2; }
done
passed=0 bad=0
while read -r name suite package command; do
  [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
  packages=("$package" libasio-dev nlohmann-json3-dev)
  [[ $package != clang* ]] || packages+=(g++)  # it brings the standard library
  root=$(chroot_of "$suite" "${packages[@]}") || { bad=$((bad + 1)); continue; }
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
    cp -r /usr/include/asio /usr/include/asio.hpp "$root/root/try/"
  fi
  started=$SECONDS
  how="$command -std=c++17 -O0 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -isystem asio_is_here -I."
  if chroot "$root" sh -c "cd /root/try && mkdir asio_is_here && { [ ! -e asio ] || mv asio asio.hpp asio_is_here/; } &&
      $how uses_it.cpp -o uses_it -pthread && ./uses_it" >"$root/said" 2>&1; then
    passed=$((passed + 1))
    asio=$(echo '#include <asio/version.hpp>
ASIO_VERSION' | chroot "$root" sh -c "cd /root/try && $command -isystem asio_is_here -x c++ -E -P -" | tail -n 1)
    echo "$name: clean, and runs: $(chroot "$root" "$command" --version 2>/dev/null | sed -n 1p), Asio $asio, $((SECONDS - started)) s"
    if [ -n "$with_time" ]; then
      chroot "$root" sh -c "cd /root/try && bash -c 'TIMEFORMAT=\"$name: an optimized hello compiles for %U s\"
        time $command -std=c++17 -O2 -isystem asio_is_here -I. 01_hello.cpp -o hello -pthread'" 2>&1
    fi
  else
    head -n 30 "$root/said" >&2
    echo "$name ($suite) does not take the header" >&2
    bad=$((bad + 1))
  fi
done < <(table)
echo "$passed passed, $bad failed"
[ "$passed" -gt 0 ] && [ "$bad" = 0 ]
