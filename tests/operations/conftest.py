"""What the tests of operations may ask for."""

import pytest

from tests.operations.bank import Bank
from zhongtai.testing.doors import Door


@pytest.fixture
def bank(door: Door) -> Bank:
    """A bank without accounts yet."""
    return Bank(door)
