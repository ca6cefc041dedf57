#!/usr/bin/env python3
"""Writes the header's version into every recipe, and the hashes of a release's archive.

    packaging/stamp.py                   the version that src/base/version.hpp says; hashes of another version become zeros
    packaging/stamp.py --archive FILE    also the hashes of FILE, the archive that the release's address serves
    packaging/stamp.py --check           write nothing; fail where a recipe names another version
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packaging"
BAZEL = HERE / "bazel/modules/wirthforge_ws"
VERSION = r"\d+\.\d+\.\d+"
# Where a version stands: (file, pattern with the version between two groups).
PLACES = [
    ("meson.build", rf"(license: 'MIT', version: '){VERSION}(')"),
    ("client/package.json", rf'("version": "){VERSION}(")'),
    ("packaging/vcpkg/ports/wirthforge-ws/vcpkg.json", rf'("version": "){VERSION}(")'),
    ("packaging/conan/recipes/wirthforge_ws/config.yml", rf'(\n  "){VERSION}(":)'),
    ("packaging/conan/recipes/wirthforge_ws/all/conandata.yml", rf'(\n  "){VERSION}(":)'),
    ("packaging/conan/recipes/wirthforge_ws/all/conandata.yml", rf"(/tags/v){VERSION}(\.tar\.gz)"),
    ("packaging/meson/wirthforge_ws.wrap", rf"(directory = wirthforge_ws-){VERSION}(\n)"),
    ("packaging/meson/wirthforge_ws.wrap", rf"(/tags/v){VERSION}(\.tar\.gz)"),
    ("packaging/meson/wirthforge_ws.wrap", rf"(filename = wirthforge_ws-){VERSION}(\.tar\.gz)"),
    ("packaging/bazel/modules/wirthforge_ws/metadata.json", rf'("versions": \["){VERSION}("\])'),
    ("packaging/xmake/packages/w/wirthforge_ws/xmake.lua", rf'(add_versions\("){VERSION}(")'),
    ("packaging/debian/changelog", rf"(^wirthforge-ws \(){VERSION}(-1\))"),
]
# Below the folder of the version, which is renamed with it.
BAZEL_PLACES = [
    ("MODULE.bazel", rf'(name = "wirthforge_ws",\n    version = "){VERSION}(")'),
    ("overlay/MODULE.bazel", rf'(name = "wirthforge_ws",\n    version = "){VERSION}(")'),
    ("source.json", rf"(/tags/v){VERSION}(\.tar\.gz)"),
    ("source.json", rf'(strip_prefix": "wirthforge_ws-){VERSION}(")'),
]
HASHES = [
    ("packaging/vcpkg/ports/wirthforge-ws/portfile.cmake", r"(SHA512 )[0-9a-f]+(\n)", "sha512"),
    ("packaging/conan/recipes/wirthforge_ws/all/conandata.yml", r'(sha256: ")[0-9a-f]+(")', "sha256"),
    ("packaging/meson/wirthforge_ws.wrap", r"(source_hash = )[0-9a-f]+(\n)", "sha256"),
    ("packaging/xmake/packages/w/wirthforge_ws/xmake.lua", r'(add_versions\("[\d.]+", ")[0-9a-f]+(")', "sha256"),
]


def version():
    text = (ROOT / "src/base/version.hpp").read_text(encoding="ascii")
    return re.search(rf'\blibrary_version = "({VERSION})"', text).group(1)


def integrity(data):
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def replaced(path, pattern, value):
    """The text of a file with `value` between the two groups of `pattern`, which must be there once."""
    text, count = re.subn(pattern, lambda match: match.group(1) + value + match.group(2), path.read_text(encoding="utf-8"),
                          flags=re.MULTILINE)
    if count != 1:
        sys.exit(f"{path.relative_to(ROOT)}: {count} places match {pattern}, and one must\n  why: a version would go unstamped\n"
                 "  fix: mend the file, or the table in packaging/stamp.py")
    return text


def bazel_source(folder, archive):
    """source.json as it should be: overlay files are hashed as they are."""
    source = json.loads((folder / "source.json").read_text(encoding="ascii"))
    source["overlay"] = {path.name: integrity(path.read_bytes()) for path in sorted((folder / "overlay").iterdir())}
    if archive is not None:
        source["integrity"] = integrity(archive) if archive else "sha256-" + base64.b64encode(bytes(32)).decode()
    return json.dumps(source, indent=2) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    now, stale = version(), []

    def put(path, text):
        if path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if not options.check:
                path.write_text(text, encoding="utf-8")

    folder = BAZEL / now
    if not folder.is_dir():
        others = [path for path in BAZEL.iterdir() if path.is_dir()]
        stale.append(others[0].relative_to(ROOT).as_posix())
        if options.check:
            folder = others[0]
        else:
            others[0].rename(folder)
    for name, pattern in PLACES:
        put(ROOT / name, replaced(ROOT / name, pattern, now))
    for name, pattern in BAZEL_PLACES:
        put(folder / name, replaced(folder / name, pattern, now))
    archive = options.archive.read_bytes() if options.archive else b"" if stale and not options.check else None
    for name, pattern, kind in HASHES if archive is not None else ():
        zeros = "0" if kind == "sha512" else "0" * 64
        put(ROOT / name, replaced(ROOT / name, pattern, hashlib.new(kind, archive).hexdigest() if archive else zeros))
    put(folder / "source.json", bazel_source(folder, archive))

    if options.check and stale:
        print("\n".join(f"{name}: does not say version {now}, or the hash of what lies beside it" for name in sorted(set(stale))) +
              "\n  why: src/base/version.hpp defines the version; a recipe with another version fetches another release\n"
              "  fix: run packaging/stamp.py", file=sys.stderr)
        return 1
    print(f"{now}: {len(PLACES) + len(BAZEL_PLACES)} places in the recipes" + ("" if options.check else f", written: {stale}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
