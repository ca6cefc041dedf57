#!/usr/bin/env bash
# Builds an example with Meson, and runs the suites that have threads under the thread sanitizer: meson_build.sh FOLDER
# The simulation has no threads, most of the unit tests have none, and an allocation is counted as well without that sanitizer.
# GCC's thread sanitizer does not support fences (-Wtsan), so Asio is told to do without them.
set -euo pipefail
[ -f "$1/build.ninja" ] || meson setup "$1" . --buildtype=debug -Ddebug=false -Db_sanitize=thread -Db_lundef=false \
  "-Dcpp_args=-g1 -DASIO_DISABLE_FENCED_BLOCK"
suites=$(cd ./tests && find . -name '*_test.cpp' | cut -d/ -f2 | sort -u | sed '/^simulation$/d; /^allocation$/d; s/^unit$/unit_threads/')
# shellcheck disable=SC2086  # several words, on purpose
meson compile -C "$1" hello $suites
# shellcheck disable=SC2086
meson test -C "$1" --no-rebuild --num-processes 2 --print-errorlogs $suites
