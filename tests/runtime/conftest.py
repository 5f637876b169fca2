"""What the tests of events start from: an outbox, and a service that listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.event_parts import Listener, open_store
from zhongtai.runtime.database import Store


@pytest.fixture
def credit(tmp_path: Path) -> Iterator[Store]:
    """The outbox the events come from."""
    store = open_store(tmp_path, "credit")
    yield store
    store.close()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    """The service the events go to."""
    store = open_store(tmp_path, "reporting")
    yield Listener(store)
    store.close()
