#!/usr/bin/env bash
# Lays out the C++ of this repository as .clang-format says. Generated files are left alone.
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

version=14 # Debian 12's: another one breaks some lines in other places, and two developers would undo each other's work
if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  cat <<HELP
  scripts/format.sh                    every file
  scripts/format.sh FILE...            these
  scripts/format.sh --check [FILE...]  change nothing; name each file that would change, and by how many lines

Needs clang-format $version (apt-get install clang-format-$version); without it --check says so and ends with 77.
HELP
  exit 0
fi
cd "$root"

check=false
names=()
for word in "$@"; do
  case $word in
    --check) check=true ;;
    -*) echo "scripts/format.sh: no option $word; see --help" >&2; exit 2 ;;
    *) names+=("$word") ;;
  esac
done

formatter=
for name in "clang-format-$version" clang-format; do
  if "$name" --version 2>/dev/null | grep -q "version $version\."; then
    formatter=$name
    break
  fi
done
if [ -z "$formatter" ]; then
  echo "there is no clang-format $version
  why: other versions lay out some lines in another way
  fix: apt-get install clang-format-$version" >&2
  exit 77
fi

if [ ${#names[@]} -eq 0 ]; then
  while IFS= read -r -d '' file; do names+=("$file"); done < <(
    git ls-files -z --cached --others --exclude-standard -- '*.hpp' '*.ipp' '*.cpp')
fi
files=()
for file in ${names[@]+"${names[@]}"}; do
  case $file in */generated/* | *node_modules/*) continue ;; esac
  case $file in *.hpp | *.ipp | *.cpp) [ -f "$file" ] && files+=("$file") ;; esac
done
if [ ${#files[@]} -gt 0 ]; then # without what says that it is generated
  generated=$(awk 'FNR <= 5 && /GENERATED/ { print FILENAME }' "${files[@]}")
  owned=()
  for file in "${files[@]}"; do
    [[ $'\n'"$generated"$'\n' == *$'\n'"$file"$'\n'* ]] || owned+=("$file")
  done
  files=(${owned[@]+"${owned[@]}"})
fi
if [ ${#files[@]} -eq 0 ]; then
  echo "no files of C++ to lay out"
  exit 0
fi

bad=()
while IFS= read -r file; do bad+=("$file"); done < <(
  "$formatter" --dry-run "${files[@]}" 2>&1 | sed -n 's/:[0-9]*:[0-9]*: warning: code should be clang-formatted.*//p' | sort -u)
if ! $check; then
  [ ${#bad[@]} -eq 0 ] || "$formatter" -i "${bad[@]}"
  echo "${#bad[@]} of ${#files[@]} files changed"
  exit 0
fi
lines=0
for file in ${bad[@]+"${bad[@]}"}; do
  changed=$("$formatter" "$file" | diff "$file" - | grep -c '^<' || true)
  lines=$((lines + changed))
  echo "$file: $changed lines would change"
done
if [ ${#bad[@]} -gt 0 ]; then
  echo "${#bad[@]} of ${#files[@]} files are not laid out as .clang-format says ($lines lines)
  why: a diff should show what somebody meant to change
  fix: run scripts/format.sh" >&2
  exit 1
fi
echo "${#files[@]} files are laid out as .clang-format says"
