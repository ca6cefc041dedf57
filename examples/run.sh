#!/usr/bin/env bash
# Installs missing packages, builds the live example and serves the dashboard: a model's answer, or piped text.
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
Serves the live dashboard; the address is printed, Ctrl-C stops it.

  examples/run.sh --model ollama:qwen3:4b "why is the sky blue"    ask a model server on this machine
  examples/run.sh "why is the sky blue"                  ask the first one that is there
  some-model | examples/run.sh                           show what is piped in, as it arrives: text, or what Ollama
                                                         and others stream (curl -N http://127.0.0.1:11434/api/chat ...)
  examples/run.sh                                        stream README.md, 20 tokens a second

  --model MODEL        ollama:NAME, llama (llama.cpp), lmstudio:NAME, vllm:NAME, or http://127.0.0.1:PORT, whose format is found
                       out; repeatable: several answer the same prompt side by side
  --exit-with-pipe     end when what is piped in ends; without it the page stays
  --port N             listen on port N of 127.0.0.1 and [::1]; 0 takes any free one (default 8145)
  --allow-origin URL   let pages of this origin connect, such as http://localhost:3000; repeatable
  --help               say this; nothing is installed or built

On Debian and its derivatives, a missing compiler, CMake, Asio or nlohmann/json is installed first with apt-get.
HELP
  exit 0
fi

# shellcheck source=scripts/install_missing.sh
source "$root/scripts/install_missing.sh"
install_missing c++:g++ cmake:cmake make:make asio.hpp:libasio-dev nlohmann/json.hpp:nlohmann-json3-dev

cd "$root"  # the example reads README.md here; the caller's folder may have been deleted
build=$root/build/live
forget_copied_build "$build" "Unix Makefiles"
mkdir -p "$build"
log=$build/build.log
[ -x "$build/bin/live" ] || echo "building, once: about half a minute ..." >&2
if ! { cmake -S "$root" -B "$build" -G "Unix Makefiles" -DCMAKE_BUILD_TYPE=Release -DWIRTHFORGE_BUILD_TESTS=OFF &&
       cmake --build "$build" --target live; } >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "examples/run.sh: the build failed; the output of CMake or the compiler is above" >&2
  exit 1
fi
exec "$build/bin/live" "$@"
