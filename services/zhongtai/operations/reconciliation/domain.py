"""A reconciliation (对账) of one of our accounts with another bank: its matches, and the breaks that are left.

Always true: a line of a statement and a leg of the ledger are part of one match at the most; what a match leaves over
is within its rule's tolerance, and is posted only when somebody other than whoever proposed it agrees; what a person
took apart no rule puts together again. Amounts are above zero where our account grows, on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Contended, Denied, Invalid, Missing, Unmet
from zhongtai.operations.account.domain import Side
from zhongtai.operations.ledger.domain import Draft, Leg

BY_HAND = "by_hand"


class ReconciliationNotFound(Missing):
    """The account {account_id} is not reconciled: set its reconciliation up first.

    账户{account_id}未设置对账：请先设置。
    """

    account_id: str


class MatchNotFound(Missing):
    """There is no match {match_id}: check the id.

    匹配{match_id}不存在：请核对编号。
    """

    match_id: str


class MatchMemberMustBeFree(Contended):
    """{member_id} is no open line or item of this account, or was matched meanwhile: look at the open ones again.

    {member_id}不是该账户的未匹配项，或刚刚已被匹配：请重新查看未匹配项。
    """

    member_id: str


class MatchMustBalance(Invalid):
    """The lines come to {lines}, the items to {items}: choose others, or say which account code takes the difference.

    对账单合计{lines}，账务合计{items}：请重新选择，或填写差异入账科目。
    """

    lines: Money
    items: Money


class MatchMustHaveMembers(Invalid):
    """A match has a line or an item, each once, and no code where nothing differs: name them.

    匹配须包含对账单行或账务项且不得重复；无差异时请勿填写科目。
    """


class MatchMustStand(Unmet):
    """The match {match_id} was taken apart: there is nothing left to do with it.

    匹配{match_id}已被取消：无需再处理。
    """

    match_id: str


class DifferenceMustBeProposed(Unmet):
    """The match {match_id} has no difference to decide on; it is {difference_status}.

    匹配{match_id}没有待审批的差异，其状态为{difference_status}。
    """

    match_id: str
    difference_status: str


class DifferenceMustNotBePosted(Unmet):
    """The difference of {match_id} was posted as {entry_id}: a correction in the ledger puts it right.

    匹配{match_id}的差异已入账（凭证{entry_id}）：请在账务中更正。
    """

    match_id: str
    entry_id: str


class DifferenceMustHaveFourEyes(Denied):
    """{subject} proposed this difference: somebody else has to decide on it.

    {subject}为该差异的提出人：须由他人审批。
    """

    subject: str


def must_be_each_once(lines: Sequence[str], items: Sequence[str]) -> None:
    """Refuses members that are named twice."""
    if len({*lines}) != len(lines) or len({*items}) != len(items):
        raise MatchMustHaveMembers()


class ItemSide(StrEnum):
    """Whose side it is on."""

    STATEMENT = "STATEMENT"
    LEDGER = "LEDGER"


class MatchStatus(StrEnum):
    """How a match stands."""

    MATCHED = "MATCHED"
    UNDONE = "UNDONE"


class DifferenceStatus(StrEnum):
    """How what a match leaves over stands."""

    NOTHING = "NOTHING"
    PROPOSED = "PROPOSED"
    POSTED = "POSTED"
    REJECTED = "REJECTED"


class BreakState(StrEnum):
    """How an aged break stands."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


class Proposal(StrEnum):
    """How the proposal of a break begins: match what has the very amount, compare the nearest, or post what is new."""

    MATCH = "MATCH"
    COMPARE = "COMPARE"
    POST = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """How an account is reconciled, and how far its legs have been taken over: behind `last_number` they are not."""

    account_id: str
    rule_set: str
    break_after_days: int
    last_number: int = 0
    reconciled_on: date | None = None
    lines_open: int = 0
    items_open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerItem:
    """A leg of the ledger on the account, above zero where the account grows."""

    item_id: str
    account_id: str
    number: int
    entry_id: str
    value_date: date
    amount: Money
    reference: str
    end_to_end_id: str
    match_id: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceProposed:
    """What a match leaves over waits for somebody to agree that it is posted."""

    match_id: str
    account_id: str
    difference: Money
    difference_code: str
    rule: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class DifferenceDecided:
    """What a match left over was posted, or refused."""

    match_id: str
    account_id: str
    posted: bool
    decided_by: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class MatchUndone:
    """A match was taken apart."""

    match_id: str
    account_id: str
    reason: str
    undone_by: str


@dataclass(frozen=True, slots=True)
class AccountReconciled:
    """An account was reconciled."""

    account_id: str
    reconciled_on: date
    matches: int
    lines_open: int
    items_open: int


@dataclass(frozen=True, slots=True)
class ReconciliationBreakAged:
    """Something has found no match for longer than it may."""

    break_id: str
    account_id: str
    side: ItemSide
    member_id: str
    amount: Money
    value_date: date
    proposal: str


