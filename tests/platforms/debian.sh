#!/usr/bin/env bash
# Builds Debian's package from packaging/debian, asks lintian, and uses it in a system that has nothing else: debian.sh [SUITE]
# Needs root, debhelper, lintian and debootstrap; the clean system is kept in build/chroots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/platforms/chroot.sh
source tests/platforms/chroot.sh
suite=${1:-bookworm}
work=$PWD/build/debian
version=$(sed -n 's/^wirthforge-ws (\(.*\)-1) .*/\1/p' packaging/debian/changelog)
tree=$work/wirthforge-ws-$version

rm -rf "$work"
sources_to "$tree"
rm -rf "$tree/packaging" "$tree/.ci"
tar -C "$work" --sort=name --owner=0 --group=0 --mtime=@0 -czf "$work/wirthforge-ws_$version.orig.tar.gz" "wirthforge-ws-$version"
cp -r packaging/debian "$tree/debian"
(cd "$tree" && dpkg-buildpackage -us -uc --no-check-builddeps) >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; exit 1; }
deb=$(echo "$work"/libwirthforge-ws-dev_*_all.deb)
dpkg-deb -c "$deb" | awk '{ print $6 }' | grep -v '/$' | sed 's/^/  /'
lintian --allow-root --fail-on error,warning,info --info "$work"/wirthforge-ws_*.changes

root=$(chroot_of "$suite" g++ cmake make pkg-config)
cp "$deb" "$root/root/"
rm -rf "$root/root/try"
mkdir -p "$root/root/try/tests"
cp -r tests/packaging "$root/root/try/tests/"
cp -r packaging/debian "$root/root/try/"
chroot "$root" apt-get -qq -o DPkg::Lock::Timeout=300 purge --yes libwirthforge-ws-dev >/dev/null 2>&1 || true
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "/root/$(basename "$deb")" \
  >"$work/install.log" 2>&1 </dev/null || { tail -n 20 "$work/install.log" >&2; exit 1; }
chroot "$root" sh -c 'cd /root/try && mkdir work && AUTOPKGTEST_TMP=/root/try/work sh debian/tests/consumer' \
  >"$work/use.log" 2>&1 || { tail -n 40 "$work/use.log" >&2; exit 1; }
grep 'served on port' "$work/use.log"
chroot "$root" apt-get -qq -o DPkg::Lock::Timeout=300 purge --yes libwirthforge-ws-dev >/dev/null 2>&1
rm -rf "$root/root/try"
if chroot "$root" sh -c 'find / -xdev -path /root -prune -o -path /proc -prune -o -name "*wirthforge*" -print' | grep .; then
  echo "the package leaves these behind when it goes" >&2
  exit 1
fi
echo "$(basename "$deb"): built, looked through, installed in a clean $suite, used and purged"
