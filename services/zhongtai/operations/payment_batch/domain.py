"""A payment batch (批量支付): one account on one side, many lines on the other.

Always true: the lines that moved and those that were rejected come to what was submitted, in count and in money; each
line gets one outcome, whatever becomes of the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken
from zhongtai.operations.payment_status.domain import PaymentStatus


class PaymentBatchNotFound(Missing):
    """There is no payment batch {payment_batch_id}: check the id.

    批次{payment_batch_id}不存在：请核对编号。
    """

    payment_batch_id: str


class BatchReferenceMustBeUnique(Taken):
    """The reference {end_to_end_id} is that of the batch {payment_batch_id}, which differs: use another reference.

    端到端标识{end_to_end_id}已用于内容不同的批次{payment_batch_id}：请更换标识。
    """

    end_to_end_id: str
    payment_batch_id: str


class BatchTotalsMustMatch(Invalid):
    """The lines are {count} and come to {amount}, which is not what the batch says: mend the lines or the totals.

    明细共{count}笔、合计{amount}，与批次汇总不符：请核对明细或汇总。
    """

    count: int
    amount: Money


class BatchLinesMustBeUnique(Invalid):
    """The reference {end_to_end_id} stands in two lines: give each line its own.

    端到端标识{end_to_end_id}在明细中重复：请为每笔使用不同标识。
    """

    end_to_end_id: str


class BatchLineMustBeAnotherAccount(Invalid):
    """The line {number} names the account of the batch itself: name another account.

    第{number}笔明细与批次账户相同：请填写其他账户。
    """

    number: int


class SharesMustEachGetSomething(Invalid):
    """The share of {creditor_account_id} comes to nothing: leave it out, or give it a larger weight.

    {creditor_account_id}分得金额为零：请去掉该收款方，或提高其权重。
    """

    creditor_account_id: str


class BatchKind(StrEnum):
    """What kind of batch it is."""

    PAYROLL = "PAYROLL"
    COLLECTION = "COLLECTION"
    SPLIT = "SPLIT"


class BatchStatus(StrEnum):
    """How a batch stands (ExternalPaymentGroupStatus1Code)."""

    RCVD = "RCVD"
    ACSP = "ACSP"
    ACSC = "ACSC"
    PART = "PART"
    RJCT = "RJCT"


@dataclass(frozen=True, slots=True)
class PaymentBatchSubmitted:
    """A batch was submitted."""

    payment_batch_id: str
    kind: BatchKind
    account_id: str
    amount: Money
    count: int


@dataclass(frozen=True, slots=True)
class PaymentBatchCompleted:
    """Every line of a batch has an outcome."""

    payment_batch_id: str
    kind: BatchKind
    status: BatchStatus
    accepted: Money
    accepted_count: int
    rejected: Money
    rejected_count: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A line: the account on the other side and how much."""

    payment_batch_id: str
    number: int
    end_to_end_id: str
    account_id: str
    amount: Money
    remittance_information: str
    status: PaymentStatus = PaymentStatus.RCVD
    reason_code: str = ""
    entry_id: str = ""

    def moved(self, entry_id: str) -> "BatchLine":
        """The line once its money moved."""
        return replace(self, status=PaymentStatus.ACSC, entry_id=entry_id)

    def rejected(self, reason_code: str) -> "BatchLine":
        """The line that cannot move, and why."""
        return replace(self, status=PaymentStatus.RJCT, reason_code=reason_code)


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """A batch and how far it is; `fingerprint` tells whether the same lines were submitted again."""

    payment_batch_id: str
    kind: BatchKind
    end_to_end_id: str
    initiating_party: str
    account_id: str
    amount: Money
    count: int
    batch_booking: bool
    fingerprint: str
    status: BatchStatus
    accepted: Money
    accepted_count: int
    rejected: Money
    rejected_count: int
    created_at: datetime

    def must_be(self, other: "PaymentBatch") -> "PaymentBatch":
        """The batch itself; refuses where another one was submitted under the same reference."""
        if self.fingerprint != other.fingerprint:
            raise BatchReferenceMustBeUnique(end_to_end_id=self.end_to_end_id, payment_batch_id=self.payment_batch_id)
        return self

    def must_hold(self, lines: Sequence[BatchLine]) -> "PaymentBatch":
        """The batch itself; refuses lines that repeat a reference, name its own account, or miss its totals."""
        references = set[str]()
        total = self.amount.nothing
        for line in lines:
            if line.end_to_end_id in references:
                raise BatchLinesMustBeUnique(end_to_end_id=line.end_to_end_id)
            if line.account_id == self.account_id:
                raise BatchLineMustBeAnotherAccount(number=line.number)
            references.add(line.end_to_end_id)
            total += line.amount
        if (len(lines), total) != (self.count, self.amount):
            raise BatchTotalsMustMatch(count=len(lines), amount=total)
        return self

    def must_be_in(self, currency: str) -> None:
        """Refuses where the account of the batch keeps another currency."""
        if currency != self.amount.currency:
            raise CurrencyMustMatch(left=currency, right=self.amount.currency)

    @property
    def left(self) -> int:
        """How many lines have no outcome yet."""
        return self.count - self.accepted_count - self.rejected_count

    def after(self, lines: Iterable[BatchLine]) -> "PaymentBatch":
        """The batch after some more lines got their outcome."""
        accepted, rejected = self.accepted, self.rejected
        accepted_count, rejected_count = self.accepted_count, self.rejected_count
        for line in lines:
            if line.status is PaymentStatus.ACSC:
                accepted, accepted_count = accepted + line.amount, accepted_count + 1
            else:
                rejected, rejected_count = rejected + line.amount, rejected_count + 1
        batch = replace(
            self,
            accepted=accepted,
            accepted_count=accepted_count,
            rejected=rejected,
            rejected_count=rejected_count,
        )
        assert batch.left or batch.accepted + batch.rejected == batch.amount, "no line is lost"
        return replace(batch, status=batch._status())

    def _status(self) -> BatchStatus:
        if self.left:
            return BatchStatus.ACSP
        if not self.rejected_count:
            return BatchStatus.ACSC
        return BatchStatus.PART if self.accepted_count else BatchStatus.RJCT

    def submitted(self) -> PaymentBatchSubmitted:
        """The fact that it was submitted."""
        return PaymentBatchSubmitted(self.payment_batch_id, self.kind, self.account_id, self.amount, self.count)

    def completed(self) -> PaymentBatchCompleted:
        """The fact that every line has an outcome."""
        return PaymentBatchCompleted(
            self.payment_batch_id,
            self.kind,
            self.status,
            self.accepted,
            self.accepted_count,
            self.rejected,
            self.rejected_count,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """A creditor of a split and its weight against the others."""

    creditor_account_id: str
    weight: Decimal
    remittance_information: str


def shared(batch_id: str, amount: Money, shares: Sequence[Share]) -> tuple[BatchLine, ...]:
    """The lines of a split, by `Money.allocate`: largest remainder, no minor unit lost; each gets something."""
    parts = amount.allocate([share.weight for share in shares])
    for share, part in zip(shares, parts, strict=True):
        if not part:
            raise SharesMustEachGetSomething(creditor_account_id=share.creditor_account_id)
    return tuple(
        BatchLine(
            batch_id,
            number,
            share.creditor_account_id,
            share.creditor_account_id,
            part,
            share.remittance_information,
        )
        for number, (share, part) in enumerate(zip(shares, parts, strict=True), 1)
    )
