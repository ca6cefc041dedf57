#!/usr/bin/env bash
# Windows, from here: compiles the header with mingw-w64, and runs a server under Wine: windows.sh compile|run FOLDER
set -euo pipefail
# shellcheck source=tests/platforms/tools.sh
source tests/platforms/tools.sh
compiler=x86_64-w64-mingw32-g++-posix
folder=$2

if [ "$1" = compile ]; then
  need "$compiler" g++-mingw-w64-x86-64-posix
  # Asio and nlohmann/json alone: the folder that they lie in holds this machine's own headers, too.
  rm -rf "$folder" && mkdir -p "$folder/include"
  for header in asio.hpp nlohmann/json.hpp; do
    path=$(echo "#include <$header>" | "${CXX:-c++}" -std=c++17 -M -x c++ - | tr ' ' '\n' | sed -n "s|/$header\$||p")
    ln -s "$path/${header%%[./]*}" "$folder/include/"
    if [ "$header" = asio.hpp ]; then ln -s "$path/$header" "$folder/include/"; fi
  done
  launcher=$(command -v ccache || true)
  strict=("$compiler" -std=c++17 -O1 -Wall -Wextra -Wpedantic -Werror -I. -Itests -isystem "$folder/include")
  "${strict[@]}" -fsyntax-only examples/01_hello.cpp
  # shellcheck disable=SC2086  # none, or one word
  $launcher "${strict[@]}" -c tests/packaging/windows/serve.cpp -o "$folder/serve.o"
  "$compiler" -static "$folder/serve.o" -o "$folder/serve.exe" -lws2_32 -lmswsock
  echo "serve.exe: $(stat -c %s "$folder/serve.exe") bytes"
  exit 0
fi

wine=$(command -v wine64 || { [ -x /usr/lib/wine/wine64 ] && echo /usr/lib/wine/wine64; } || true)
[ -n "$wine" ] || no_tool "no wine64 (Debian: wine64)"
[ -e "$folder/serve.exe" ] || no_tool "serve.exe has not been compiled"
export WINEPREFIX=$folder/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
unset DISPLAY
# Wine's own services live on for some seconds, and would keep this script's output open.
result=0
timeout 300 "$wine" "$folder/serve.exe" </dev/null >"$folder/serve.log" 2>&1 || result=$?
cat "$folder/serve.log"
exit "$result"
