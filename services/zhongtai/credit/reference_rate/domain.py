"""A reference rate (参考利率): the quote of a benchmark that floating rates follow, by the day it begins on.

The loan prime rate (贷款市场报价利率, LPR) of one and of five years is published on the 20th of each month, or the next
working day, by the National Interbank Funding Center (中国人民银行公告〔2019〕第15号); others rest here by name.
Always true: a version of a quote never changes; a correction is the next version of its day.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhongtai.kernel.refusals import Missing, Taken, Unmet


class ReferenceRateNotFound(Missing):
    """No quote of {benchmark} is in force on {on}: publish it with PublishReferenceRate, or choose a later day.

    {on}无生效的{benchmark}报价：请通过PublishReferenceRate发布，或选择更晚的日期。
    """

    benchmark: str
    on: date


class ReferenceRateVersionTaken(Taken):
    """Version {version} of the quote of {benchmark} of {effective_on} is another: publish the next version.

    {benchmark}在{effective_on}的第{version}版报价内容不同：请以下一版本更正。
    """

    benchmark: str
    effective_on: date
    version: int


class ReferenceRateVersionMustFollowLatest(Unmet):
    """The next version of the quote of {benchmark} of {effective_on} is {expected}, not {version}.

    {benchmark}在{effective_on}的下一报价版本为{expected}，而非{version}。
    """

    benchmark: str
    effective_on: date
    version: int
    expected: int


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A quote in one version: `rate` a year (0.03 = 3 %), in force from `effective_on` until a later one is."""

    benchmark: str
    effective_on: date
    version: int
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class ReferenceRatePublished:
    """A quote was published, or corrected."""

    benchmark: str
    reference_rate: ReferenceRate


def publish(
    quote: ReferenceRate, *, published: ReferenceRate | None, latest_version: int
) -> ReferenceRatePublished | None:
    """The fact of a quote; None where this very version stands already, so publishing again is harmless.

    `published` is the quote of the same day and version, `latest_version` the highest of that day (0 for none).
    """
    if published is not None:
        if published != quote:
            raise ReferenceRateVersionTaken(
                benchmark=quote.benchmark, effective_on=quote.effective_on, version=quote.version
            )
        return None
    if quote.version != latest_version + 1:
        raise ReferenceRateVersionMustFollowLatest(
            benchmark=quote.benchmark,
            effective_on=quote.effective_on,
            version=quote.version,
            expected=latest_version + 1,
        )
    return ReferenceRatePublished(quote.benchmark, quote)
