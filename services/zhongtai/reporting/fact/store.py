"""How facts rest: one row for each event, under the event's own id, so that a replay finds what is there."""

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.reporting.fact.domain import Fact, FactNotFound, FactSummary, SubjectCount
from zhongtai.runtime.store import Records, day, instant, integer, octets, text
from zhongtai.runtime.unit import View

metadata = MetaData()
FACT = Table(
    "fact",
    metadata,
    text("event_id", primary_key=True),
    text("subject"),
    text("key"),
    text("source"),
    integer("sequence"),
    instant("occurred_at"),
    day("business_date"),
    text("cause"),
    octets("payload"),
    Index("fact_subject", "subject", "event_id"),
    Index("fact_key", "key", "event_id"),
)
facts = Records(FACT, Fact, missing=FactNotFound)
summaries = Records(FACT, FactSummary)

_KNOWN = select(FACT.c.event_id).where(FACT.c.event_id == bindparam("of_event"))
_COUNTS = select(FACT.c.subject, func.count().label("facts")).group_by(FACT.c.subject).order_by(FACT.c.subject)
_COUNTS_OF = _COUNTS.where(FACT.c.subject == bindparam("of_subject"))


def known(view: View, event_id: str) -> bool:
    """True where the event is kept already."""
    return bool(view.rows(_KNOWN, {"of_event": event_id}))


def counts(view: View, subject: str) -> list[SubjectCount]:
    """How many facts each subject has, or the one subject that is given."""
    rows = view.rows(_COUNTS_OF, {"of_subject": subject}) if subject else view.rows(_COUNTS)
    return [SubjectCount(row.subject, int(row.facts)) for row in rows]
