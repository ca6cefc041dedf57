#!/usr/bin/env bash
# Builds the examples and runs the unit and integration tests with Meson: meson_build.sh FOLDER
set -euo pipefail
[ -f "$1/build.ninja" ] || meson setup "$1" . --buildtype=debug
meson compile -C "$1"
meson test -C "$1" --no-rebuild --num-processes 1 --print-errorlogs
