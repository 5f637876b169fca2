"""What opens work orders: what somebody asks for, and what an event does to orders, as data.

A rule names fields of its event. A detail is a field, told as text, or the difference of two amounts, `counted - owed`;
a title may name fields in braces. There is one live order of a kind about a subject, however often the event comes.
An event may have several rules, each of another kind of order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What whoever opens an order asks for; a queue knows the rest."""

    kind: str
    subject: str
    title: str
    title_zh: str = ""
    role: str = ""
    four_eyes: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    requested_by: str = ""
    due_at: datetime | None = None
    priority: int = 0
    skills: tuple[str, ...] = ()
    approvers_needed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRule:
    """What one event does: it opens an order, or withdraws the one another event opened.

    `requested_by` names the field that tells who asked for a decision, whom four eyes keep from taking it; `days_from`
    and `days_to` two dates of the event between which the order is to be decided. The rule does nothing where a field
    that `unless` names tells what stands there.
    """

    on: str
    kind: str
    subject: str
    withdraws: bool = False
    queue_id: str = ""
    title: str = ""
    title_zh: str = ""
    details: dict[str, str] = field(default_factory=dict)
    requested_by: str = ""
    days_from: str = ""
    days_to: str = ""
    unless: dict[str, str] = field(default_factory=dict)
