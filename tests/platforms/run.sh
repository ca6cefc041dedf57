#!/usr/bin/env bash
# Tries the header on other systems, with other compilers, and in packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# A new system is a new line: NAME | MINUTES on two idle cores, a second time less | CHECK:PACKAGE... | COMMAND | what is tried
table() {
  cat <<'TABLE'
flags     |  7 |  | flags.sh | flags and macros of one table, GCC and Clang
ends      |  2 |  | compilers.sh gcc-9 gcc-16 clang-9 clang-23 | the oldest and the newest compilers
compilers | 12 |  | compilers.sh | GCC 9 to 16, Clang 9 to 23
dependencies | 2 |  | dependencies.sh | Asio and nlohmann/json of four suites of Debian
debian    |  1 | debootstrap:debootstrap lintian:lintian dh:debhelper cmake:cmake | debian.sh | Debian's package, in a clean system
mingw     | 12 | x86_64-w64-mingw32-g++-posix:g++-mingw-w64-x86-64-posix | cross.sh mingw | Windows: mingw-w64, run under Wine
i386      |  8 | i686-linux-gnu-g++:g++-i686-linux-gnu | cross.sh i386 | Linux on i386
aarch64   | 10 | aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64:qemu-user | cross.sh aarch64 | Linux on aarch64, under qemu
s390x     | 10 | s390x-linux-gnu-g++:g++-s390x-linux-gnu qemu-s390x:qemu-user | cross.sh s390x | Linux on s390x (big endian), under qemu
musl      |  2 | npm:npm | cross.sh musl | Linux with musl and libc++
macos     |  3 | npm:npm | cross.sh macos | macOS on both processors: compiled and linked, not run
TABLE
}
names=$(table | cut -d' ' -f1)

if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  cat <<HELP
  tests/platforms/run.sh               all of these but "ends", which "compilers" has in it
  tests/platforms/run.sh NAME...       these alone
  tests/platforms/run.sh no-NAME...    all but these

HELP
  table | awk -F'|' '{ printf "  %-13s%3s minutes: %s\n", $1, $2, $5 }'
  echo "
Needs root, and a Debian for the packages; missing packages are installed. The output of each is in build/platforms/NAME.log, and a
line of it in build/platforms/results.tsv; tests/platforms/table.py --take puts these into README.md. Fetched tools are kept in
build/debs, build/zig and build/chroots, or in the folders that WIRTHFORGE_DEBS, WIRTHFORGE_ZIG and WIRTHFORGE_CHROOTS name."
  exit 0
fi
for word in "$@"; do
  grep -qx -- "${word#no-}" <<<"$names" || { echo "no such system: ${word#no-}; there are: ${names//$'\n'/ }" >&2; exit 2; }
done

is_wanted() {
  [[ " $* " != *" no-$name "* ]] || return 1
  local word
  for word in "${@}"; do [[ $word == no-* ]] || { [[ " $* " == *" $name "* ]]; return; }; done
  [ "$name" != ends ]
}

# shellcheck source=scripts/install_missing.sh
source scripts/install_missing.sh
mkdir -p build/platforms
: >build/platforms/results.tsv
passed=0 failed=0 skipped=0
while IFS='|' read -r name minutes needs command what; do
  read -r name <<<"$name"; read -r command <<<"$command"; read -r what <<<"$what"
  is_wanted "$@" || { skipped=$((skipped + 1)); continue; }
  echo "$name:${minutes% } minutes ..."
  started=$SECONDS verdict=passed
  # shellcheck disable=SC2086  # several words, on purpose
  { install_missing $needs && tests/platforms/$command </dev/null; } >"build/platforms/$name.log" 2>&1 || verdict=failed
  [ $verdict = passed ] || tail -n 40 "build/platforms/$name.log" >&2
  printf '%s\t%s\t%s\t%s\t%s\n' "$name" $verdict $((SECONDS - started)) "$what" "$(tail -n 1 "build/platforms/$name.log")" |
    tee -a build/platforms/results.tsv
  if [ $verdict = passed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done < <(table)
echo "$passed passed, $failed failed, $skipped skipped"
[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
