"""The loop that sends what is due: take under a lease, send with nothing held, write what came of it.

Decisions
    A message is SENDING before it leaves. A process that dies in between leaves it so, and when its lease is over the
    next one sends it again where the receiver drops copies, and asks where it does not. Not chosen: to send first.
    An outcome is written only over the attempt it belongs to, so a sender that was given up for dead changes nothing.
    Who waited for a turn until half of the lease was over gives the message back: a try must end before its lease does.
    A recipient has so many messages taken and fewer sent together, so that a partner who answers late keeps nobody
    waiting but themselves. Not chosen: one queue for each partner, which is one more thing that must be kept true.
    The loop stands beside the service, not in a job: a job's finest occasion is a second, and each one is two commits.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from zhongtai.operations.notification import store
from zhongtai.operations.notification.channels import Channel, Outgoing, Report
from zhongtai.operations.notification.choosing import chosen, chosen_for_partner
from zhongtai.operations.notification.domain import (
    LEASE,
    Answer,
    DeliveryOutcome,
    DeliveryTry,
    Notification,
    NotificationStatus,
)
from zhongtai.operations.notification_contact import store as contact_store
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.webhook_endpoint import store as endpoint_store
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.orchestration import Host
from zhongtai.runtime.unit import Unit

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# What is done within this time of each other is followed by one look.
GATHERED_S = 0.005
AT_WORK_AT_MOST = 2 * store.CLAIMED_AT_ONCE
OF_ONE_TAKEN_AT_MOST, OF_ONE_SENT_AT_MOST = 32, 8
_SYSTEM = Call(Caller("notifications", "notifications"))
_DETAIL_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """A notification that was taken to be sent, and whether its channel is only to be asked what became of it."""

    notification: Notification
    message: Outgoing
    asks: bool


class Sender:
    """Sends what is due; `chance` gives whole numbers of 0 to 1,000, which keep tries from coming all at once."""

    def __init__(
        self,
        host: Host,
        channels: Mapping[NotificationChannel, Channel],
        *,
        chance: Callable[[], int] = lambda: secrets.randbelow(1_001),
        reports: Callable[[], list[Report]] = list,
    ) -> None:
        self._host = host
        self._channels = channels
        self._chance = chance
        self._reports = reports
        self._turns = {name: asyncio.Semaphore(channel.at_once) for name, channel in channels.items()}
        self._at_work: set[asyncio.Task[None]] = set()
        self._of_one: Counter[str] = Counter()
        self._turns_of_one: dict[str, asyncio.Semaphore] = {}

    async def go_on(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            found = 0
            try:
                found = await self.look()
                await self.hear()
            except Exception:
                log.exception("looking for what is to be sent failed; it is done again")
            if self._at_work:
                await asyncio.wait(self._at_work, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(GATHERED_S)
            elif not found:
                await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Takes what is due and begins to send it; answers how many it took."""
        if len(self._at_work) + store.CLAIMED_AT_ONCE > AT_WORK_AT_MOST:
            return 0
        taken: list[Taken] = await self._change(lambda unit: take(unit, self._of_one))
        for each in taken:
            self._of_one[each.notification.recipient_id] += 1
            task = asyncio.create_task(self._send(each))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        return len(taken)

    async def settled(self) -> None:
        """Waits until everything that was taken is answered and written."""
        while self._at_work:
            await asyncio.gather(*self._at_work, return_exceptions=True)

    async def hear(self) -> None:
        """Writes down what channels report of messages they took."""
        if reports := self._reports():
            await self._change(lambda unit: _reported(unit, reports))

    async def close(self) -> None:
        """Leaves what is on its way; its lease ends by itself."""
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def _send(self, taken: Taken) -> None:
        recipient = taken.notification.recipient_id
        turn = self._turns_of_one.setdefault(recipient, asyncio.Semaphore(OF_ONE_SENT_AT_MOST))
        try:
            async with turn, self._turns[taken.notification.channel]:
                work = await self._sent(taken)
        finally:
            self._of_one[recipient] -= 1
            if not self._of_one[recipient]:
                del self._of_one[recipient], self._turns_of_one[recipient]
        await self._written(work)

    async def _sent(self, taken: Taken) -> Callable[[Unit], None]:
        """Gives a message to its channel, and answers what is to be written of that."""
        due_at, began = taken.notification.due_at, self._host.clock.now()
        assert due_at is not None, "what is given to a channel has a lease"
        if began > due_at - LEASE / 2:
            return lambda unit: give_back(unit, taken)
        answer = await self._answer(self._channels[taken.notification.channel], taken, began)
        return lambda unit: settle(unit, taken, answer, began, self._chance())

    async def _answer(self, channel: Channel, taken: Taken, began: datetime) -> Answer:
        try:
            return await (channel.ask(taken.message) if taken.asks else channel.send(taken.message, began))
        except Exception as defect:
            # A defect of an adapter: whether the message left is not known.
            log.exception("the channel %s did not answer", taken.notification.channel)
            return Answer(DeliveryOutcome.UNKNOWN, type(defect).__name__)

    async def _written(self, work: Callable[[Unit], None]) -> None:
        try:
            await self._change(work)
        except Exception:
            log.exception("an outcome could not be written; the message is looked at again when its lease is over")

    async def _change(self, work: Callable[[Unit], T]) -> T:
        return await self._host.store.change(lambda writing: work(self._host.unit(writing, _SYSTEM, "sender")))


