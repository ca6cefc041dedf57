#!/usr/bin/env python3
"""Tells Meson what it cannot find out by itself.

    for_meson.py version              the version that src/base/version.hpp says
    for_meson.py files FOLDER GLOB    the files below FOLDER, from there, one a line; no node_modules
"""

import re
import sys
from pathlib import Path

if sys.argv[1] == "version":
    text = (Path(__file__).resolve().parents[1] / "src/base/version.hpp").read_text(encoding="ascii")
    print(re.search(r'\bversion = "([\d.]+)"', text).group(1))
else:
    folder = Path(sys.argv[2])
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob(sys.argv[3]))
    print("\n".join(path for path in found if "node_modules" not in path))
