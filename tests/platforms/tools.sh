# Sourced: what is said where something that a test needs cannot be had.
# shellcheck shell=bash

# no_tool WORDS: ends with 77, which CTest reads as skipped. Where CI=true nothing is skipped: there it ends with 1.
no_tool() {
  echo "cannot be tried here: $*" >&2
  [ "${CI:-}" != true ] || exit 1
  exit 77
}

# need COMMAND PACKAGE: PACKAGE is Debian's.
need() { command -v "$1" >/dev/null 2>&1 || no_tool "no $1 (Debian: $2)"; }
