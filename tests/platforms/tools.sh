# Sourced: what is said where something that a test needs cannot be had.
# shellcheck shell=bash

# skip WORDS: ends with 77, which CTest reads as skipped. For what a network, a mirror or an administrator gives, and not this project.
skip() {
  echo "SKIPPED, cannot be tried here: $*" >&2
  exit 77
}

# no_tool WORDS: the same for what tests/run.sh installs. Where CI=true that is not skipped: there it ends with 1.
no_tool() {
  [ "${CI:-}" != true ] || { echo "cannot be tried here: $*" >&2; exit 1; }
  skip "$@"
}

# need COMMAND PACKAGE: PACKAGE is Debian's.
need() { command -v "$1" >/dev/null 2>&1 || no_tool "no $1 (Debian: $2)"; }
