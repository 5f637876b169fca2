"""The acceptance of the first issue: a thousand real applicants (UCI Statlog German credit) through the product."""

import os
from pathlib import Path

import pytest

from tests.journeys.test_demonstration import lines
from zhongtai.testing.embedded import Child

FILE = Path(os.environ.get("ZHONGTAI_CASES", "../shared/cases")) / "german_credit.csv"


@pytest.mark.cases
@pytest.mark.slow
@pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is not there: set ZHONGTAI_CASES")
async def test_a_thousand_real_applicants_and_every_line_holds(tmp_path: Path) -> None:
    async with Child(tmp_path) as platform:
        told = lines(await platform.command("demo", "--applicants", str(FILE.resolve()), "--json"))
    assert told["applied = runs that ended"] == "1,000 = 1,000"
    assert int(told["approved and disbursed"]) > 500
    assert told["trial balance CNY: debit − credit"] == "0.00"
