"""Holds our posting rules against the cases of the Numscript language.

    python -m tests.cases.numscript FILE [--json]

Each script is told as a rule of ours, evaluated with the balances and variables of each of its cases, and what comes
of it is compared with what the case expects: postings in their order, metadata, balances, errors. Exits 1 where a
case fails.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.cases.numscript.playing import outcomes


def main() -> int:
    """Prints how many cases passed, and what the others did, for a person or as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cases.numscript",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the outcome as JSON")
    options = parser.parse_args()
    found = list(outcomes(json.loads(options.file.read_text(encoding="utf-8"))["files"]))
    failed = [outcome for outcome in found if outcome.difference]
    passed = len(found) - len(failed)
    if options.json:
        told = {"cases": len(found), "passed": passed, "failed": [asdict(outcome) for outcome in failed]}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print(f"{passed} of {len(found)}")
        for outcome in failed:
            print(f"  {outcome.file} / {outcome.case}: {outcome.difference[:300]}")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
