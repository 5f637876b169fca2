"""What an account keeps, so as not to be told from its beginning each time, tells nothing else than that would."""

import pickle
import zlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests.kernel.servicing.test_accounts import LOANS, NAMES, START, STEPS, lent, pay, step, told
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import account as accounts
from zhongtai.kernel.servicing import checkpoint, milestone
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.terms import Charge, ChargeBasis, ChargeTime, Unit

FAR = 10**6


@given(NAMES, STEPS, st.integers(1, 4))
@effort(max_examples=80)
def test_milestones_and_checkpoints_tell_what_all_of_history_tells(
    name: str, steps: list[tuple[str, int, int, int]], every: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lives = []
        for worth, often in ((1, every), (FAR, FAR)):
            patch.setattr(milestone, "WORTH_KEEPING", worth)
            patch.setattr(accounts, "CHECKPOINT_EVERY", often)
            account, on = lent(LOANS[name], 10_000), START
            for number, (kind, days, amount, pick) in enumerate(steps):
                on += timedelta(days=days)
                operation = step(account, (kind, on, amount, pick), f"s{number}")
                if operation is None:
                    continue
                try:
                    account.apply(operation)
                except Refusal:
                    continue
                if (state := account.checkpoint()) is not None:
                    account = Account.woken(LOANS[name], state)
            lives.append(told(account))
    assert lives[0] == lives[1]


def test_a_charge_on_every_instalment_is_put_on_a_re_aged_one_once() -> None:
    account, on = lent(LOANS["recalculated"]), date(2024, 2, 20)
    account.apply(do.ReAge(reference="r", booked_on=on, every=1, unit=Unit.MONTHS, start_on=on, instalments=2))
    fee = Charge("fee", ChargeTime.INSTALMENT, ChargeBasis.FLAT, 150)
    account.apply(do.AddCharge(reference="f", booked_on=date(2024, 3, 1), charge=fee))
    before = [row.due.fee for row in account.schedule()]
    pay(account, "p", date(2024, 3, 2), 100)
    assert [row.due.fee for row in account.schedule()] == before
    assert max(before) == 150


def test_bytes_that_are_no_books_run_no_code() -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return (pytest.fail, ("code of somebody else ran",))

    for value in (Harmful(), {"books": 1}):
        with pytest.raises(pickle.UnpicklingError):
            checkpoint.read(zlib.compress(pickle.dumps(value)))
