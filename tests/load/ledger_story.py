"""Random operations against a ledger and its model for as long as wanted: python -m tests.load.ledger_story 1000000.

Told at the end: how many operations, how many of them were refused for each reason, and how long they took. A story
that goes wrong is told by its number, with which it can be told again: --first NUMBER.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.operations.ledger.story import Story, bytes_of
from zhongtai.testing.doors import opened
from zhongtai.testing.templates import fresh_sqlite

GROUPS = 50
GROUP = 60


async def tell(number: int) -> Story:
    """One story, on a ledger of its own that stops and starts again twice."""
    random = Random(number)
    with tempfile.TemporaryDirectory() as name:
        url = fresh_sqlite("operations", Path(name))
        story: Story | None = None
        for _ in range(3):
            async with opened("operations", url) as door:
                story = story or Story(door, bytes_of(Path(name) / "operations.db"))
                await story.goes_on(door)
                for _ in range(GROUPS // 3):
                    await story.group(GROUP, random.getrandbits(32))
                await story.must_be_sound()
    assert story is not None
    return story


def main() -> None:
    """Tells stories until there were so many operations."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.ledger_story", description=__doc__)
    parser.add_argument("operations", type=int)
    parser.add_argument("--first", type=int, default=1, help="the number of the first story")
    options = parser.parse_args()
    done, entries, number = 0, 0, options.first
    refused: Counter[str] = Counter()
    begun = time.perf_counter()
    while done < options.operations:
        try:
            story = asyncio.run(tell(number))
        except AssertionError as wrong:
            raise SystemExit(f"story {number}: {wrong}") from wrong
        done, entries, number = done + story.done, entries + len(story.model.entries), number + 1
        refused.update(story.refused)
    seconds = time.perf_counter() - begun
    print(f"{done:,} operations, {entries:,} entries, {refused.total():,} refusals, {number - options.first} ledgers")
    print(f"{seconds:,.0f} s, {done / seconds:,.0f} operations/s")
    for reason, count in refused.most_common():
        print(f"  {count:9,} {reason}")


if __name__ == "__main__":
    main()
