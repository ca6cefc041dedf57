#!/usr/bin/env bash
# Installs missing packages, builds everything and runs every test. The last output is ctest's own summary.
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
  tests/run.sh                     everything
  tests/run.sh -L unit             what carries a label; tests/run.sh --print-labels lists them
  tests/run.sh -R unit.src         what matches a name; tests/run.sh -N lists them
  tests/run.sh --quick [...]       between two edits: unit, integration, simulation (20 seeds), client, generators and lint, without
                                   optimization, in build/quick. On two idle cores about two minutes when all is compiled anew,
                                   one after an edit of a test. Left out: the generated header (only that it is fresh), Clang,
                                   sanitizers, faults, allocations, fuzzing, conformance, attacks, browsers, other systems and
                                   compilers, examples and packaging
  tests/run.sh ...                 any other option of ctest

Not a part of it, since they take longer: tests/valgrind.sh, tests/fuzz/run.sh --minutes 20, tests/bench/run.sh, and what
tests/platforms/run.sh tries beyond the label `platforms`.

On Debian and its derivatives, missing packages are installed with apt-get and npm. Builds lie in build/tests.
HELP
  exit 0
fi

cd "$root"
# shellcheck source=scripts/install_missing.sh
source scripts/install_missing.sh
install_missing g++:g++ clang++:clang cmake:cmake ninja:ninja-build make:make meson:meson python3:python3 ccache:ccache git:git \
  pkg-config:pkg-config asio.hpp:libasio-dev nlohmann/json.hpp:nlohmann-json3-dev node:nodejs npm:npm curl:curl shellcheck:shellcheck \
  chromium:chromium,chromium-sandbox,fonts-liberation firefox-esr:firefox-esr x86_64-w64-mingw32-g++-posix:g++-mingw-w64-x86-64-posix \
  s390x-linux-gnu-g++:g++-s390x-linux-gnu qemu-s390x:qemu-user
[ -x /usr/lib/wine/wine64 ] || install_missing wine64:wine64
echo 'int main() {}' | clang++ -fsanitize=address,undefined -x c++ - -o /dev/null 2>/dev/null || install_missing its-sanitizers:libclang-rt-dev
echo '#include <charconv>' | clang++ -std=c++17 -stdlib=libc++ -x c++ -fsyntax-only - 2>/dev/null ||
  install_missing a-second-library:libc++-dev,libc++abi-dev
[ -e /usr/share/i18n/locales/de_DE ] || install_missing other-locales:locales
[ -e /usr/include/catch2/catch_all.hpp ] || install_missing catch2/catch.hpp:catch2
install_missing doxygen:doxygen clang-format:clang-format
/usr/bin/python3 -c "import websockets" 2>/dev/null || install_missing a-peer:python3-websockets

# Debian 12 has Node 18; the browser's driver wants 20.
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  package=node-linux-$(node -p process.arch)
  [ -x "build/node/node_modules/$package/bin/node" ] || npm install --prefix build/node --ignore-scripts --no-audit --no-fund \
    --loglevel=error "$package@20" </dev/null
  export PATH="$root/build/node/node_modules/$package/bin:$PATH"
fi

while IFS= read -r lock; do
  folder=$(dirname "$lock")
  [ "$folder/node_modules/.package-lock.json" -nt "$lock" ] && continue
  echo "npm ci in $folder"
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null
done < <(find tests -name package-lock.json -not -path '*/node_modules/*' -not -path 'tests/platforms/*')

export CTEST_OUTPUT_ON_FAILURE=1
jobs=$(nproc 2>/dev/null || echo 2)
mkdir -p build
if [ "${1:-}" = --quick ]; then
  shift
  forget_copied_build "$root/build/quick" Ninja
  cmake -S "$root" -B "$root/build/quick" -G Ninja -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O0 \
    -DWIRTHFORGE_TEST_LEVEL=-O0 -DWIRTHFORGE_TEST_AGAINST=src -DWIRTHFORGE_TEST_PRECOMPILE=ON >build/configure.log 2>&1 ||
    { cat build/configure.log >&2; exit 1; }
  CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros} cmake --build build/quick --parallel "$jobs" --target quick
  cd build/quick
  WIRTHFORGE_SIMULATION_SEEDS=${WIRTHFORGE_SIMULATION_SEEDS:-20} exec ctest --parallel "$((jobs + 1))" -L '^quick$' "$@"
fi
forget_copied_build "$root/build/tests" Ninja
cmake -S "$root" -B "$root/build/tests" -G Ninja -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O0 \
  -DWIRTHFORGE_TEST_AGAINST=src -DWIRTHFORGE_TEST_BATCH=40 >build/configure.log 2>&1 ||
  { cat build/configure.log >&2; exit 1; }
cmake --build build/tests --parallel "$jobs"
cd build/tests
exec ctest --parallel "$((jobs + 1))" "$@"  # one more than processors: tests with sockets wait more than they compute
