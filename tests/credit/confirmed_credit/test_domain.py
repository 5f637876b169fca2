"""Confirmed credit: whatever is passed on, financed and released, the holdings are what the debtor owes."""

from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import TODAY, cny
from zhongtai.credit.confirmed_credit.domain import Financing, Holding, confirm, dilute, settle
from zhongtai.credit.receivable.domain import Receivable, ReceivableStatus
from zhongtai.kernel.refusals import Refusal

STEPS = st.lists(
    st.tuples(st.sampled_from(["transfer", "finance", "release", "dilute"]), st.integers(0, 9), st.integers(1, 700)),
    max_size=30,
)


@given(STEPS)
def test_all_holdings_are_what_is_owed_and_settle_whole(steps: list[tuple[str, int, int]]) -> None:
    receivable = Receivable(
        "rec_1", "supplier", "core", "", "1", cny(1_000), TODAY, cny(0), ReceivableStatus.ASSIGNED, ""
    )
    receivable, first, _ = confirm(receivable, "hol_0", cny(1_000))
    holdings: dict[str, Holding] = {first.holding_id: first}
    financings: dict[str, Financing] = {}
    for number, (step, place, amount) in enumerate(steps, 1):
        holding = list(holdings.values())[place % len(holdings)]
        try:
            if step == "transfer":
                left, passed, _ = holding.transfer(f"hol_{number}", f"next_{number}", cny(amount), holdings=1)
                holdings |= {left.holding_id: left, passed.holding_id: passed}
            elif step == "finance":
                held, financing, _ = holding.finance(f"loan_{number}", holding.holder_id, cny(amount), None)
                holdings[held.holding_id], financings[financing.loan_id] = held, financing
            elif step == "dilute":
                receivable, held, _ = dilute(receivable, holdings["hol_0"], cny(amount), "returned")
                holdings[held.holding_id] = held
            elif financings:
                _, financing = financings.popitem()
                held, _ = holdings[financing.holding_id].release(financing)
                holdings[held.holding_id] = held
        except Refusal:
            pass
        assert sum(one.amount.minor_units for one in holdings.values()) == receivable.confirmed.minor_units
        locked = sum(one.locked.minor_units for one in holdings.values())
        assert locked == sum(one.amount.minor_units for one in financings.values())
    _, fact = settle(receivable, receivable.confirmed, "pay_1", list(holdings.values()), financings.values())
    assert sum(share.amount.minor_units for share in fact.shares) == receivable.confirmed.minor_units
    to_loans = {share.loan_id: share.amount for share in fact.shares if share.loan_id}
    assert to_loans == {one.loan_id: one.amount for one in financings.values()}
