"""A collection agreement (代收协议): what a payer lets one creditor collect from an account without asking each time.

After 银发〔2020〕248号《关于规范代收业务的通知》: the payer's bank collects only what the payer authorised, and the
authorisation names the creditor, the purpose, the account, the bounds and until when it stands.

Always true: between two accounts there is one agreement in force at the most; what was collected in a month under it is
within its bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.payment.domain import AccountsMustDiffer


class CollectionAgreementNotFound(Missing):
    """There is no collection agreement {collection_agreement_id}: check the id.

    代收协议{collection_agreement_id}不存在：请核对编号。
    """

    collection_agreement_id: str


class CollectionAgreementMustBeOnlyOne(Taken):
    """The agreement {collection_agreement_id} is in force between these accounts: end it first.

    该付款账户与收款账户之间已有生效的代收协议{collection_agreement_id}：请先终止。
    """

    collection_agreement_id: str


class CollectionAgreementMustEndAhead(Invalid):
    """The last date {ends_on} is before the business date {business_date}: state a later one.

    协议到期日{ends_on}早于营业日{business_date}：请填写更晚的日期。
    """

    ends_on: date
    business_date: date


class CollectionMustBeAgreed(Unmet):
    """The payer of {debtor_account_id} has not agreed to be collected from by this creditor: ask for an agreement.

    账户{debtor_account_id}的付款人未授权该收款人代收：请先签订代收协议。
    """

    debtor_account_id: str


class CollectionMustBeWithinAgreement(Unmet):
    """The agreement {collection_agreement_id} lets {left} be collected now: collect that or less.

    代收协议{collection_agreement_id}目前仅可代收{left}：请减少金额。
    """

    collection_agreement_id: str
    left: Money


class CollectionAgreementStatus(StrEnum):
    """How an agreement stands."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class CollectionAgreementOpened:
    """A payer agreed."""

    collection_agreement_id: str
    debtor_account_id: str
    creditor_account_id: str
    up_to: Money


@dataclass(frozen=True, slots=True)
class CollectionAgreementEnded:
    """An agreement ended before its last date."""

    collection_agreement_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionAgreement:
    """An agreement, and what was collected under it in the month of the last collection; None bounds nothing."""

    collection_agreement_id: str
    customer_id: str
    debtor_account_id: str
    creditor_account_id: str
    purpose: str
    up_to: Money
    per_month: Money | None
    ends_on: date
    status: CollectionAgreementStatus = CollectionAgreementStatus.ACTIVE
    collected_on: date | None = None
    collected: Money

    def opened(self, business_date: date) -> CollectionAgreementOpened:
        """The fact that the payer agreed; refuses one account on both sides, two currencies, an end that is past."""
        if self.debtor_account_id == self.creditor_account_id:
            raise AccountsMustDiffer()
        for bound in (self.up_to, self.per_month):
            if bound and bound.currency != self.collected.currency:
                raise CurrencyMustMatch(left=self.collected.currency, right=bound.currency)
        if self.ends_on < business_date:
            raise CollectionAgreementMustEndAhead(ends_on=self.ends_on, business_date=business_date)
        return CollectionAgreementOpened(
            self.collection_agreement_id, self.debtor_account_id, self.creditor_account_id, self.up_to
        )

    def stands(self, on: date) -> bool:
        """Whether it is in force on a date."""
        return self.status is CollectionAgreementStatus.ACTIVE and on <= self.ends_on

    def ended(self) -> tuple["CollectionAgreement", CollectionAgreementEnded | None]:
        """The agreement ended; twice is once."""
        if self.status is CollectionAgreementStatus.ENDED:
            return self, None
        return replace(self, status=CollectionAgreementStatus.ENDED), CollectionAgreementEnded(
            self.collection_agreement_id
        )

    def collected_in_month(self, on: date) -> Money:
        """What was collected in the month of a date."""
        last = self.collected_on
        same = last is not None and (last.year, last.month) == (on.year, on.month)
        return self.collected if same else self.collected.nothing

    def collect(self, amount: Money, on: date) -> "CollectionAgreement":
        """The agreement after a collection; refuses one it does not let through, or where it is over."""
        if not self.stands(on):
            raise CollectionMustBeAgreed(debtor_account_id=self.debtor_account_id)
        before = self.collected_in_month(on)
        left = min(self.up_to, max(self.per_month - before, before.nothing)) if self.per_month else self.up_to
        if amount > left:
            raise CollectionMustBeWithinAgreement(collection_agreement_id=self.collection_agreement_id, left=left)
        return replace(self, collected_on=on, collected=before + amount)


def collect_from(
    debtor_account_id: str, amount: Money, in_force: Mapping[str, CollectionAgreement], on: date
) -> CollectionAgreement:
    """The agreement of who pays after a collection, of those in force by the account that pays; refuses without one."""
    if debtor_account_id not in in_force:
        raise CollectionMustBeAgreed(debtor_account_id=debtor_account_id)
    return in_force[debtor_account_id].collect(amount, on)
