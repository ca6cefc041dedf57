#!/usr/bin/env bash
# Builds an example with Meson, and the suites that have threads with the thread sanitizer, or runs these: meson_build.sh build|run FOLDER
# The simulation has no threads, most of the unit tests have none, and an allocation is counted as well without that sanitizer.
# GCC's thread sanitizer does not support fences (-Wtsan), so Asio is told to do without them.
set -euo pipefail
suites=$(cd ./tests && find . -name '*_test.cpp' | cut -d/ -f2 | sort -u | sed '/^simulation$/d; /^allocation$/d; s/^unit$/unit_threads/')
if [ "$1" = run ]; then
  # shellcheck disable=SC2086  # several words, on purpose
  exec meson test -C "$2" --no-rebuild --num-processes 1 --print-errorlogs $suites
fi
[ -f "$2/build.ninja" ] || meson setup "$2" . --buildtype=debug -Ddebug=false -Db_sanitize=thread -Db_lundef=false \
  "-Dcpp_args=-g1 -DASIO_DISABLE_FENCED_BLOCK"
# shellcheck disable=SC2086  # several words, on purpose
meson compile -C "$2" hello $suites
