"""The ledger against its model: random operations, restarts, turns of another process, failing disks."""

import asyncio
import os
import tempfile
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.operations.ledger.story import Story, bytes_of
from tests.operations.ledger.troubles import troubles
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

# What a commit waits for is not measured here: the files may lie in memory where there is a place for them.
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
OPERATIONS = 20_000


class AnyStory(RuleBasedStateMachine):
    """A ledger that many callers use at once, of two processes that take turns and of one that starts again."""

    done: ClassVar[int] = 0
    unanswered: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=PLACE)
        self.url = fresh_sqlite("operations", Path(self.folder.name))
        database = Path(self.folder.name) / "operations.db"
        self.troubles = troubles(database)
        self.runner = asyncio.Runner()
        self.processes: deque[tuple[AsyncExitStack, Door]] = deque(self._process() for _ in range(2))
        self.story = Story(self.processes[0][1], bytes_of(database))
        self._goes_on()

    def _process(self) -> tuple[AsyncExitStack, Door]:
        stack = AsyncExitStack()
        return stack, self.runner.run(stack.enter_async_context(opened("operations", self.url)))

    def _goes_on(self) -> None:
        self.runner.run(self.story.goes_on(self.processes[0][1]))

    @rule(
        size=st.sampled_from((60, 80, 1, 40, 100)),
        seed=st.integers(0, 2**32),
        process=st.sampled_from(("same",) * 7 + ("other", "other", "restarted")),
        trouble=st.sampled_from(("none",) * 9 + ("fsync fails", "nobody is told", "disk full")),
    )
    def operations(self, size: int, seed: int, process: str, trouble: str) -> None:
        """So many callers ask at once, of a process whose memory may be stale, or gone; commits may fail."""
        if process == "restarted":
            stack, _ = self.processes.popleft()
            self.runner.run(stack.aclose())
            self.processes.appendleft(self._process())
        elif process == "other":
            self.processes.rotate()
        if process != "same":
            self._goes_on()
        self.runner.run(self.story.group(size, seed, self.troubles[trouble]()))

    def teardown(self) -> None:
        """At the end the books are sound."""
        try:
            self.runner.run(self.story.must_be_sound())
        finally:
            for stack, _ in self.processes:
                self.runner.run(stack.aclose())
            self.runner.close()
            self.folder.cleanup()
            AnyStory.done += self.story.done
            AnyStory.unanswered += self.story.unanswered


@pytest.mark.slow
def test_the_ledger_does_what_its_model_does() -> None:
    AnyStory.done = AnyStory.unanswered = 0
    run_state_machine_as_test(
        AnyStory, settings=settings(max_examples=12, stateful_step_count=32, phases=(Phase.generate,))
    )
    assert AnyStory.done >= OPERATIONS
    assert AnyStory.unanswered > 100
