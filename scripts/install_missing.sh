# Sourced by examples/run.sh and tests/run.sh: on a machine with apt-get, installs the missing packages and no others.
# shellcheck shell=bash
#
#   install_missing CHECK:PACKAGE[,PACKAGE...]...
#
# CHECK is a command to look for in PATH, or a header (*.hpp, *.h) to look for where headers lie. A comma separates packages, since
# Debian's names have pluses: g++. Speaks on stderr alone and reads nothing from stdin: that belongs to the program that is run later.

is_there() {
  case $1 in
    *.hpp | *.h)
      local extra=${CPATH:-} folder
      for folder in /usr/include /usr/local/include /opt/homebrew/include /opt/local/include ${extra//:/ }; do
        [ -e "$folder/$1" ] && return 0
      done
      return 1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

install_missing() {
  local wanted packages="" checks="" as_root=""
  for wanted in "$@"; do
    is_there "${wanted%%:*}" && continue
    packages+=" ${wanted#*:}" checks+=" ${wanted%%:*}"
  done
  packages=${packages//,/ }
  [ -z "$packages" ] && return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "missing:$checks" >&2
    echo "This machine has no apt-get (it is not Debian or a derivative): install these with its own package manager, then run this again." >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "missing:$checks" >&2
      echo "Neither root nor sudo is at hand. As root, run: apt-get update && apt-get install$packages" >&2
      return 1
    fi
    as_root=sudo
  fi
  local log
  log=$(mktemp)
  echo "installing$packages ..." >&2
  # shellcheck disable=SC2086  # several words, on purpose
  if apt_install $packages >"$log" 2>&1 || { apt_run update >>"$log" 2>&1 && apt_install $packages >>"$log" 2>&1; }; then
    rm -f "$log"
    return 0
  fi
  tail -n 25 "$log" >&2
  rm -f "$log"
  echo "apt-get could not install$packages (its last output is above). Without a network, install them by hand." >&2
  return 1
}

# Debian's package lists are used as they are first; they are fetched only when they are absent or stale.
apt_install() { apt_run install --yes --no-install-recommends "$@"; }
apt_run() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}
