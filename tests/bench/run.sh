#!/usr/bin/env bash
# The race: installs missing packages, builds all racers, measures, and writes build/bench/table.md and results.json beside it.
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

if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  cat <<'HELP'
  tests/bench/run.sh              all racers, five repetitions: about half an hour
  tests/bench/run.sh --quick      ours and the floors, unoptimized, once and shortly: shows that it runs; its figures mean nothing
  tests/bench/run.sh --racers ours,asio_floor,beast --repetitions 3 --parts race,micro,stress,sizes
  tests/bench/run.sh --beside COMMIT [...]
                                  races ours as it was at that commit, too, and adds a table of the ratios: what a change made slower

Only ratios within one run mean anything, and only on a machine that does nothing else.
HELP
  exit 0
fi

here=$root/tests/bench
cd "$root"
# shellcheck source=scripts/install_missing.sh
source scripts/install_missing.sh
install_missing g++:g++ python3:python3 asio.hpp:libasio-dev nlohmann/json.hpp:nlohmann-json3-dev
if [[ " $* " != *" --quick "* ]]; then
  install_missing node:nodejs npm:npm valijson/validator.hpp:libvalijson-dev boost/beast.hpp:libboost-dev \
    websocketpp/server.hpp:libwebsocketpp-dev libwebsockets.h:libwebsockets-dev
  /usr/bin/python3 -c "import fastapi, uvicorn, websockets, httptools, uvloop" 2>/dev/null ||
    install_missing no-fastapi:python3-fastapi,python3-uvicorn,python3-websockets,python3-httptools,python3-uvloop
  [ -e "$here/node_modules/ws" ] ||
    npm ci --prefix "$here" --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null
fi
exec python3 "$here/race/run.py" "$@"
