#!/usr/bin/env python3
"""Writes everything that follows from the schemas and from the table of metrics: C++, TypeScript, the tables in the docs, and the header.

    schemas/generate.py            write what has changed, then run single_include_gen.py
    schemas/generate.py --check    write nothing; fail where a file is not what it would be, or a keyword has no case

A new event is a new file `schemas/<event>.schema.json`, its cases in `schemas/cases/<event>.json`, and this command; a new metric
is a row of `schemas/metrics.json`, and this command.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from generator import coverage, cpp_checks, cpp_instances, cpp_metrics, cpp_readers, cpp_types, cpp_writers, docs, typescript
from generator.model import Model, Refusal

SCHEMAS = Path(__file__).resolve().parent
CONTRACT = "docs/protocol.md"
METRICS = "metrics.json"
HEADER_GENERATOR = "single_include_gen.py"


def served(message):
    """The schema as it is handed out: complete in itself, without needless space."""
    return json.dumps(message.schema, ensure_ascii=True, separators=(",", ":"))


def outputs(model, root, schemas=SCHEMAS):
    """{path from the root: text} of every generated file."""
    cpp = "src/events/generated/"
    metrics = cpp_metrics.read(schemas / METRICS)
    contract = root / CONTRACT  # the one that is written by hand but for two tables; a sandbox may have none
    return {
        cpp + "schema_texts.hpp": cpp_types.schema_texts(model, served),
        cpp + "types.hpp": cpp_types.types(model),
        cpp + "control_types.hpp": cpp_types.control_types(model),
        cpp + "patterns.hpp": cpp_checks.patterns(model),
        cpp + "checks.hpp": cpp_checks.checks(model),
        cpp + "writers.hpp": cpp_writers.writers(model),
        cpp + "schema_tables.hpp": cpp_readers.tables(model),
        cpp + "readers.hpp": cpp_readers.readers(model),
        "src/server/generated/instances.ipp": cpp_instances.instances(model),
        "src/server/stats.hpp": cpp_metrics.struct(metrics),
        "src/server/stats_rows.hpp": cpp_metrics.table(metrics),
        "client/wirthforge-events.d.ts": typescript.typescript(model),
        "docs/events.md": docs.docs(model),
        **({CONTRACT: docs.contract(model, contract.read_text(encoding="ascii"), CONTRACT)} if contract.exists() else {}),
    }


def refuse_unwritable(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if not line.isascii():
            raise Refusal(f"{path}:{number}", "something that is not ASCII",
                          "generated files are ASCII, so that every compiler "
                          "reads them alike", "write the description in ASCII")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare bytes and look for missing cases; write nothing")
    parser.add_argument("--schemas", type=Path, default=SCHEMAS,
                        help="folder of the schemas (default: where this file is)")
    parser.add_argument("--out", type=Path, help="root to write below (default: the parent of the schemas)")
    options = parser.parse_args(arguments)
    root = options.out or options.schemas.parent
    try:
        model = Model(options.schemas)
        files = outputs(model, root, options.schemas)
        for path, text in files.items():
            refuse_unwritable(path, text)
        stale = []
        for path, text in files.items():
            target = root / path
            data = text.encode("ascii")
            if target.exists() and target.read_bytes() == data:
                continue
            stale.append(path)
            if not options.check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                print(f"wrote {path}")
        if options.check and stale:
            raise Refusal(", ".join(stale), "not what the schemas say", "the code and the contract would differ",
                          "run schemas/generate.py and commit what it writes")
        if options.check:
            coverage.require(model, options.schemas / "cases")
        elif (root / HEADER_GENERATOR).exists():
            return subprocess.run([sys.executable, str(root / HEADER_GENERATOR)], check=False).returncode
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:]))
