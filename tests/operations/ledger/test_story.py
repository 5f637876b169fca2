"""The ledger against its model: random operations in groups, restarts between; what one does the other does."""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.operations.ledger.story import Story
from zhongtai.testing.doors import opened
from zhongtai.testing.templates import fresh_sqlite

# What a commit waits for is not measured here: the files may lie in memory where there is a place for them.
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
OPERATIONS = 20_000


class AnyStory(RuleBasedStateMachine):
    """A ledger that many callers use at once, and that stops and starts again now and then."""

    done: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=PLACE)
        self.url = fresh_sqlite("operations", Path(self.folder.name))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        door = self.runner.run(self.stack.enter_async_context(opened("operations", self.url)))
        self.story = Story(door, Path(self.folder.name) / "operations.db")

    @rule(
        size=st.sampled_from((40, 60, 1, 20, 80)),
        seed=st.integers(0, 2**32),
        restart=st.sampled_from((False, False, False, True)),
    )
    def operations(self, size: int, seed: int, restart: bool) -> None:
        """So many callers ask at once, of a process that may have lost what it had in memory."""
        if restart:
            self.runner.run(self.stack.aclose())
            self.story.door = self.runner.run(self.stack.enter_async_context(opened("operations", self.url)))
        self.runner.run(self.story.group(size, seed))

    def teardown(self) -> None:
        """At the end the books are sound."""
        try:
            self.runner.run(self.story.must_be_sound())
        finally:
            self.runner.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()
            AnyStory.done += self.story.done


def test_the_ledger_does_what_its_model_does() -> None:
    AnyStory.done = 0
    run_state_machine_as_test(AnyStory, settings=settings(max_examples=16, stateful_step_count=24))
    assert AnyStory.done >= OPERATIONS
