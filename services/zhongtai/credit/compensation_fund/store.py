"""The tables of compensation funds, the loans they cover and the losses they bear."""

from sqlalchemy import MetaData, Table

from zhongtai.credit.compensation_fund.domain import (
    CompensationFund,
    CompensationFundNotFound,
    Cover,
    CoverNotFound,
    Loss,
    LossNotFound,
)
from zhongtai.runtime.store import Records, day, decimal, json, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()

FUND = Table(
    "credit_compensation_fund",
    metadata,
    text("fund_id", primary_key=True),
    text("title"),
    json("layers"),
    text("status"),
)
COVER = Table(
    "credit_compensation_cover",
    metadata,
    text("loan_id", primary_key=True),
    text("fund_id"),
    decimal("share"),
    text("status"),
    *money("lost"),
    *money("lent"),
)
LOSS = Table(
    "credit_compensation_loss",
    metadata,
    text("fund_id", primary_key=True),
    text("loss_id", primary_key=True),
    text("loan_id"),
    *money("amount"),
    json("lines"),
    day("claimed_on"),
)

funds = Records(FUND, CompensationFund, missing=CompensationFundNotFound)
covers = Records(COVER, Cover, missing=CoverNotFound)
losses = Records(LOSS, Loss, missing=LossNotFound)


def cover_in(view: View, fund_id: str, loan_id: str) -> Cover:
    """The cover of a loan in a fund, or `CoverNotFound` where another fund, or none, covers it."""
    cover = covers.load(view, loan_id)
    if cover.fund_id != fund_id:
        raise CoverNotFound(loan_id=loan_id)
    return cover
