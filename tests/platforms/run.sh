#!/usr/bin/env bash
# Tries the header on other systems, with other compilers, and as other people take it along.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# A new system is a new line: NAME | MINUTES on two idle cores (the first run makes chroots, some 2 more) | CHECK:PACKAGE... | COMMAND
table() {
  cat <<'TABLE'
flags     |  7 |                                                                     | tests/platforms/flags.sh
ends      |  3 | debootstrap:debootstrap                                             | tests/platforms/compilers.sh gcc-9 gcc-16 clang-9 clang-23
compilers | 10 | debootstrap:debootstrap                                             | tests/platforms/compilers.sh
debian    |  1 | debootstrap:debootstrap lintian:lintian dh:debhelper cmake:cmake    | tests/platforms/debian.sh
TABLE
}
names=$(table | cut -d' ' -f1)

if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  cat <<HELP
  tests/platforms/run.sh               all of these but "ends", which "compilers" has in it
  tests/platforms/run.sh NAME...       these alone
  tests/platforms/run.sh no-NAME...    all but these

HELP
  table | awk -F'|' '{ print "  " $1 $2 " minutes:" $4 }'
  echo "
Needs root, and a Debian for the packages; what is missing is installed. What each says is in build/platforms/NAME.log."
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
: >build/platforms/result.tsv
passed=0 failed=0 skipped=0
while IFS='|' read -r name minutes needs command; do
  read -r name <<<"$name"
  is_wanted "$@" || { skipped=$((skipped + 1)); continue; }
  echo "$name:${minutes% } minutes ..."
  started=$SECONDS verdict=passed
  # shellcheck disable=SC2086  # several words, on purpose
  { install_missing $needs && $command </dev/null; } >"build/platforms/$name.log" 2>&1 || verdict=failed
  [ $verdict = passed ] || tail -n 40 "build/platforms/$name.log" >&2
  printf '%s\t%s\t%s\t%s\n' "$name" $verdict $((SECONDS - started)) "$(tail -n 1 "build/platforms/$name.log")" |
    tee -a build/platforms/result.tsv
  if [ $verdict = passed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done < <(table)
echo "$passed passed, $failed failed, $skipped skipped"
[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
