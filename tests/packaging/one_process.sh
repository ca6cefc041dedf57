#!/usr/bin/env bash
# Several copies of the header in one process: two versions, units with different options, shared libraries that hide their
# symbols. one_process.sh COMPILER FOLDER
set -euo pipefail
compiler=$1 folder=$2 here=tests/packaging/one_process
launcher=$(command -v ccache || true)
rm -rf "$folder"
mkdir -p "$folder/newer"
cxx() { $launcher "$compiler" -std=c++17 -O0 -pthread "$@"; }

# Another version, in which a server's options have one more member in front.
sed -e 's/VERSION_MINOR 1$/VERSION_MINOR 9/' -e 's/library_version = "0.1.0"/library_version = "0.9.0"/' \
  -e 's/^struct server_options {$/&\n  std::string one_more = "a member that the other version lacks";/' wirthforge_ws.hpp >"$folder/newer/wirthforge_ws.hpp"
[ "$(diff wirthforge_ws.hpp "$folder/newer/wirthforge_ws.hpp" | grep -c '^>')" = 3 ] || { echo "the copy is no newer version" >&2; exit 1; }
cxx -I. -DSERVE=serve_old -DVERSION='"0.1.0"' -c $here/serve.cpp -o "$folder/old.o"
cxx -I"$folder/newer" -DSERVE=serve_new -DVERSION='"0.9.0"' -c $here/serve.cpp -o "$folder/new.o"
cxx -c $here/main.cpp -o "$folder/main.o"
for order in "old.o new.o" "new.o old.o"; do
  # shellcheck disable=SC2086  # two files
  (cd "$folder" && "$compiler" main.o $order -o program -pthread && ./program) || { echo "two versions fail as: $order" >&2; exit 1; }
done

# The same options link; different ones do not, whichever side has them.
separate=-DWIRTHFORGE_WS_SEPARATE_COMPILATION bare=-DWIRTHFORGE_WS_NO_DASHBOARD
cxx -I. $separate -c wirthforge_ws.cpp -o "$folder/all.o"
for side in hands takes; do
  define=$([ $side = takes ] && echo -DTAKES || echo -DHANDS)
  cxx -I. $separate "$define" -c $here/hands_over.cpp -o "$folder/$side.o"
  cxx -I. $separate $bare "$define" -c $here/hands_over.cpp -o "$folder/$side.bare.o"
done
link() { "$compiler" "$@" "$folder/all.o" -o "$folder/program" -pthread; }
link "$folder/hands.o" "$folder/takes.o"
for pair in "hands.bare takes" "hands takes.bare" "hands.bare takes.bare"; do
  read -r one two <<<"$pair"
  if link "$folder/$one.o" "$folder/$two.o" 2>"$folder/errors"; then
    echo "units with different options link: $pair" >&2
    exit 1
  fi
  grep -q _no_dashboard "$folder/errors" || { echo "the link error does not name the option:" >&2; cat "$folder/errors" >&2; exit 1; }
done

# One error category for all shared libraries; otherwise errors of two libraries would compare unequal.
for number in one two; do
  cxx -Isrc -fPIC -shared -fvisibility=hidden -fvisibility-inlines-hidden -DERROR_OF=error_of_$number -DIS_KNOWN_TO=is_known_to_$number \
    $here/category.cpp -o "$folder/lib$number.so"
done
cxx -Isrc -fvisibility=hidden -fvisibility-inlines-hidden -DMAIN $here/category.cpp "$folder/libone.so" "$folder/libtwo.so" \
  -Wl,-rpath,"$PWD/$folder" -Wl,-rpath,"$folder" -o "$folder/categories"
"$folder/categories" || { echo "errors of two shared libraries compare unequal" >&2; exit 1; }
