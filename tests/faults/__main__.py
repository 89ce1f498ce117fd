"""`python -m tests.faults`: tries faults on the commands, and prints a table of their answers.

An interrupted call goes on where it was. Exit code 1 if an answer is wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.faults.classes import CLASSES
from tests.faults.table import RESULTS, table, tried
from tests.faults.workshop import Workshop


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("faults"), help="folder of run and results")
    parser.add_argument("--seed", type=int, default=0, help="seed of the damages (default: 0)")
    parser.add_argument("--class", dest="names", action="append", choices=list(CLASSES), help="default: all")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {given.seed}, folder {given.folder}", flush=True)
    shop = Workshop(given.folder.resolve(), given.seed)
    outcomes = list(tried(shop, given.names or list(CLASSES)))
    print(table(outcomes))
    print(f"each attempt: {given.folder / RESULTS}")
    return int(any(not found.right for _, _, found in outcomes))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
