"""A bank with accounts on it, spoken to through the door."""

from itertools import count
from typing import Any

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.testing.doors import Door


class Bank:
    """A door to operations, and the few things every story needs."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._requests = count(1)

    def request_id(self) -> str:
        """A request id that was not used before."""
        return f"r{next(self._requests)}"

    async def deposit(self, fen: int = 0, *, customer_id: str = "cus_1", currency: str = "CNY") -> str:
        """The id of a new demand deposit with an amount on it, paid in as cash."""
        opened = await self.door.call(
            account_pb2.OpenAccountRequest(
                request_id=self.request_id(),
                customer_id=customer_id,
                account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
                product="demand_deposit",
                currency_code=currency,
            )
        )
        if fen:
            await self.post(("1001", "DEBIT", fen), (opened.account_id, "CREDIT", fen), currency=currency)
        return str(opened.account_id)

    async def internal(self, product: str, chosen_id: str, currency: str = "CNY") -> str:
        """The id of a new account of the bank's own."""
        opened = await self.door.call(
            account_pb2.OpenAccountRequest(
                request_id=self.request_id(),
                account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
                product=product,
                currency_code=currency,
                chosen_id=chosen_id,
            )
        )
        return str(opened.account_id)

    def entry(self, *legs: tuple[str, str, int], currency: str = "CNY", **draft: Any) -> ledger_pb2.PostEntryRequest:
        """The request to post legs of (code or account, side, minor units)."""
        return ledger_pb2.PostEntryRequest(
            request_id=self.request_id(), draft=drafted(*legs, currency=currency, **draft)
        )

    async def post(self, *legs: tuple[str, str, int], currency: str = "CNY", **draft: Any) -> ledger_pb2.Entry:
        """The entry of legs of (code or account, side, minor units)."""
        posted = await self.door.call(self.entry(*legs, currency=currency, **draft))
        found: ledger_pb2.Entry = posted.entry
        return found

    async def account(self, account_id: str) -> account_pb2.Account:
        """The account as it stands."""
        found: account_pb2.Account = (
            await self.door.call(account_pb2.GetAccountRequest(account_id=account_id))
        ).account
        return found

    async def balance(self, of: str) -> int:
        """The balance today of a code or an account, in minor units on its own side; it has one currency."""
        name = "account_id" if of.startswith("acc_") else "account_code"
        found = await self.door.call(ledger_pb2.GetBalanceRequest(**{name: of}))
        return sum(amount.minor_units for amount in found.balances)

    async def must_be_sound(self) -> None:
        """The trial balance balances and the chain of entries is whole."""
        trial = await self.door.call(ledger_pb2.GetTrialBalanceRequest())
        assert trial.balanced
        assert all(total.debit == total.credit for total in trial.totals)
        verified = await self.door.call(ledger_pb2.VerifyLedgerRequest())
        assert verified.intact, verified.detail


def drafted(*legs: tuple[str, str, int], currency: str = "CNY", **draft: Any) -> ledger_pb2.EntryDraft:
    """A draft of legs of (code or account, side, minor units)."""
    return ledger_pb2.EntryDraft(
        reference=str(draft.pop("reference", "a test")),
        legs=[leg(owner, side, amount, currency) for owner, side, amount in legs],
        **draft,
    )


def leg(owner: str, side: str, minor_units: int, currency: str = "CNY", **more: Any) -> ledger_pb2.Leg:
    """A leg on a code or an account."""
    code, account_id = ("", owner) if owner.startswith("acc_") else (owner, "")
    amount = cny(minor_units, currency)
    return ledger_pb2.Leg(account_code=code, account_id=account_id, side=f"SIDE_{side}", amount=amount, **more)


def cny(minor_units: int, currency: str = "CNY") -> Money:
    """An amount as a message."""
    return Money(currency_code=currency, minor_units=minor_units)
