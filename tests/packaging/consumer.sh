#!/usr/bin/env bash
# Builds and runs a project that takes the header in, from a clean folder:
#   consumer.sh subdirectory|find_package|meson|make FOLDER BUILD_OF_THIS_PROJECT
# consumer_cmake.sh tests the other uses by CMake.
set -euo pipefail
way=$1 folder=$2 build=$3 root=$PWD

rm -rf "$folder"
mkdir -p "$folder"
cp -r "tests/packaging/consumer_$way" "$folder/project"
cp tests/packaging/consumer.cpp "$folder/project/"
cd "$folder/project"
export CXXFLAGS=-O0  # the way to the header is tried, not the optimizer
case $way in
  subdirectory)
    ln -s "$root" wirthforge_ws
    cmake -S . -B build
    cmake --build build ;;
  find_package)
    cmake --install "$build" --prefix "$folder/prefix"
    cmake -S . -B build -DCMAKE_PREFIX_PATH="$folder/prefix"
    cmake --build build ;;
  meson)
    mkdir subprojects
    ln -s "$root" subprojects/wirthforge_ws
    # Meson runs in Python, but may find no interpreter: on Windows it brings its own.
    mkdir "$folder/tools"
    ln -s /usr/bin/* "$folder/tools/"
    rm "$folder"/tools/python*
    meson=$(command -v meson)
    read -r _ python _ <<<"$(sed -n '1s/^#!\(.*env\)\?/_ /p' "$meson")"
    python=$(command -v "$python")
    PATH=$folder/tools "$python" "$meson" setup --buildtype=plain build
    PATH=$folder/tools "$python" "$meson" setup "$folder/alone" "$root"
    meson compile -C build
    build/consumer_compiled
    DESTDIR=$folder/installed meson install -C build --no-rebuild
    if [ -n "$(find "$folder/installed" -name 'wirthforge_ws*' 2>/dev/null)" ]; then
      echo "a parent by Meson installs wirthforge_ws without being asked" >&2
      exit 1
    fi ;;
  make)  # by pkg-config, from the files that CMake installs and from those of Meson
    cmake --install "$build" --prefix "$folder/cmake"
    PKG_CONFIG_PATH=$folder/cmake/share/pkgconfig make consumer
    mv consumer consumer_by_cmake
    if command -v meson >/dev/null; then
      meson setup "$folder/build" "$root" --prefix "$folder/meson" -Dtests=disabled -Dexamples=disabled
      meson install -C "$folder/build"
      export PKG_CONFIG_PATH=$folder/meson/share/pkgconfig
    else
      export PKG_CONFIG_PATH=$folder/cmake/share/pkgconfig
    fi
    [ "$(pkg-config --modversion wirthforge_ws)" = "$(./consumer_by_cmake | cut -d' ' -f1)" ]
    make consumer_compiled
    mkdir build
    mv consumer_compiled build/consumer ;;
esac
build/consumer
