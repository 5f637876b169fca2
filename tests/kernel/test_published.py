"""Every published figure there is, by the harness that judges by others of the kind."""

import os
from pathlib import Path

import pytest

from tests.cases import published

CASES = Path(os.environ.get("ZHONGTAI_CASES", "../shared/cases")) / "published.json"


@pytest.mark.cases
@pytest.mark.skipif(not CASES.is_file(), reason=f"no acceptance data at {CASES}")
def test_every_published_figure_is_ours() -> None:
    every = list(published.outcomes(CASES))
    assert every
    assert [str(it) for it in every if not it.agrees] == []
