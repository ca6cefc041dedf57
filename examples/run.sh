#!/usr/bin/env bash
# Installs what is missing, builds the live example and serves the dashboard. Whatever is piped in is streamed as tokens.
set -euo pipefail

if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  cat <<'HELP'
Serves the live dashboard; the address is printed, Ctrl-C stops it.

  examples/run.sh [--port N] [--allow-origin URL]...     stream README.md, 20 tokens a second
  some-model | examples/run.sh                           stream what is piped in, as it arrives

  --port N             listen on port N of 127.0.0.1 and [::1]; 0 takes any free one (default 8145)
  --allow-origin URL   let pages of this origin connect, such as http://localhost:3000; repeatable
  --help               say this; nothing is installed or built

On Debian and its kin, a missing compiler, CMake, Asio or nlohmann/json is installed first with apt-get.
HELP
  exit 0
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/install_missing.sh
source "$root/scripts/install_missing.sh"
install_missing c++:g++ cmake:cmake make:make asio.hpp:libasio-dev nlohmann/json.hpp:nlohmann-json3-dev

build=$root/build/live
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[ -x "$build/bin/live" ] || echo "building, once: about half a minute ..." >&2
if ! { cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DWIRTHFORGE_BUILD_TESTS=OFF &&
       cmake --build "$build" --target live; } >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "examples/run.sh: the build failed; what the compiler said is above" >&2
  exit 1
fi
rm -f "$log"
cd "$root"  # where the example finds README.md
exec "$build/bin/live" "$@"
