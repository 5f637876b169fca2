"""One story across all services, the bus included: customers apply, pay, and the books agree, however it is placed."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.journeys.bank import FAIR, GOOD, Bank, Customer, bank, eventually, fen
from zhongtai.runtime.contracts import SERVICES
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.settings import Nats, Placement, Security
from zhongtai.testing.embedded import embedded, settings_for

DISBURSEMENT_CLEARING, REPAYMENT_CLEARING = "300101", "300102"


async def test_in_one_process(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        await tell(opened)


async def test_placement_is_a_setting(tmp_path: Path) -> None:
    """The same story with the services in two platforms and the gateway in a third: every call goes over gRPC."""
    first, second = ("marketing", "credit", "risk"), ("operations", "asset_liability", "reporting")
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(Platform(settings_for(tmp_path / "one").only(first).check()))
        shared = {
            "nats": Nats(url=one.addresses["nats"]),
            "security": Security(key_file=str(one.settings.key_file())),
        }
        two = await stack.enter_async_context(Platform(settings_for(tmp_path / "two", **shared).only(second).check()))
        elsewhere = one.addresses | two.addresses
        placed: dict[str, Any] = {
            name: Placement(mounted=False, address=elsewhere[f"grpc {name}"]) for name in SERVICES
        }
        gateway = await stack.enter_async_context(
            Platform(replace(settings_for(tmp_path / "gateway", **shared), **placed).check())
        )
        assert set(gateway.services) == {"gateway"}
        opened = await stack.enter_async_context(bank(gateway, one, two))
        await tell(opened)


async def tell(opened: Bank) -> None:
    """The whole story, and what must hold at its end."""
    good, weak, fair, poor, blocked = [await opened.customer(number) for number in range(1, 6)]
    first = await opened.apply(good, 12_000, GOOD)
    assert first["outcome"] == "APPROVED", first
    second = await approved_by_the_officer(opened, fair)
    await declined(opened, weak)
    await rejected_by_the_officer(opened, poor)
    await exhausted(opened, good)
    await taken_back_whole(opened, blocked)
    loans = [first["output"]["loan_id"], second["output"]["loan_id"]]
    await frozen(opened, fair, loans[1])
    for month in range(3):
        if month:
            await opened.months_later(1)
        for loan_id in loans:
            assert (await opened.repay(loan_id))["outcome"] == "REPAID"
        assert (await opened.repay(loans[0]))["outcome"] == "NOTHING_DUE"
    await paid_off(opened, good, fair, loans[0])
    await eventually(lambda: books_agree(opened, loans))


async def approved_by_the_officer(opened: Bank, customer: Customer) -> dict:  # type: ignore[type-arg]
    waiting = await opened.apply(customer, 30_000, FAIR)
    assert waiting["status"] == "RUN_STATUS_WAITING"
    ended = await opened.decide(waiting, "APPROVED")
    assert ended["outcome"] == "APPROVED", ended
    return ended


async def declined(opened: Bank, customer: Customer) -> None:
    run = await opened.apply(customer, 12_000, FAIR, term_months=24)
    assert run["outcome"] == "DECLINED"
    assert [reason["code"] for reason in run["reasons"]], "a decline is a result with reasons"
    assert await opened.app.pages("/v1/loans", "loans", customerId=customer.customer_id) == []


async def rejected_by_the_officer(opened: Bank, customer: Customer) -> None:
    run = await opened.decide(await opened.apply(customer, 12_000, FAIR), "REJECTED")
    assert run["outcome"] == "REVIEW_REJECTED"
    await everything_undone(opened, customer)


async def exhausted(opened: Bank, customer: Customer) -> None:
    """The limit of 12,000 is in use: the first loan stays as it is, and nothing else is left."""
    before = await opened.app.pages("/v1/limits", "limits", customerId=customer.customer_id)
    run = await opened.apply(customer, 5_000, GOOD)
    assert run["outcome"] == "LIMIT_EXHAUSTED", run
    assert await opened.app.pages("/v1/limits", "limits", customerId=customer.customer_id) == before
    assert len(await opened.app.pages("/v1/loans", "loans", customerId=customer.customer_id)) == 1


async def taken_back_whole(opened: Bank, customer: Customer) -> None:
    """The account was closed meanwhile: the payment is refused, after the loan was opened."""
    await opened.post(f"/v1/accounts/{customer.account_id}:close")
    run = await opened.apply(customer, 12_000, GOOD)
    assert run["outcome"] == "ACCOUNT_BLOCKED", run
    await everything_undone(opened, customer)


async def frozen(opened: Bank, customer: Customer, loan_id: str) -> None:
    """Nothing is collected from a frozen account, and the loan stays as it was."""
    before = (await opened.app.get(f"/v1/loans/{loan_id}"))["loan"]
    await opened.post(f"/v1/accounts/{customer.account_id}:freeze", reason="court order")
    await opened.months_later(1)
    run = await opened.repay(loan_id)
    assert (run["outcome"], [reason["code"] for reason in run["reasons"]]) == ("REFUSED", ["ACCOUNT_MUST_BE_ACTIVE"])
    assert (await opened.app.get(f"/v1/loans/{loan_id}"))["loan"] == before
    await opened.post(f"/v1/accounts/{customer.account_id}:unfreeze")


async def everything_undone(opened: Bank, customer: Customer) -> None:
    """No loan stands, no limit, no rating, no approval, and no money moved."""
    owner = {"customerId": customer.customer_id}
    loans = await opened.app.pages("/v1/loans", "loans", **owner)
    assert {loan["status"] for loan in loans} <= {"LOAN_STATUS_CANCELLED"}
    for limit in await opened.app.pages("/v1/limits", "limits", **owner):
        assert fen(limit["granted"]) == fen(limit["held"]) == fen(limit["used"]) == 0
    ratings = await opened.app.pages("/v1/ratings", "ratings", **owner)
    assert {rating["status"] for rating in ratings} <= {"RATING_STATUS_WITHDRAWN"}
    decisions = await opened.app.pages("/v1/decisions", "decisions", **owner)
    approvals = [decision for decision in decisions if decision["outcome"] == "OUTCOME_APPROVE"]
    assert {decision["status"] for decision in approvals} <= {"DECISION_STATUS_WITHDRAWN"}
    account = (await opened.app.get(f"/v1/accounts/{customer.account_id}"))["account"]
    assert fen(account["balance"]) == 0


async def paid_off(opened: Bank, customer: Customer, friend: Customer, loan_id: str) -> None:
    """The rest of the loan is more than is on the account: a friend lends what is missing."""
    gift = {"currencyCode": "CNY", "minorUnits": "200000"}
    parties = {"debtorAccountId": friend.account_id, "creditorAccountId": customer.account_id}
    await opened.post("/v1/payments:transfer", endToEndId=opened.key(), amount=gift, **parties)
    done = await opened.pay_off(loan_id)
    assert (await opened.app.get(f"/v1/loans/{loan_id}"))["loan"]["status"] == "LOAN_STATUS_PAID_OFF", done


async def books_agree(opened: Bank, loans: list[str]) -> None:
    """The lines that hold at the end of every story."""
    app = opened.app
    trial = await app.get("/v1/ledger/trial-balance")
    assert trial["balanced"]
    assert [fen(total["debit"]) - fen(total["credit"]) for total in trial["totals"]] == [0]
    assert (await app.get("/v1/ledger:verify"))["intact"]
    assert await opened.balance(DISBURSEMENT_CLEARING) == await opened.balance(REPAYMENT_CLEARING) == 0
    limits = await app.pages("/v1/limits", "limits")
    owed = {loan["loanId"]: fen(loan["outstanding"]) for loan in await app.pages("/v1/loans", "loans")}
    assert owed[loans[0]] == 0
    assert owed[loans[1]] > 0
    assert sum(fen(limit["used"]) for limit in limits) == owed[loans[1]]
    assert sum(fen(limit["held"]) for limit in limits) == 0
    positions = await app.pages("/v1/positions", "positions", kind="POSITION_KIND_LOAN")
    assert {each["positionId"]: fen(each["outstanding"]) for each in positions if fen(each["outstanding"])} == {
        loans[1]: owed[loans[1]]
    }
    deposits = await app.pages("/v1/positions", "positions", kind="POSITION_KIND_DEPOSIT")
    accounts = await app.pages("/v1/accounts", "accounts")
    on_account = {each["accountId"]: fen(each["balance"]) for each in accounts if "customerId" in each}
    assert {each["positionId"]: fen(each["outstanding"]) for each in deposits if fen(each["outstanding"])} == {
        account: balance for account, balance in on_account.items() if balance
    }
    gap = (await app.get("/v1/gaps/repricing", currencyCode="CNY"))["gap"]
    total = sum(fen(bucket["gap"]) for bucket in gap["buckets"])
    assert total == owed[loans[1]] - sum(on_account.values())
    (line,) = (await app.get("/v1/portfolio"))["loansTotal"]
    assert fen(line["principalOutstanding"]["value"]) == owed[loans[1]]
    earned = fen(line["interestIncome"]["value"])
    assert earned > 0
    assert earned == sum(on_account.values()) * -1 + owed[loans[1]]
    assert await opened.published() == int((await app.get("/v1/facts:count"))["total"])
