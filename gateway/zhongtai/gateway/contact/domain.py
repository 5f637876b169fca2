"""A contact that changed and is still to be carried over.

Always true: of several changes of one customer the latest is carried, for what is carried is read when it is.
"""

from dataclasses import dataclass

CARRIED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class ChangedContact:
    """A customer whose contact is to be carried, and the event that told of it last."""

    customer_id: str
    event_id: str
