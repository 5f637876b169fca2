"""How screenings rest: a row each, with what was screened and what it was like."""

from sqlalchemy import ColumnElement, Index, MetaData, Table

from zhongtai.risk.screening.domain import Screening, ScreeningNotFound
from zhongtai.runtime.store import Records, instant, json, text

metadata = MetaData()
SCREENING = Table(
    "risk_screening",
    metadata,
    text("screening_id", primary_key=True),
    text("payment_order_id"),
    text("debtor_name"),
    text("creditor_name"),
    text("remittance_information"),
    text("outcome"),
    json("matches"),
    instant("screened_at"),
    Index("ix_risk_screening_order", "payment_order_id", "screening_id"),
    Index("ix_risk_screening_outcome", "outcome", "screening_id"),
)
screenings = Records(SCREENING, Screening, missing=ScreeningNotFound)


def about(payment_order_id: str, outcome: str) -> list[ColumnElement[bool]]:
    """The conditions on screenings of an order that came to this; empty texts ask nothing."""
    wanted = [(SCREENING.c.payment_order_id, payment_order_id), (SCREENING.c.outcome, outcome)]
    return [column == text for column, text in wanted if text]
