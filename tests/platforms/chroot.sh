# Sourced: Debian's suites as folders to compile and install in, made once by debootstrap and kept in build/chroots.
# shellcheck shell=bash

chroots=${WIRTHFORGE_CHROOTS:-$PWD/build/chroots}

# chroot_of SUITE PACKAGE...: makes the suite's folder, with the packages, and prints it. Needs root and Debian's packages.
chroot_of() {
  local suite=$1 to=$chroots/$1 package
  shift
  if [ ! -e "$to/made" ]; then
    mkdir -p "$chroots"
    rm -rf "$to"
    debootstrap --variant=minbase "$suite" "$to" http://deb.debian.org/debian >"$to.log" 2>&1 || {
      tail -n 20 "$to.log" >&2
      echo "debootstrap of $suite failed (its last output is above)" >&2
      return 1
    }
    touch "$to/made"
  fi
  for package in "$@"; do
    [ -e "$to/var/lib/dpkg/info/$package.list" ] || compgen -G "$to/var/lib/dpkg/info/$package:*.list" >/dev/null || {
      DEBIAN_FRONTEND=noninteractive chroot "$to" apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@" \
        >"$to.log" 2>&1 </dev/null || {
        tail -n 20 "$to.log" >&2
        echo "apt-get in $suite could not install $*" >&2
        return 1
      }
      break
    }
  done
  echo "$to"
}

# sources_to FOLDER: copies the files that are committed or about to be, without those of builds.
sources_to() {
  rm -rf "$1"
  mkdir -p "$1"
  git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' each; do
    [ ! -e "$each" ] || printf '%s\0' "$each"
  done | tar --null -T - -cf - | tar -xf - -C "$1"
}
