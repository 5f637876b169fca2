"""A held command (待复核指令): what somebody asked for, kept whole until others approve it, and what became of it.

Always true: a command moves on only, and ends once: carried out, refused, rejected, lapsed or taken back.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from zhongtai.kernel.refusals import Denied, Missing, Unmet

PLATFORM = "platform"
KIND = "approval"


class HeldCommandNotFound(Missing):
    """There is no held command {held_command_id}: check the id.

    待复核指令{held_command_id}不存在：请核对编号。
    """

    held_command_id: str


class OnlyThePlatformHoldsCommands(Denied):
    """{client_id} may not hold commands for others: call the RPC itself, and it is held where it must be approved.

    {client_id}不得代为提交待复核指令：请直接调用相应接口，需要复核时会自动保留。
    """

    client_id: str


class HeldCommandMustBeOnesOwn(Denied):
    """The command {held_command_id} is {maker}'s: only they may take it back.

    指令{held_command_id}由{maker}提交：只有本人可以撤回。
    """

    held_command_id: str
    maker: str


class HeldCommandMustNotBeDone(Unmet):
    """The command {held_command_id} is {status}: there is nothing left to take back.

    指令{held_command_id}状态为{status}：无可撤回。
    """

    held_command_id: str
    status: str


class HeldCommandStatus(StrEnum):
    """How a command stands."""

    AWAITED = "AWAITED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"
    WITHDRAWN = "WITHDRAWN"
    EXECUTED = "EXECUTED"
    REFUSED = "REFUSED"


_LIVE = (HeldCommandStatus.AWAITED, HeldCommandStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class CommandHeld:
    """A command waits for approval."""

    held_command_id: str
    rpc: str
    maker: str
    work_order_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HeldCommandMoved:
    """A command was approved, rejected, lapsed, was taken back, carried out or refused."""

    held_command_id: str
    rpc: str
    status: HeldCommandStatus
    decided_by: str
    refusal_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCommand:
    """A command and how it stands. `scopes` are the rights its maker had when they asked."""

    held_command_id: str
    rpc: str
    client_id: str
    command_request_id: str
    fingerprint: str
    command: bytes
    maker: str
    on_behalf_of: str
    scopes: tuple[str, ...]
    business_date: date
    title: str
    title_zh: str
    held_at: datetime
    expires_at: datetime
    work_order_id: str
    status: HeldCommandStatus = HeldCommandStatus.AWAITED
    decided_by: str = ""
    comment: str = ""
    ended_at: datetime | None = None
    refusal_reason: str = ""
    refusal_sentence: str = ""

    @property
    def live(self) -> bool:
        """True while it may still be carried out."""
        return self.status in _LIVE

    def held(self) -> CommandHeld:
        """The fact that it waits."""
        return CommandHeld(self.held_command_id, self.rpc, self.maker, self.work_order_id, self.expires_at)

    def decided(
        self, *, approved: bool, by: str, comment: str, now: datetime
    ) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command after the decision on it; one that no longer waits stays as it is."""
        if self.status is not HeldCommandStatus.AWAITED:
            return self, None
        status = HeldCommandStatus.APPROVED if approved else HeldCommandStatus.REJECTED
        after = replace(self, decided_by=by, comment=comment, ended_at=None if approved else now)
        return after.lapsed(now) if self.expires_at <= now else after._moved(status)

    def lapsed(self, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command past its time."""
        return self._ended(HeldCommandStatus.LAPSED, now)

    def withdrawn(self, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command taken back; one that has ended stays as it is."""
        return self._ended(HeldCommandStatus.WITHDRAWN, now)

    def withdraw(self, by: str, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command taken back by its maker, or whom they act for."""
        if by not in (self.maker, self.on_behalf_of):
            raise HeldCommandMustBeOnesOwn(held_command_id=self.held_command_id, maker=self.maker)
        if not self.live and self.status is not HeldCommandStatus.WITHDRAWN:
            raise HeldCommandMustNotBeDone(held_command_id=self.held_command_id, status=self.status)
        return self.withdrawn(now)

    def executed(self, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command carried out."""
        return self._ended(HeldCommandStatus.EXECUTED, now)

    def refused(self, reason: str, sentence: str, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        """The command refused when it was to be carried out."""
        return replace(self, refusal_reason=reason, refusal_sentence=sentence)._ended(HeldCommandStatus.REFUSED, now)

    def _ended(self, status: HeldCommandStatus, now: datetime) -> tuple["HeldCommand", HeldCommandMoved | None]:
        return replace(self, ended_at=now)._moved(status) if self.live else (self, None)

    def _moved(self, status: HeldCommandStatus) -> tuple["HeldCommand", HeldCommandMoved]:
        moved = replace(self, status=status)
        return moved, HeldCommandMoved(self.held_command_id, self.rpc, status, moved.decided_by, moved.refusal_reason)


def must_come_from_the_platform(client_id: str) -> None:
    """Refuses whoever is not a service of the platform: else one could have commands carried out in others' names."""
    if client_id != PLATFORM:
        raise OnlyThePlatformHoldsCommands(client_id=client_id)
