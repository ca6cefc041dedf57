#!/usr/bin/env python3
"""Finds files for Meson, which has no glob: find_files.py FOLDER GLOB

Prints a line `name:path` for each file below FOLDER, but for node_modules; 02_live.cpp is `live`.
"""

import re
import sys
from pathlib import Path

folder = Path(sys.argv[1])
for path in sorted(folder.glob(sys.argv[2])):
    if "node_modules" not in path.parts:
        print(re.sub(r"^\d+_", "", path.stem) + ":" + path.relative_to(folder).as_posix())
