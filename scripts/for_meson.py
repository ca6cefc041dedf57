#!/usr/bin/env python3
"""Tells Meson what it cannot find out by itself.

    for_meson.py version              the version that src/base/version.hpp says
    for_meson.py files FOLDER GLOB    a line `name:path` for each file below FOLDER, no node_modules; 02_live.cpp is `live`
"""

import re
import sys
from pathlib import Path

if sys.argv[1] == "version":
    text = (Path(__file__).resolve().parents[1] / "src/base/version.hpp").read_text(encoding="ascii")
    print(re.search(r'\blibrary_version = "([\d.]+)"', text).group(1))
else:
    folder = Path(sys.argv[2])
    for path in sorted(folder.glob(sys.argv[3])):
        if "node_modules" not in path.parts:
            print(re.sub(r"^\d+_", "", path.stem) + ":" + path.relative_to(folder).as_posix())
