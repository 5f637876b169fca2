"""The screening of a payment (风险筛查): the names of both parties and the text, held against every watchlist.

Always true: a screening is done once, its outcome never changes, and it is clear only where both parties have a name
and no list has one like it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhongtai.kernel.refusals import Missing, Taken
from zhongtai.risk.watchlist.domain import WatchlistEntry, Words, words_of

# What is kept of the matches: whoever decides needs the first ones, not thousands.
MATCHES_MAXIMUM = 50


class ScreeningNotFound(Missing):
    """There is no screening {screening_id}: check the id.

    筛查{screening_id}不存在：请核对编号。
    """

    screening_id: str


class ScreeningMustBeOfOnePayment(Taken):
    """The screening {screening_id} is of the payment order {payment_order_id}: use another id for another one.

    筛查{screening_id}属于支付指令{payment_order_id}：请为其他指令使用新的筛查编号。
    """

    screening_id: str
    payment_order_id: str


class ScreeningOutcome(StrEnum):
    """What a screening came to."""

    CLEAR = "CLEAR"
    HIT = "HIT"
    INCOMPLETE = "INCOMPLETE"


class ScreenedPart(StrEnum):
    """What of a payment was screened."""

    DEBTOR = "DEBTOR"
    CREDITOR = "CREDITOR"
    REMITTANCE = "REMITTANCE"


@dataclass(frozen=True, slots=True)
class ScreeningMatch:
    """A part of a payment that is like a name on a list."""

    part: ScreenedPart
    watchlist_id: str
    entry_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PaymentScreened:
    """A payment was screened."""

    payment_order_id: str
    screening_id: str
    outcome: ScreeningOutcome
    matches: int
    first_match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedPayment:
    """What is screened of a payment."""

    screening_id: str
    payment_order_id: str
    debtor_name: str
    creditor_name: str
    remittance_information: str

    def words(self, legal_forms: frozenset[str]) -> dict[ScreenedPart, Words]:
        """The words of each part."""
        return {
            ScreenedPart.DEBTOR: words_of(self.debtor_name, legal_forms),
            ScreenedPart.CREDITOR: words_of(self.creditor_name, legal_forms),
            ScreenedPart.REMITTANCE: words_of(self.remittance_information, legal_forms),
        }

    def screened(
        self, listed: Iterable[WatchlistEntry], legal_forms: frozenset[str], now: datetime
    ) -> tuple["Screening", PaymentScreened]:
        """The screening against the entries that may be like a part, and the fact of it."""
        words = self.words(legal_forms)
        entries = [entry for entry in listed if entry.taken_off is None]
        found = [match for part, said in words.items() for match in _matches(part, said, entries, legal_forms)]
        nameless = any(not words[part].letters and not words[part].han for part in _PARTIES)
        outcome = ScreeningOutcome.INCOMPLETE if nameless else ScreeningOutcome.CLEAR
        screening = Screening(
            screening_id=self.screening_id,
            payment_order_id=self.payment_order_id,
            debtor_name=self.debtor_name,
            creditor_name=self.creditor_name,
            remittance_information=self.remittance_information,
            outcome=ScreeningOutcome.HIT if found else outcome,
            matches=tuple(found[:MATCHES_MAXIMUM]),
            screened_at=now,
        )
        first = f"{found[0].watchlist_id}/{found[0].entry_id}" if found else ""
        fact = PaymentScreened(self.payment_order_id, self.screening_id, screening.outcome, len(found), first)
        return screening, fact


_PARTIES = (ScreenedPart.DEBTOR, ScreenedPart.CREDITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(ScreenedPayment):
    """A screening and what it came to."""

    outcome: ScreeningOutcome
    matches: tuple[ScreeningMatch, ...]
    screened_at: datetime

    def must_be_of(self, payment_order_id: str) -> "Screening":
        """The screening itself; refuses that it is told of another payment."""
        if payment_order_id != self.payment_order_id:
            raise ScreeningMustBeOfOnePayment(screening_id=self.screening_id, payment_order_id=self.payment_order_id)
        return self


def _matches(
    part: ScreenedPart, said: Words, listed: Iterable[WatchlistEntry], legal_forms: frozenset[str]
) -> Iterator[ScreeningMatch]:
    for entry in listed:
        name = entry.named_by(said, legal_forms, in_text=part is ScreenedPart.REMITTANCE)
        if name:
            yield ScreeningMatch(part, entry.watchlist_id, entry.entry_id, name)
