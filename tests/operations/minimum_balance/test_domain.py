"""What has to stay on an account."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountClass, AvailableBalanceExhausted, Side
from zhongtai.operations.minimum_balance.domain import keeping

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@given(balance=st.integers(0, 10**6), minimum=st.integers(0, 10**6), taken=st.integers(1, 10**6))
def test_nothing_taken_leaves_less_than_has_to_stay(balance: int, minimum: int, taken: int) -> None:
    product = account_store.product("demand_deposit")
    account, _ = Account.open("acc_1", product, AccountClass.CUSTOMER, "cus_1", "CNY")
    account = account.move(Side.CREDIT, Money("CNY", balance), NOW) if balance else account
    account, _ = keeping(account, Money("CNY", minimum))
    if balance - taken >= minimum:
        assert account.move(Side.DEBIT, Money("CNY", taken), NOW).balance == Money("CNY", balance - taken)
    else:
        with pytest.raises(AvailableBalanceExhausted):
            account.move(Side.DEBIT, Money("CNY", taken), NOW)
