"""The workload: orders that nobody has decided, counted by queue and role and by person, in buckets of age."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LiveOrders:
    """Orders that are alike: of one queue, role and holder, opened on one day, so many of them past due."""

    queue_id: str
    role: str
    claimed_by: str
    opened_at: datetime
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class WorkloadLine:
    """Some orders, counted."""

    queue_id: str = ""
    role: str = ""
    person: str = ""
    waiting: int = 0
    claimed: int = 0
    overdue: int = 0
    within_a_day: int = 0
    within_three_days: int = 0
    within_a_week: int = 0
    older: int = 0

    def with_orders(self, orders: LiveOrders, now: datetime) -> "WorkloadLine":
        """The line with some more orders in it."""
        age = now - orders.opened_at
        buckets = ((_DAY, "within_a_day"), (3 * _DAY, "within_three_days"), (7 * _DAY, "within_a_week"))
        bucket = next((name for longest, name in buckets if age < longest), "older")
        state = "claimed" if orders.claimed_by else "waiting"
        more = {bucket: getattr(self, bucket) + orders.count, state: getattr(self, state) + orders.count}
        return replace(self, overdue=self.overdue + orders.overdue, **more)


def workload(found: Iterable[LiveOrders], now: datetime) -> tuple[list[WorkloadLine], list[WorkloadLine]]:
    """The lines of queues and roles, and those of people, each by name."""
    queues: dict[tuple[str, str], WorkloadLine] = {}
    people: dict[str, WorkloadLine] = {}
    for orders in found:
        place = (orders.queue_id, orders.role)
        queues[place] = queues.get(place, WorkloadLine(*place)).with_orders(orders, now)
        if orders.claimed_by:
            line = people.get(orders.claimed_by, WorkloadLine(person=orders.claimed_by))
            people[orders.claimed_by] = line.with_orders(orders, now)
    return [queues[place] for place in sorted(queues)], [people[name] for name in sorted(people)]
