#!/usr/bin/env bash
# Writes the API reference from the public headers: scripts/api_docs.sh [FOLDER] (default build/api; open html/index.html there).
# A public name without a comment, or a comment that Doxygen cannot follow, is an error.
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
out=${1:-build/api}
if ! command -v doxygen >/dev/null 2>&1; then
  echo "there is no doxygen
  fix: apt-get install doxygen" >&2
  exit 77
fi
mkdir -p "$out"
rm -rf "$out/html"
interface=$(python3 single_include_gen.py --list-interface)
version=$(sed -n 's/.* library_version = "\(.*\)";$/\1/p' src/base/version.hpp)
{
  cat docs/api/Doxyfile
  # Another version of Doxygen has other pages and warnings, but no other undocumented names.
  echo "INPUT = docs/api/main.md docs/api/namespaces.dox ${interface//$'\n'/ }"
  echo "OUTPUT_DIRECTORY = $out"
  echo "PROJECT_NUMBER = $version"
  echo "WARN_LOGFILE = $out/warnings"
} | doxygen - >/dev/null
if [ -s "$out/warnings" ]; then
  cat "$out/warnings" >&2
  echo "the API reference lacks something
  why: who looks a name up must find its units, defaults, threads and errors
  fix: write a /// comment there; what is not for integrators belongs into namespace detail" >&2
  exit 1
fi
echo "$out/html/index.html"
