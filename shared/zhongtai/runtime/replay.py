"""Replay: brings every event of an outbox to a service again, straight from the store, without the bus.

This rebuilds what a service made of events: it serves `zhongtai data replay`, a service that was added later, and a
stream that had dropped events before they were applied. The inbox still decides: what was applied stays as it is, so
to rebuild from nothing, empty the service's tables and inbox first.
"""

from dataclasses import dataclass, field

from zhongtai.runtime.consumers import EVERY, Failure, Listens, Patience, apply
from zhongtai.runtime.relay import Outbox

BATCH = 500


@dataclass(slots=True)
class Replayed:
    """What a replay did: how many facts it read, how many the service wanted, and which could not be applied."""

    read: int = 0
    wanted: int = 0
    failures: list[Failure] = field(default_factory=list)


async def replay(outbox: Outbox, service: Listens, *, after: int = 0, patience: Patience | None = None) -> Replayed:
    """Delivers the facts of an outbox behind a sequence number to a service, in order, in batches of 500.

    Failures are gathered and do not stop it; they are not put with the dead letters, because the caller has them in
    hand.
    """
    done = Replayed()
    subjects = service.subjects
    while facts := await outbox.outbox_after(after, BATCH):
        wanted = [fact for fact in facts if EVERY in subjects or fact.subject in subjects]
        done.failures += await apply(service, wanted, patience)
        done.read += len(facts)
        done.wanted += len(wanted)
        after = facts[-1].sequence
    return done
