"""The rules of credit limits, and what holds whatever the order of commands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tests.credit.examples import cny
from zhongtai.credit.limit import domain
from zhongtai.credit.limit.domain import Facts, Grant, GrantStatus, Limit, LimitStatus
from zhongtai.credit.limit_hold import domain as hold_domain
from zhongtai.credit.limit_hold.domain import Hold, HoldStatus
from zhongtai.credit.limit_node.domain import LimitExhausted
from zhongtai.kernel.money import CurrencyMustMatch, Money

NOW = datetime(2026, 1, 5, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def first(amount: int = 1_000, *, exclusive: bool = False, revolving: bool = True) -> tuple[Limit, Grant]:
    limit, grant, _ = domain.first_grant(
        limit_id="lim_1",
        grant_id="grant_1",
        customer_id="cus_1",
        product_line="consumer",
        amount=cny(amount),
        exclusive=exclusive,
        revolving=revolving,
    )
    return limit, grant


def hold(limit: Limit, amount: int, hold_id: str = "hold_1") -> tuple[Limit, Hold]:
    after, made, _ = limit.hold(hold_id, cny(amount), expires_at=LATER, now=NOW)
    return after, made


def test_a_first_grant_is_free_to_use() -> None:
    limit, grant, facts = domain.first_grant(
        limit_id="lim_1", grant_id="grant_1", customer_id="cus_1", product_line="consumer", amount=cny(1_000)
    )
    assert (limit.granted, limit.held, limit.used, limit.available) == (cny(1_000), cny(0), cny(0), cny(1_000))
    assert grant == Grant("lim_1", "grant_1", cny(1_000))
    assert facts == (domain.LimitGranted("lim_1", "cus_1", "consumer", cny(1_000)),)


def test_a_grant_raises_and_never_lowers() -> None:
    limit, _ = first(1_000)
    higher, _, facts = limit.grant("grant_2", cny(1_500))
    assert (higher.granted, len(facts)) == (cny(1_500), 1)
    same, _, facts = higher.grant("grant_3", cny(900))
    assert (same, facts) == (higher, ())


def test_a_limit_has_one_currency() -> None:
    limit, _ = first()
    with pytest.raises(CurrencyMustMatch):
        limit.grant("grant_2", Money("USD", 2_000))
    with pytest.raises(CurrencyMustMatch):
        limit.hold("hold_1", Money("USD", 1), expires_at=LATER, now=NOW)


def test_the_last_of_a_limit_is_held_once() -> None:
    limit, _ = first(1_000)
    limit, _ = hold(limit, 999)
    with pytest.raises(LimitExhausted) as refused:
        hold(limit, 2)
    assert refused.value.available == cny(1)
    limit, _ = hold(limit, 1, "hold_2")
    assert limit.available == cny(0)


@pytest.mark.parametrize("expires_at", [NOW, NOW - timedelta(seconds=1)])
def test_a_hold_must_not_have_expired_when_it_is_made(expires_at: datetime) -> None:
    with pytest.raises(hold_domain.HoldMustNotHaveExpired):
        first()[0].hold("hold_1", cny(1), expires_at=expires_at, now=NOW)


def test_a_hold_is_over_at_the_moment_it_expires() -> None:
    _, made = hold(first()[0], 10)
    assert made.as_of(LATER - timedelta(microseconds=1)).status is HoldStatus.OPEN
    assert made.as_of(LATER).status is HoldStatus.LAPSED


def test_commit_and_repay() -> None:
    limit, made = hold(first(1_000)[0], 400)
    limit, made, facts = limit.commit(made)
    assert (limit.held, limit.used, made.status) == (cny(0), cny(400), HoldStatus.COMMITTED)
    assert facts == (hold_domain.LimitCommitted("lim_1", "hold_1", cny(400)),)
    assert limit.commit(made) == (limit, made, ())
    limit, facts = limit.restore(cny(150))
    assert (limit.used, limit.available) == (cny(250), cny(750))
    assert facts == (domain.LimitRestored("lim_1", cny(150)),)
    assert limit.restore(cny(0)) == (limit, ())


def test_more_repaid_than_used_is_a_defect_not_a_negative_use() -> None:
    with pytest.raises(AssertionError):
        first()[0].restore(cny(1))


def test_what_is_committed_is_not_released_and_what_is_released_not_committed() -> None:
    limit, made = hold(first()[0], 10)
    _, committed, _ = limit.commit(made)
    with pytest.raises(hold_domain.HoldAlreadyCommitted):
        limit.release(committed)
    _, released, _ = limit.release(made)
    with pytest.raises(hold_domain.HoldMustBeOpen):
        limit.commit(released)


def test_releasing_twice_is_releasing_once() -> None:
    limit, made = hold(first()[0], 10)
    limit, made, facts = limit.release(made)
    assert facts == (hold_domain.LimitReleased("lim_1", "hold_1", cny(10)),)
    assert limit.release(made) == (limit, made, ())


def test_a_lapsed_hold_is_committed_while_its_amount_is_free() -> None:
    limit, made = hold(first(1_000)[0], 600)
    limit, (lapsed,), facts = limit.lapse([made])
    assert (limit.available, lapsed.status, len(facts)) == (cny(1_000), HoldStatus.LAPSED, 1)
    committed, _, facts = limit.commit(lapsed)
    assert [type(fact) for fact in facts] == [hold_domain.LimitHeld, hold_domain.LimitCommitted]
    assert committed.used == cny(600)
    taken, _ = hold(limit, 500, "hold_2")
    with pytest.raises(hold_domain.HoldMustNotHaveExpired):
        taken.commit(lapsed)


def test_a_frozen_limit_takes_no_holds_and_lets_the_rest_go_on() -> None:
    limit, made = hold(first()[0], 10)
    frozen, facts = limit.freeze()
    assert facts == (domain.LimitFrozen("lim_1"),)
    assert frozen.freeze() == (frozen, ())
    with pytest.raises(domain.LimitMustBeActive):
        hold(frozen, 1, "hold_2")
    with pytest.raises(domain.LimitMustBeActive):
        frozen.grant("grant_2", cny(5_000))
    assert frozen.commit(made)[0].used == cny(10)
    assert frozen.unfreeze() == (limit, (domain.LimitUnfrozen("lim_1"),))
    assert limit.unfreeze() == (limit, ())


def test_withdrawing_a_grant_gives_back_what_was_granted_before() -> None:
    limit, _ = first(1_000)
    raised, second, _ = limit.grant("grant_2", cny(3_000))
    lowered, withdrawn, facts = raised.withdraw(second, cny(1_000))
    assert lowered == limit
    assert facts == (domain.LimitLowered("lim_1", "cus_1", "consumer", cny(1_000)),)
    assert lowered.withdraw(withdrawn, cny(1_000)) == (lowered, withdrawn, ())


def test_withdrawing_a_lower_grant_leaves_the_higher_one_standing() -> None:
    limit, lower = first(1_000)
    raised, _, _ = limit.grant("grant_2", cny(3_000))
    after, _, facts = raised.withdraw(lower, cny(3_000))
    assert (after, facts) == (raised, ())


def test_a_withdrawn_grant_goes_as_its_use_goes_and_is_not_held_again() -> None:
    limit, grant = first(1_000)
    limit, made = hold(limit, 400)
    limit, _, facts = limit.withdraw(grant, None)
    assert (limit.granted, limit.available, len(facts)) == (cny(400), cny(0), 1)
    with pytest.raises(LimitExhausted):
        hold(limit, 1, "hold_2")
    limit, _, facts = limit.release(made)
    assert limit.granted == cny(0)
    assert facts[-1] == domain.LimitLowered("lim_1", "cus_1", "consumer", cny(0))


def test_a_reduction_lowers_every_grant_and_goes_as_its_use_goes() -> None:
    limit, low = first(1_000)
    limit, high, _ = limit.grant("grant_2", cny(3_000))
    limit, made = hold(limit, 2_000)
    reduced, lowered, facts = limit.reduce([low, high], cny(1_500))
    assert (reduced.granted, reduced.available, reduced.standing) == (cny(2_000), cny(0), cny(1_500))
    assert [(one.grant_id, one.amount) for one in lowered] == [("grant_2", cny(1_500))]
    assert facts == (domain.LimitLowered("lim_1", "cus_1", "consumer", cny(2_000)),)
    assert reduced.release(made)[0].granted == cny(1_500)
    assert reduced.reduce([low], cny(9_000))[0] == reduced, "it never raises"
    assert reduced.withdraw(lowered[0], low.amount)[0].standing == cny(1_000)


def test_what_is_repaid_of_a_limit_that_does_not_revolve_is_spent() -> None:
    limit, made = hold(first(1_000, revolving=False)[0], 600)
    limit, _, _ = limit.commit(made)
    limit, facts = limit.restore(cny(250))
    assert (limit.used, limit.granted, limit.available, limit.spent) == (cny(350), cny(750), cny(400), cny(250))
    assert facts[-1] == domain.LimitLowered("lim_1", "cus_1", "consumer", cny(750))
    raised, _, _ = limit.grant("grant_2", cny(2_000))
    assert raised.available == cny(2_000 - 600)


def test_an_exclusive_limit_asks_for_all_it_grants_and_a_shared_one_for_what_is_used() -> None:
    shared, _ = hold(first(1_000)[0], 300)
    exclusive, made = hold(first(1_000, exclusive=True)[0], 300)
    assert (shared.claim.total, exclusive.claim.total) == (cny(300), cny(1_000))
    used, _, _ = exclusive.commit(made)
    assert (used.claim.used, used.claim.reserved) == (cny(300), cny(700))


@pytest.mark.parametrize(
    ("granted", "held", "used", "standing"),
    [(10, 6, 5, 10), (10, -1, 0, 10), (10, 0, -1, 10), (11, 5, 5, 10), (9, 5, 5, 10)],
)
def test_a_limit_that_breaks_the_promise_cannot_be_made(granted: int, held: int, used: int, standing: int) -> None:
    amounts = (cny(granted), cny(held), cny(used))
    with pytest.raises(AssertionError):
        Limit("lim_1", "cus_1", "consumer", *amounts, LimitStatus.ACTIVE, cny(standing))


amounts = st.integers(1, 1_000)


class AnyOrder(RuleBasedStateMachine):
    """One limit under any order of commands, refusals, retries and lapses, against books kept beside it."""

    holds = Bundle("holds")
    grants = Bundle("grants")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.limit, grant = first(500)
        self.revolving = True
        self.kept_grants: dict[str, Grant] = {grant.grant_id: grant}
        self.kept_holds: dict[str, Hold] = {}
        self.repaid = 0
        self.told = [0, 0, 500]

    @initialize(target=grants, exclusive=st.booleans(), revolving=st.booleans())
    def begin(self, exclusive: bool, revolving: bool) -> str:
        self.limit, _ = first(500, exclusive=exclusive, revolving=revolving)
        self.revolving = revolving
        return "grant_1"

    def take(self, limit: Limit, facts: Facts) -> None:
        """Keeps the new value, and what somebody who only hears the events now believes of held, used and granted."""
        self.limit = limit
        for fact in facts:
            match fact:
                case hold_domain.LimitHeld(amount=amount):
                    self.told[0] += amount.minor_units
                case hold_domain.LimitReleased(amount=amount):
                    self.told[0] -= amount.minor_units
                case hold_domain.LimitCommitted(amount=amount):
                    self.told[0] -= amount.minor_units
                    self.told[1] += amount.minor_units
                case domain.LimitRestored(amount=amount):
                    self.told[1] -= amount.minor_units
                case domain.LimitGranted(granted=granted) | domain.LimitLowered(granted=granted):
                    self.told[2] = granted.minor_units

    def touch(self) -> None:
        """What every change does first."""
        due = [one for one in self.kept_holds.values() if one.as_of(self.now) is not one]
        limit, lapsed, facts = self.limit.lapse(due)
        self.kept_holds |= {one.hold_id: one for one in lapsed}
        self.take(limit, facts)

    @rule(seconds=st.integers(1, 200_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=grants, amount=amounts)
    def grant(self, amount: int) -> Any:
        self.touch()
        try:
            limit, grant, facts = self.limit.grant(f"grant_{len(self.kept_grants) + 1}", cny(amount))
        except domain.LimitMustBeActive:
            return multiple()
        self.kept_grants[grant.grant_id] = grant
        self.take(limit, facts)
        return grant.grant_id

    @rule(grant_id=grants)
    def withdraw(self, grant_id: str) -> None:
        self.touch()
        others = [one for one in self.standing_grants() if one.grant_id != grant_id]
        highest = max((one.amount for one in others), default=None)
        limit, grant, facts = self.limit.withdraw(self.kept_grants[grant_id], highest)
        self.kept_grants[grant_id] = grant
        self.take(limit, facts)

    @rule(amount=st.integers(0, 800))
    def reduce(self, amount: int) -> None:
        self.touch()
        limit, lowered, facts = self.limit.reduce(self.standing_grants(), cny(amount))
        self.kept_grants |= {one.grant_id: one for one in lowered}
        self.take(limit, facts)

    @rule(target=holds, amount=amounts, seconds=st.integers(1, 100_000))
    def hold(self, amount: int, seconds: int) -> Any:
        self.touch()
        hold_id = f"hold_{len(self.kept_holds) + 1}"
        expires_at = self.now + timedelta(seconds=seconds)
        try:
            limit, made, facts = self.limit.hold(hold_id, cny(amount), expires_at=expires_at, now=self.now)
        except (LimitExhausted, domain.LimitMustBeActive):
            assert amount > self.limit.available.minor_units or self.limit.status is LimitStatus.FROZEN
            return multiple()
        self.kept_holds[hold_id] = made
        self.take(limit, facts)
        return hold_id

    @rule(hold_id=holds)
    def release(self, hold_id: str) -> None:
        self.touch()
        try:
            limit, made, facts = self.limit.release(self.kept_holds[hold_id])
        except hold_domain.HoldAlreadyCommitted:
            return
        self.kept_holds[hold_id] = made
        self.take(limit, facts)

    @rule(hold_id=holds)
    def commit(self, hold_id: str) -> None:
        self.touch()
        try:
            limit, made, facts = self.limit.commit(self.kept_holds[hold_id])
        except (hold_domain.HoldMustBeOpen, hold_domain.HoldMustNotHaveExpired):
            return
        self.kept_holds[hold_id] = made
        self.take(limit, facts)

    @rule(part=st.integers(0, 100))
    def repay(self, part: int) -> None:
        self.touch()
        amount = self.limit.used.minor_units * part // 100
        self.repaid += amount
        self.take(*self.limit.restore(cny(amount)))

    @rule(frozen=st.booleans())
    def freeze(self, frozen: bool) -> None:
        self.touch()
        self.take(*(self.limit.freeze() if frozen else self.limit.unfreeze()))

    def standing_grants(self) -> list[Grant]:
        return [one for one in self.kept_grants.values() if one.status is GrantStatus.STANDING]

    def total(self, status: HoldStatus) -> int:
        return sum(one.amount.minor_units for one in self.kept_holds.values() if one.status is status)

    @invariant()
    def never_more_than_granted(self) -> None:
        limit = self.limit
        assert 0 <= limit.held.minor_units + limit.used.minor_units <= limit.granted.minor_units

    @invariant()
    def what_is_spent_is_never_granted_again(self) -> None:
        spent = 0 if self.revolving else self.repaid
        assert self.limit.available.minor_units <= max(self.limit.standing.minor_units - spent, 0)

    @invariant()
    def sums_are_those_of_the_rows(self) -> None:
        assert self.limit.held.minor_units == self.total(HoldStatus.OPEN)
        assert self.limit.used.minor_units == self.total(HoldStatus.COMMITTED) - self.repaid
        standing = max((one.amount.minor_units for one in self.standing_grants()), default=0)
        assert self.limit.standing.minor_units == standing

    @invariant()
    def events_alone_tell_the_same(self) -> None:
        limit = self.limit
        assert self.told == [limit.held.minor_units, limit.used.minor_units, limit.granted.minor_units]


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
