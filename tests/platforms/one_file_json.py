#!/usr/bin/env python3
"""Makes a copy of nlohmann/json as projects vendor it: one file, of another version than the system's: one_file_json.py FOLDER"""

import re
import subprocess
import sys
from pathlib import Path

lines = subprocess.run(["c++", "-x", "c++", "-E", "-"], input="#include <nlohmann/json.hpp>\n", text=True, check=True,
                       capture_output=True).stdout
system = Path(re.search(r'^# \d+ "(.*)/nlohmann/json\.hpp"', lines, re.M).group(1))
seen = set()


def whole(path):
    text = []
    for line in (system / path).read_text(encoding="utf-8").split("\n"):
        match = re.match(r"\s*#\s*include <(nlohmann/[^>]+)>", line)
        if not match:
            text.append(line)
        elif match.group(1) not in seen:
            if match.group(1).count("macro_") == 0:  # these files are included twice
                seen.add(match.group(1))
            text.append(whole(match.group(1)))
    return "\n".join(text)


target = Path(sys.argv[1]) / "nlohmann" / "json.hpp"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(re.sub(r"(#define NLOHMANN_JSON_VERSION_MINOR) +\d+", r"\1 99", whole("nlohmann/json.hpp")), encoding="utf-8")
