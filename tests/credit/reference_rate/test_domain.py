"""The rules of reference rates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from zhongtai.credit.reference_rate.domain import (
    ReferenceRate,
    ReferenceRatePublished,
    ReferenceRateVersionMustFollowLatest,
    ReferenceRateVersionTaken,
    publish,
)

QUOTE = ReferenceRate("LPR-1Y", date(2026, 1, 20), 1, Decimal("0.03"), "NIFC")


def test_a_quote_is_published_once() -> None:
    assert publish(QUOTE, published=None, latest_version=0) == ReferenceRatePublished("LPR-1Y", QUOTE)
    assert publish(QUOTE, published=QUOTE, latest_version=1) is None


def test_a_correction_is_the_next_version_and_changes_no_other() -> None:
    corrected = replace(QUOTE, version=2, rate=Decimal("0.031"))
    assert publish(corrected, published=None, latest_version=1) is not None
    with pytest.raises(ReferenceRateVersionTaken):
        publish(replace(QUOTE, rate=Decimal("0.031")), published=QUOTE, latest_version=1)
    with pytest.raises(ReferenceRateVersionMustFollowLatest):
        publish(replace(QUOTE, version=3), published=None, latest_version=1)