def take(unit: Unit, at_work: Mapping[str, int]) -> list[Taken]:
    """Takes what is due, on the first channel that may be used now; what may use none has ended.

    `at_work` counts what each recipient has on its way: one with too much of it is passed over.
    """
    taken, of_one = [], Counter(at_work)
    full = [recipient for recipient, count in at_work.items() if count > OF_ONE_TAKEN_AT_MOST // 2]
    for before in store.due(unit, unit.now, full):
        of_one[before.recipient_id] += 1
        if of_one[before.recipient_id] > OF_ONE_TAKEN_AT_MOST:
            continue
        if before.drafts[0].channel is NotificationChannel.WEBHOOK:
            endpoint = endpoint_store.endpoints.load(unit, before.recipient_id)
            found = chosen_for_partner(unit, before, endpoint)
            address, keys = endpoint.url, endpoint.signing(unit.now)
        else:
            contact = contact_store.known(unit, before.recipient_id)
            asked = before.status is NotificationStatus.SENDING
            found = before if asked else chosen(unit, before, contact)
            address, keys = contact.address(found.channel), ()
        if found.status.under_way:
            asks = before.status is NotificationStatus.SENDING and not found.receiver_drops_copies
            found = found.given(unit.now)
            message = Outgoing(found.message_id, address, found.subject, found.body, keys)
            taken.append(Taken(found, message, asks))
        store.keep(unit, before, found)
    return taken


def give_back(unit: Unit, taken: Taken) -> None:
    """Leaves a message that was taken and not given to its channel to whoever takes it next."""
    if before := _present(unit, taken):
        store.keep(unit, before, before.given_back(unit.now, asked=taken.asks))


def settle(unit: Unit, taken: Taken, answer: Answer, began: datetime, jitter_permille: int) -> None:
    """Writes what came of an attempt, unless another has taken the notification since."""
    given, before = taken.notification, _present(unit, taken)
    if before is None:
        return
    after = before.answered(answer, unit.now, jitter_permille)
    tried = DeliveryTry(
        notification_id=given.notification_id,
        number=after.tries,
        channel=given.channel,
        asked=taken.asks,
        outcome=answer.outcome,
        detail=answer.detail[:_DETAIL_AT_MOST],
        provider_reference=answer.provider_reference,
        began_at=began,
        ended_at=unit.now,
    )
    store.tries.add(unit, tried)
    store.keep(unit, before, after)
    if given.receiver_drops_copies:
        _tell_endpoint(unit, given.recipient_id, answer)


def _present(unit: Unit, taken: Taken) -> Notification | None:
    """The notification as it stands, if it is still at the attempt that was taken."""
    given, found = taken.notification, store.notifications.load(unit, taken.notification.notification_id)
    if (found.status, found.channel, found.due_at) == (given.status, given.channel, given.due_at):
        return found
    log.warning("an answer to %s came after its lease", given.notification_id)
    return None


def _tell_endpoint(unit: Unit, endpoint_id: str, answer: Answer) -> None:
    before = endpoint_store.endpoints.load(unit, endpoint_id)
    taken, gone = answer.outcome is DeliveryOutcome.DELIVERED, answer.outcome is DeliveryOutcome.GONE
    after, disabled = before.answered(taken=taken, gone=gone, now=unit.now)
    endpoint_store.endpoints.change(unit, before, after)
    if disabled:
        unit.record(disabled)


def _reported(unit: Unit, reports: list[Report]) -> None:
    for report in reports:
        before = store.by_reference(unit, NotificationChannel.SMS, report.provider_reference)
        if before is not None:
            store.keep(unit, before, before.reported(delivered=report.delivered, now=unit.now))
