# Sourced by every script of the project once it has found `root`: gives builds and tests an environment that they can rely on.
# shellcheck shell=bash
#
# Each script begins with the same lines (tests/packaging/scripts_test.py compares them). `bash -p` takes no functions, no aliases,
# no CDPATH and no options from the caller; the script executes it again because `sh script` and `bash script` ignore the first line.

root=${root:?is the folder of the clone}

# Variables that would change how other programs behave. CC, CXX, CXXFLAGS and LDFLAGS are set on purpose, and stay.
unset CDPATH BASH_ENV ENV GREP_OPTIONS POSIXLY_CORRECT LANGUAGE MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKELEVEL DESTDIR
unset CMAKE_GENERATOR CMAKE_GENERATOR_PLATFORM CMAKE_GENERATOR_TOOLSET CMAKE_GENERATOR_INSTANCE CMAKE_BUILD_TYPE CMAKE_CONFIG_TYPE
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_NAMESPACE GIT_PREFIX
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONINSPECT PYTHONOPTIMIZE PYTHONWARNINGS  # PYTHONOPTIMIZE takes assertions out
unset NODE_OPTIONS NODE_PATH NODE_ENV
unset npm_config_omit npm_config_only npm_config_production npm_config_dry_run npm_config_global npm_config_prefix npm_config_location
unset NPM_CONFIG_OMIT NPM_CONFIG_ONLY NPM_CONFIG_PRODUCTION NPM_CONFIG_DRY_RUN NPM_CONFIG_GLOBAL NPM_CONFIG_PREFIX NPM_CONFIG_LOCATION

# The output of compilers, tests and tools is compared: English, a point in numbers, and every file name readable.
if [ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ]; then export LC_ALL=C.UTF-8; else export LC_ALL=C; fi
[ -n "${HOME:-}" ] || export HOME=~  # from the user's passwd entry; ccache and npm need it
if ! { [ -d "${TMPDIR:-/}" ] && [ -w "${TMPDIR:-/tmp}" ]; }; then unset TMPDIR; fi
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin  # dpkg wants the last three

# forget_copied_build FOLDER [GENERATOR]: deletes a build folder that CMake made for another path, as in a copied or moved
# clone, or with another generator: CMake refuses both. A folder that is missing or in order is left as it is.
forget_copied_build() {
  local folder=$1 generator=${2:-} cache=$1/CMakeCache.txt
  [ -e "$cache" ] || return 0
  if [ "$(cached CMAKE_HOME_DIRECTORY)" -ef "$root" ] && [ "$(cached CMAKE_CACHEFILE_DIR)" -ef "$folder" ]; then
    [ -n "$generator" ] && [ "$(cached CMAKE_GENERATOR)" != "$generator" ] || return 0
  fi
  echo "$folder was made elsewhere or by another generator: it is built anew" >&2
  rm -rf -- "$folder"
}
cached() { sed -n "s/^$1:INTERNAL=//p" "$cache"; }

# own_folder FOLDER: the same for programs that are built without CMake. Afterwards the folder exists, and records its clone.
own_folder() {
  local folder=$1 owner=""
  [ ! -e "$folder/.clone" ] || owner=$(<"$folder/.clone")
  if [ -d "$folder" ] && ! [ "${owner:-/nowhere}" -ef "$root" ]; then
    echo "$folder was made elsewhere: it is built anew" >&2
    rm -rf -- "$folder"
  fi
  mkdir -p -- "$folder"
  echo "$root" >"$folder/.clone"
}
