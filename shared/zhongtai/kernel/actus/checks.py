"""Terms that contradict each other, refused before anything is evaluated."""

from collections.abc import Iterator
from itertools import pairwise

from zhongtai.kernel.actus.terms import TermNotUnderstood, Terms
from zhongtai.kernel.refusals import Invalid


class TermsContradict(Invalid):
    """The terms {first} and {second} of contract {contract} contradict each other: {rule}.

    合约{contract}的条款{first}与{second}相互矛盾：{rule}。
    """

    contract: str
    first: str
    second: str
    rule: str


def check_terms(terms: Terms) -> None:
    """Raises `TermsContradict` for the first pair of terms that cannot both hold, or `TermNotUnderstood`."""
    index = terms.scaling_index_at_contract_deal_date
    if index is not None and index <= 0:
        raise TermNotUnderstood(name="scalingIndexAtContractDealDate", value=str(index), form="number above zero")
    for first, second, rule in (*_orders(terms), *_bounds(terms), *_arrays(terms)):
        raise TermsContradict(contract=terms.contract_id, first=first, second=second, rule=rule)


def _orders(terms: Terms) -> Iterator[tuple[str, str, str]]:
    life = (
        ("initialExchangeDate", terms.initial_exchange_date),
        ("maturityDate", terms.maturity_date),
    )
    owned = (
        ("purchaseDate", terms.purchase_date),
        ("terminationDate", terms.termination_date),
    )
    for (first, earlier), (second, later) in (*pairwise(life), *pairwise(owned)):
        if earlier is not None and later is not None and earlier > later:
            yield first, second, "the first is never after the second (dictionary v1.4)"


def _bounds(terms: Terms) -> Iterator[tuple[str, str, str]]:
    pairs = (
        ("lifeFloor", terms.life_floor, "lifeCap", terms.life_cap),
        ("periodFloor", terms.period_floor, "periodCap", terms.period_cap),
    )
    for first, floor, second, cap in pairs:
        if floor is not None and cap is not None and floor > cap:
            yield first, second, "a floor is not above its cap (STF_RR_PAM, section 7.1)"


def _arrays(terms: Terms) -> Iterator[tuple[str, str, str]]:
    redemption = "arrayCycleAnchorDateOfPrincipalRedemption", terms.array_cycle_anchor_date_of_principal_redemption
    reset = "arrayCycleAnchorDateOfRateReset", terms.array_cycle_anchor_date_of_rate_reset
    pairs = (
        (*redemption, "arrayNextPrincipalRedemptionPayment", terms.array_next_principal_redemption_payment),
        (*redemption, "arrayIncreaseDecrease", terms.array_increase_decrease),
        (*reset, "arrayRate", terms.array_rate),
        (*reset, "arrayFixedVariable", terms.array_fixed_variable),
    )
    for first, anchors, second, values in pairs:
        if len(anchors) != len(values):
            yield first, second, "an array has a value for each anchor (section 7.3)"
    for first, anchors in (redemption, reset):
        if any(earlier >= later for earlier, later in pairwise(anchors)):
            yield first, first, "anchors ascend (section 3.2)"
