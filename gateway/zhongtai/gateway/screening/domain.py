"""A screening that operations asked for and risk has not been brought yet.

Always true: it is brought until risk has it, however often that fails; what cannot be brought keeps no other waiting.
"""

from dataclasses import dataclass, replace

CARRIED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class AskedScreening:
    """A screening that waits to be brought, how often that failed, and the event that asked for it."""

    screening_id: str
    payment_order_id: str
    event_id: str
    failures: int = 0

    def failed(self) -> "AskedScreening":
        """The screening after one more try in vain: those that failed less come first."""
        return replace(self, failures=self.failures + 1)
