"""The portfolio of a date (资产组合日报): the report as it was told, kept whole with its digest.

Always true: what was told of a date stays. What comes late changes what the portfolio tells of the date now, and
nothing here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from zhongtai.kernel.refusals import Missing, Unmet


class PortfolioDayMustBeOver(Unmet):
    """{business_date} is not over, the bank is on {today}: take its report when the bank has gone on.

    {business_date}尚未结束，当前营业日为{today}：请在进入下一营业日后出具日报。
    """

    business_date: date
    today: date


class PortfolioDayNotFound(Missing):
    """No report was taken of {business_date}: choose a date that was closed.

    {business_date}没有日报：请选择已完成日终的日期。
    """

    business_date: date


@dataclass(frozen=True, slots=True)
class PortfolioDay:
    """The report of a date: `report` holds its deterministic protobuf bytes, `digest` their SHA-256 in hexadecimal."""

    business_date: date
    taken_at: datetime
    digest: str
    report: bytes

    @classmethod
    def taken(cls, business_date: date, report: bytes, now: datetime) -> "PortfolioDay":
        """A report as it is told now."""
        return cls(business_date, now, sha256(report).hexdigest(), report)


def must_be_over(business_date: date, today: date) -> None:
    """Refuses a date that the bank is still on."""
    if business_date >= today:
        raise PortfolioDayMustBeOver(business_date=business_date, today=today)
