"""The table of screenings that are to be brought to risk."""

from sqlalchemy import Index, MetaData, Table

from zhongtai.gateway.screening.domain import CARRIED_AT_ONCE, AskedScreening
from zhongtai.runtime.store import Records, integer, text

metadata = MetaData()
ASKED_SCREENING = Table(
    "gateway_asked_screening",
    metadata,
    text("screening_id", primary_key=True),
    text("payment_order_id"),
    text("event_id"),
    integer("failures"),
    Index("ix_gateway_asked_screening_next", "failures", "event_id"),
)
asked = Records(ASKED_SCREENING, AskedScreening)
# What failed comes after what was not tried; ids of events sort by the time they were made.
to_carry = asked.query(order_by=(ASKED_SCREENING.c.failures, ASKED_SCREENING.c.event_id), limit=CARRIED_AT_ONCE + 1)
