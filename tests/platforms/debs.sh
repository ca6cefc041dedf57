# Sourced: packages of another of Debian's suites, unpacked into a folder and not installed. For headers and compilers that is all
# they need, takes seconds where debootstrap takes minutes, and needs no root until a chroot into the folder.
# shellcheck shell=bash

debs=${WIRTHFORGE_DEBS:-$PWD/build/debs}

# debs_of SUITE NAME WHAT PACKAGE...: unpacks the packages into a folder for NAME, unless it is there, and prints it. WHAT is `alone`,
# or `whole` for all that they depend on as well. Debian's own client fetches them and checks their signatures.
debs_of() {
  local suite=$1 to=$debs/$1-$2 what=$3 state=$debs/$1-lists each
  shift 3
  if [ "$(cat "$to/.packages" 2>/dev/null)" = "$what $*" ]; then echo "$to"; return; fi
  rm -rf "$to"
  mkdir -p "$to/.debs" "$state/lists/partial" "$state/cache/archives/partial" "$state/parts"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" >"$state/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$state/sources.list" -o "Dir::Etc::sourceparts=$state/parts" -o Acquire::Retries=3
    -o "Dir::State::lists=$state/lists" -o "Dir::State::status=/dev/null" -o "Dir::Cache=$state/cache" -o Acquire::Languages=none
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false)
  {
    compgen -G "$state/lists/*Packages*" >/dev/null || "${apt[@]}" update
    local wanted=("$@")
    # The packages for an empty system: in the order of their names, each once.
    [ "$what" = alone ] || mapfile -t wanted < <("${apt[@]}" --simulate install "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
    [ ${#wanted[@]} -ge $# ] && (cd "$to/.debs" && "${apt[@]}" download "${wanted[@]}")
  } >"$debs/$suite.log" 2>&1 </dev/null || {
    tail -n 20 "$debs/$suite.log" >&2
    echo "$* of $suite could not be had (the last output is above)" >&2
    return 1
  }
  for each in bin lib lib64 sbin; do  # as base-files has them
    mkdir -p "$to/usr/$each"
    ln -s "usr/$each" "$to/$each"
  done
  for each in "$to/.debs"/*.deb; do dpkg-deb --fsys-tarfile "$each" | tar -C "$to" -xf - --keep-directory-symlink --no-same-owner; done
  rm -rf "$to/.debs"
  mkdir -p "$to/tmp"
  echo "$what $*" >"$to/.packages"
  echo "$to"
}