@dataclass(frozen=True, slots=True)
class ReconciliationBreakResolved:
    """What had found no match has found one."""

    break_id: str
    resolved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationBreak:
    """An open line or item that is older than it may be, and what might be done about it."""

    break_id: str
    account_id: str
    side: ItemSide
    member_id: str
    amount: Money
    value_date: date
    proposal: str
    found_on: date
    state: BreakState = BreakState.OPEN
    resolved_on: date | None = None

    @property
    def proposed_match(self) -> str:
        """The member of the other side that it is proposed to be matched with; "" where it is not."""
        word, _, member_id = self.proposal.partition(" ")
        return member_id if word == Proposal.MATCH else ""

    def aged(self) -> ReconciliationBreakAged:
        """The fact that it was found."""
        return ReconciliationBreakAged(
            self.break_id, self.account_id, self.side, self.member_id, self.amount, self.value_date, self.proposal
        )

    def resolve(self, on: date) -> tuple["ReconciliationBreak", ReconciliationBreakResolved]:
        """The break once there is a match."""
        return replace(self, state=BreakState.RESOLVED, resolved_on=on), ReconciliationBreakResolved(self.break_id, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Lines and items that belong together, and what they leave over: lines less items."""

    match_id: str
    account_id: str
    rule: str
    lines: int
    items: int
    amount: Money
    difference: Money
    difference_code: str
    difference_status: DifferenceStatus
    made_on: date
    made_at: datetime
    made_by: str
    reason: str = ""
    status: MatchStatus = MatchStatus.MATCHED
    decided_by: str = ""
    entry_id: str = ""

    @classmethod
    def made(
        cls,
        match_id: str,
        account_id: str,
        *,
        rule: str,
        lines: tuple[int, Money],
        items: tuple[int, Money],
        difference_code: str,
        on: date,
        now: datetime,
        by: str,
        reason: str = "",
    ) -> "Match":
        """A new match of so many lines and items that come to so much; refuses a difference that nothing takes."""
        difference = lines[1] - items[1]
        if not lines[0] + items[0] or (difference_code and not difference):
            raise MatchMustHaveMembers()
        if difference and not difference_code:
            raise MatchMustBalance(lines=lines[1], items=items[1])
        return cls(
            match_id=match_id,
            account_id=account_id,
            rule=rule,
            lines=lines[0],
            items=items[0],
            amount=lines[1],
            difference=difference,
            difference_code=difference_code if difference else "",
            difference_status=DifferenceStatus.PROPOSED if difference else DifferenceStatus.NOTHING,
            made_on=on,
            made_at=now,
            made_by=by,
            reason=reason,
        )

    def proposed(self) -> DifferenceProposed | None:
        """The fact that a difference waits, if one does."""
        if self.difference_status is not DifferenceStatus.PROPOSED:
            return None
        return DifferenceProposed(
            self.match_id, self.account_id, self.difference, self.difference_code, self.rule, self.made_by
        )

    def draft(self, entry_id: str) -> Draft:
        """What posts the difference: our account follows what the other bank says."""
        ours, other = (Side.DEBIT, Side.CREDIT) if self.difference.minor_units > 0 else (Side.CREDIT, Side.DEBIT)
        amount = self.difference if self.difference.minor_units > 0 else -self.difference
        legs = (Leg("", self.account_id, ours, amount), Leg(self.difference_code, "", other, amount))
        return Draft(entry_id, self.match_id, f"Reconciliation difference, {self.rule}", legs)

    def must_be_open_to(self, subject: str) -> None:
        """Refuses where there is nothing to decide, or whoever made the match decides on it."""
        self.must_stand()
        if self.difference_status is not DifferenceStatus.PROPOSED:
            raise DifferenceMustBeProposed(match_id=self.match_id, difference_status=self.difference_status)
        if subject == self.made_by:
            raise DifferenceMustHaveFourEyes(subject=subject)

    def approve(self, subject: str, entry_id: str) -> tuple["Match", DifferenceDecided]:
        """The match once its difference was posted as that entry, which it has as one more item."""
        posted = replace(
            self,
            difference_status=DifferenceStatus.POSTED,
            decided_by=subject,
            entry_id=entry_id,
            items=self.items + 1,
        )
        return posted, DifferenceDecided(self.match_id, self.account_id, True, subject, entry_id)

    def reject(self, subject: str, reason: str) -> tuple["Match", DifferenceDecided]:
        """The match taken apart, for its difference is none to post."""
        rejected = replace(
            self,
            status=MatchStatus.UNDONE,
            difference_status=DifferenceStatus.REJECTED,
            decided_by=subject,
            reason=reason,
        )
        return rejected, DifferenceDecided(self.match_id, self.account_id, False, subject, "")

    def undo(self, subject: str, reason: str) -> tuple["Match", MatchUndone | None]:
        """The match taken apart; one that was already stays as it is."""
        if self.status is MatchStatus.UNDONE:
            return self, None
        if self.difference_status is DifferenceStatus.POSTED:
            raise DifferenceMustNotBePosted(match_id=self.match_id, entry_id=self.entry_id)
        undone = replace(self, status=MatchStatus.UNDONE, decided_by=subject, reason=reason)
        return undone, MatchUndone(self.match_id, self.account_id, reason, subject)

    def must_stand(self) -> None:
        """Refuses a match that was taken apart."""
        if self.status is MatchStatus.UNDONE:
            raise MatchMustStand(match_id=self.match_id)
