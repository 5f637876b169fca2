"""How the reports of dates rest: a row for each date, one for each close that was heard."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import MetaData, Table

from zhongtai.reporting.portfolio_day.domain import PortfolioDay, PortfolioDayNotFound
from zhongtai.runtime.heard import HeardCloses
from zhongtai.runtime.store import Records, day, instant, octets, text

metadata = MetaData()
PORTFOLIO_DAY = Table(
    "portfolio_day",
    metadata,
    day("business_date", primary_key=True),
    instant("taken_at"),
    text("digest"),
    octets("report"),
)


@dataclass(frozen=True, slots=True)
class Title:
    """The report of a date, without the report."""

    business_date: date
    taken_at: datetime
    digest: str


heard = HeardCloses("portfolio_heard_close", metadata)
days = Records(PORTFOLIO_DAY, PortfolioDay, missing=PortfolioDayNotFound)
titles = Records(PORTFOLIO_DAY, Title)
