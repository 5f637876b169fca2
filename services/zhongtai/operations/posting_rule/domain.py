"""Posting rules (记账规则): what the ledger posts when something happens, as data.

A rule names what happened and what it posts: legs, whose sides and accounts stand in the rule, or a flow of money from
sources to destinations (`posting_text` tells how it is written), or both. A source is debited and a destination
credited. The accounts of a loan go by roles, whose codes are data too.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.account.domain import Side
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.posting_flow.domain import Moved, PostingsExhausted, evaluate
from zhongtai.operations.posting_term.domain import Amount, Balances, Flow, Known
from zhongtai.operations.posting_text.domain import RuleMustBeWellFormed, flow
from zhongtai.operations.posting_value.domain import ValueMustFit

RULE_LEGS_MAX = 64
# As many as a request to post an entry may carry.
ENTRY_LEGS_MAX = 100


class PostingRuleNotFound(Missing):
    """There is no version {version} of a posting rule {rule}: check both, or release it first (0 is the one in force).

    记账规则{rule}没有版本{version}：请核对，或先发布（0表示现行版本）。
    """

    rule: str
    version: int


class PostingRuleVersionAlreadyReleased(Taken):
    """Version {version} of {rule} is released with other content and never changes: take the next number.

    记账规则{rule}的版本{version}已以不同内容发布，版本不可更改：请使用下一个版本号。
    """

    rule: str
    version: int


class EffectiveDateMustNotBePast(Invalid):
    """The rule would be in force from {effective_from}, before the business date {business_date}: take a later date.

    规则生效日{effective_from}早于营业日{business_date}：请使用更晚的日期。
    """

    effective_from: date
    business_date: date


class FieldNotGiven(Invalid):
    """The rule reads {field}, which is not given: give it.

    记账规则需要字段{field}，但未提供：请补充。
    """

    field: str


class ColourMustNotBePosted(Unmet):
    """The ledger keeps no colours, and the rule would post {colour}: name an account for it instead.

    账务不区分颜色，而规则拟记{colour}：请改用单独账户。
    """

    colour: str


class NothingToPost(Unmet):
    """The rule moves nothing with these fields and balances: there is no entry to post.

    按所给字段与余额，该规则无金额变动：无需记账。
    """


@dataclass(frozen=True, slots=True)
class RuleLeg:
    """A leg of a posting rule: a fixed code or the path to an account id, and the path to the amount."""

    side: Side
    amount: str
    account_code: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class PostingRule:
    """What is posted when something happens, as data: paths are fields of what happened, `principal`, `loan.amount`.

    `let` and `steps` are the flow as it is written; a rule that is not well formed is refused when it is made.
    """

    on: str
    reference: str
    narrative: str
    legs: tuple[RuleLeg, ...] = ()
    value_date: str = ""
    booking_date: str = ""
    unless: str = ""
    let: dict[str, Any] = field(default_factory=dict)
    steps: tuple[Any, ...] = ()
    flow: Flow = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "flow", flow({"let": self.let, "steps": self.steps}))

    def draft(self, entry_id: str, read: Callable[[str], Any], balances: Balances | None = None) -> Draft | None:
        """The entry for what happened, whose fields `read` gives; legs of nothing are left out, None where all are.

        A rule with a flow needs the balances of the accounts it moves. An amount of a leg below zero takes back what
        was posted before: it goes to the other side. Nothing is posted where the field `unless` names is true:
        something else posts it.
        """
        if self.unless and read(self.unless):
            return None
        moved = self.moved(read, balances)
        legs = self.posted(read, moved)
        if not legs:
            return None
        booking_date, value_date = (read(path) if path else None for path in (self.booking_date, self.value_date))
        return Draft(entry_id, read(self.reference), self.narrative, legs, booking_date, value_date)

    def moved(self, read: Callable[[str], Any], balances: Balances | None) -> Moved:
        """What the flow of the rule comes to."""
        if not self.flow.named and not self.flow.steps:
            return Moved((), {}, {}, {})
        assert balances is not None, "a rule with a flow is asked with balances"
        return evaluate(self.flow, read, balances)

    def posted(self, read: Callable[[str], Any], moved: Moved) -> tuple[Leg, ...]:
        """The legs of the rule, then those of what its flow moved: one for each account, side and currency."""
        fixed = tuple(
            Leg(
                leg.account_code,
                _account(leg.account, read) if leg.account else "",
                leg.side if amount.minor_units > 0 else leg.side.other,
                abs(amount),
            )
            for leg in self.legs
            if (amount := _amount(leg.amount, read, moved))
        )
        return fixed + legs_of(moved)


def legs_of(moved: Moved) -> tuple[Leg, ...]:
    """What a flow moved as legs: its sources debited, its destinations credited, each account and currency once.

    A name of digits is a code of the chart, any other one the id of an account, which never is digits alone.
    """
    sums: dict[tuple[str, Side, str], int] = {}
    for posting in moved.postings:
        if posting.colour:
            raise ColourMustNotBePosted(colour=posting.colour)
        for name, side in ((posting.source, Side.DEBIT), (posting.destination, Side.CREDIT)):
            key = (name, side, posting.currency)
            sums[key] = sums.get(key, 0) + posting.units
    return tuple(
        Leg(name if name.isdecimal() else "", "" if name.isdecimal() else name, side, Money(currency, units))
        for (name, side, currency), units in sums.items()
    )


def must_fit_an_entry(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """The legs; refuses more than an entry takes."""
    if len(legs) > ENTRY_LEGS_MAX:
        raise PostingsExhausted(maximum=ENTRY_LEGS_MAX)
    return legs


def must_post(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """The legs; refuses none at all."""
    if not legs:
        raise NothingToPost()
    return legs


def field_of(given: Mapping[str, Any], name: str) -> Any:
    """A field by its name; refuses one that was not given."""
    if name not in given:
        raise FieldNotGiven(field=name)
    return given[name]


def note_text(known: Known) -> str:
    """A noted value as text: "CNY 100" in minor units, "1/8", "7"."""
    return f"{known.currency} {known.units}" if isinstance(known, Amount) else str(known)


def _account(path: str, read: Callable[[str], Any]) -> str:
    """The account of a leg."""
    account = read(path)
    if not isinstance(account, str):
        raise ValueMustFit(expected=f"an account in {path}", found=str(account))
    return account


def _amount(path: str, read: Callable[[str], Any], moved: Moved) -> Money | None:
    """The amount of a leg: a value that the rule named, or a field."""
    amount = moved.named[path] if path in moved.named else read(path)
    if isinstance(amount, Amount):
        return Money(amount.currency, amount.units)
    if amount is None or isinstance(amount, Money):
        return amount
    raise ValueMustFit(expected=f"an amount in {path}", found=str(amount))


@dataclass(frozen=True, slots=True)
class PostingRuleReleased:
    """A version of a posting rule was released."""

    rule: str
    version: int
    effective_from: date
    released_by: str


@dataclass(frozen=True, slots=True)
class ReleasedRule:
    """A version of a rule that product teams post by, from a date on; `terms` is the JSON of its legs and its flow."""

    rule: str
    version: int
    narrative: str
    terms: str
    effective_from: date
    released_on: date | None = None
    released_by: str = ""

    def release(
        self, before: "ReleasedRule | None", today: date, released_by: str
    ) -> tuple["ReleasedRule", PostingRuleReleased | None]:
        """The version as released today; `before` is what stands under its number already, if anything.

        The same content again is no fact and no change; other content under the same number is refused.
        """
        if before is not None:
            if replace(self, released_on=before.released_on, released_by=before.released_by) != before:
                raise PostingRuleVersionAlreadyReleased(rule=self.rule, version=self.version)
            return before, None
        if self.effective_from < today:
            raise EffectiveDateMustNotBePast(effective_from=self.effective_from, business_date=today)
        self.read()
        fact = PostingRuleReleased(self.rule, self.version, self.effective_from, released_by)
        return replace(self, released_on=today, released_by=released_by), fact

    def read(self) -> PostingRule:
        """The rule that its terms say; refuses terms that are not well formed."""
        try:
            terms = json.loads(self.terms)
        except (ValueError, RecursionError):
            terms = None
        if not isinstance(terms, dict) or terms.keys() - {"legs", "let", "steps"}:
            raise RuleMustBeWellFormed(place="terms", expected="a JSON object of legs, let and steps")
        legs, steps = terms.get("legs", []), terms.get("steps", [])
        if not isinstance(legs, list) or len(legs) > RULE_LEGS_MAX or not isinstance(steps, list):
            raise RuleMustBeWellFormed(place="legs", expected=f"a list of at most {RULE_LEGS_MAX}")
        if not legs and not steps:
            raise RuleMustBeWellFormed(place="terms", expected="legs or steps")
        read = tuple(_leg(leg, f"legs[{position}]") for position, leg in enumerate(legs))
        return PostingRule(self.rule, "", self.narrative, read, let=terms.get("let", {}), steps=tuple(steps))


def _leg(plain: Any, place: str) -> RuleLeg:
    match plain:
        case {"side": "DEBIT" | "CREDIT" as side, "amount": str(amount), "account_code": str(code), **rest} if not rest:
            return RuleLeg(Side(side), amount, account_code=code)
        case {"side": "DEBIT" | "CREDIT" as side, "amount": str(amount), "account": str(account), **rest} if not rest:
            return RuleLeg(Side(side), amount, account=account)
    raise RuleMustBeWellFormed(place=place, expected="a side, an amount, and an account_code or an account")


@dataclass(frozen=True, slots=True)
class LoanRole:
    """The code that plays a role of a loan account, and another one for some kinds of transactions."""

    role: str
    account_code: str
    by_kind: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleLeg:
    """A leg as a loan account tells it: a role in the place of a code."""

    role: str
    side: Side
    amount: Money


def role_draft(
    entry_id: str, loan_id: str, kind: str, legs: Iterable[RoleLeg], *, value_date: date, roles: Mapping[str, LoanRole]
) -> Draft:
    """The entry of one transaction of a loan account; legs of one code and side are one leg."""
    sums: dict[tuple[str, Side], Money] = {}
    for leg in legs:
        role = roles[leg.role]
        key = (role.by_kind.get(kind, role.account_code), leg.side)
        sums[key] = sums[key] + leg.amount if key in sums else leg.amount
    posted = tuple(Leg(code, "", side, amount) for (code, side), amount in sums.items())
    return Draft(entry_id, loan_id, f"Loan: {kind.replace('_', ' ').lower()}", posted, value_date=value_date)
