"""The story of a saver, from the first account to the last: told over the HTTP door as a channel app tells it.

`python -m tests.journeys.saver` starts a platform of its own in an empty folder, tells the story and prints it.
"""

import asyncio
import tempfile
import time
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.journeys.bank import Bank, Customer, bank, fen
from zhongtai.gateway.demonstration.channel import Problem
from zhongtai.kernel.schedule import months_later
from zhongtai.testing.embedded import embedded

DAY = timedelta(days=1)
PAID_IN, MOVED, TERM, NOTICE, EARLY, LEFT = 20_000_000, 6_000_000, 5_000_000, 5_000_000, 2_000_000, 888
LIMIT_OF_A_DAY = 1_000_000
EARLY_AFTER, NOTICE_DAYS, DORMANT_AFTER = 100, 7, 36


@dataclass
class Saver:
    """A person with a Ⅰ class and a Ⅱ class account, and what happened so far, as lines of (what, figure)."""

    opened: Bank
    person: Customer
    shop: Customer
    start: date
    second: str = ""
    term: str = ""
    notice: str = ""
    today: date = date.min
    accrued_through: date = date.min
    told: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def tell(self, what: str, minor_units: int) -> None:
        """Tells what happened and what it came to, in fen."""
        self.told.append((what, f"{minor_units / 100:,.2f} 元"))
        self.figures[what] = minor_units

    async def refused(self, what: str, path: str, **body: Any) -> str:
        """Tells what was refused, and answers the reason."""
        try:
            await self.opened.post(path, **body)
        except Problem as problem:
            self.told.append((what, problem.reason))
            return problem.reason
        raise AssertionError(f"{path} was not refused")

    async def balance(self, account_id: str) -> int:
        """What an account holds, in fen."""
        return fen((await self.opened.app.get(f"/v1/accounts/{account_id}"))["account"].get("balance", {}))

    async def until(self, day: date) -> None:
        """Closes the nights up to a day, on which the bank is then."""
        if day > self.today:
            await self.opened.post("/v1/business-date:advance", to=dated(day))
            self.today = day
        while self.accrued_through < day - DAY:
            self.accrued_through += DAY
            body = {"businessDate": dated(self.accrued_through)}
            while (await self.opened.post("/v1/deposit-accruals:accrue", **body)).get("more"):
                pass

    async def pay(self, debtor: str, creditor: str, minor_units: int) -> None:
        """Moves money between two accounts."""
        await self.opened.post("/v1/payments:transfer", **self.transfer(debtor, creditor, minor_units))

    def transfer(self, debtor: str, creditor: str, minor_units: int) -> dict[str, Any]:
        """What moves money between two accounts."""
        return {
            "endToEndId": self.opened.key(),
            "debtorAccountId": debtor,
            "creditorAccountId": creditor,
            "amount": yuan(minor_units),
        }


async def begun(opened: Bank) -> Saver:
    """A saver with 200,000 yuan on a Ⅰ class account, and a Ⅱ class account that is bound to it."""
    today = day_of((await opened.app.get("/v1/business-date"))["businessDate"])
    saver = Saver(
        opened, await opened.customer(1), await opened.organisation(2), today, today=today, accrued_through=today - DAY
    )
    account_id = saver.person.account_id
    await opened.post(f"/v1/accounts/{account_id}/class", tier="ACCOUNT_TIER_FIRST")
    legs = [
        {"accountCode": "1001", "side": "SIDE_DEBIT", "amount": yuan(PAID_IN)},
        {"accountId": account_id, "side": "SIDE_CREDIT", "amount": yuan(PAID_IN)},
    ]
    await opened.post("/v1/ledger/entries", draft={"reference": "till", "narrative": "Cash paid in", "legs": legs})
    saver.tell("paid in over the counter", PAID_IN)
    other = await opened.post(
        "/v1/accounts",
        customerId=saver.person.customer_id,
        accountClass="ACCOUNT_CLASS_CUSTOMER",
        product="demand_deposit",
        currencyCode="CNY",
    )
    saver.second = other["accountId"]
    await opened.post(f"/v1/accounts/{saver.second}/class", tier="ACCOUNT_TIER_SECOND", boundAccounts=[account_id])
    return saver


async def spends(saver: Saver) -> None:
    """The Ⅱ class account takes any amount from the account it is bound to, and pays others up to the day's limit."""
    await saver.pay(saver.person.account_id, saver.second, MOVED)
    saver.tell("moved to the Ⅱ class account", MOVED)
    await saver.pay(saver.second, saver.shop.account_id, LIMIT_OF_A_DAY)
    saver.tell("paid a shop from it", LIMIT_OF_A_DAY)
    beyond = saver.transfer(saver.second, saver.shop.account_id, 1)
    assert await saver.refused("one fen more on that day", "/v1/payments:transfer", **beyond) == "DAY_LIMIT_EXCEEDED"


async def deposits(saver: Saver) -> None:
    """A term deposit of a year and a notice deposit of seven days; part of the one goes early, the other on its day."""
    post, account_id = saver.opened.post, saver.person.account_id
    for product, amount in (("fixed_1y", TERM), ("notice_7d", NOTICE)):
        found = await post("/v1/term-deposits", settlementAccountId=account_id, product=product, amount=yuan(amount))
        saver.tell(f"deposited as {product}", amount)
        if product == "fixed_1y":
            saver.term = found["termDepositId"]
        else:
            saver.notice = found["termDepositId"]
    early = saver.start + EARLY_AFTER * DAY
    await saver.until(early - NOTICE_DAYS * DAY)
    await post(f"/v1/term-deposits/{saver.notice}/notices", amount=yuan(NOTICE))
    await saver.until(early)
    paid = await post(f"/v1/term-deposits/{saver.notice}:withdraw")
    saver.tell("interest of the notice deposit on its day", fen(paid["interest"]))
    paid = await post(f"/v1/term-deposits/{saver.term}:withdraw", amount=yuan(EARLY))
    saver.tell("interest of the part that went early, at the demand rate", fen(paid["interest"]))


async def a_year(saver: Saver) -> None:
    """A year of nights: demand interest by the quarter, and the term deposit at its end."""
    ends = months_later(saver.start, 12)
    await saver.until(ends)
    last = {"businessDate": dated(ends - DAY)}
    await saver.opened.post("/v1/term-deposits:accrue", **last)
    before = await saver.balance(saver.person.account_id)
    while (await saver.opened.post("/v1/term-deposits:mature", **last)).get("more"):
        pass
    after = await saver.balance(saver.person.account_id)
    saver.tell("principal and interest of the term deposit at its end", after - before)


async def papers(saver: Saver) -> None:
    """A certificate that verifies, and the statement of the year, both as documents too."""
    app, account_id = saver.opened.app, saver.person.account_id
    issued = await saver.opened.post(
        "/v1/deposit-certificates",
        customerId=saver.person.customer_id,
        holderName="王1",
        accountIds=[account_id],
    )
    certificate = issued["certificate"]
    asked = {"number": certificate["number"], "code": certificate["code"]}
    assert (await app.get("/v1/deposit-certificates:verify", **asked))["genuine"]
    assert not (await app.get("/v1/deposit-certificates:verify", **asked | {"code": "0" * len(asked["code"])})).get(
        "genuine"
    )
    pdf(await app.get(f"/v1/deposit-certificates/{issued['certificateId']}:pdf"))
    year = {"firstDay": saver.start.isoformat(), "lastDay": saver.today.isoformat()}
    statement = (await app.get(f"/v1/accounts/{account_id}/statement", **year))["statement"]
    pdf(await app.get(f"/v1/accounts/{account_id}/statement:pdf", **year))
    credits, debits = fen(statement["credits"]), fen(statement["debits"])
    assert fen(statement["closing"]) == credits - debits == await saver.balance(account_id)
    saver.tell("balance on the certificate and the statement", fen(certificate["lines"][0]["amount"]))


async def sleeps(saver: Saver) -> None:
    """Years go by with a few yuan left: the account is noticed, falls dormant, takes money and pays none."""
    account_id = saver.person.account_id
    await saver.pay(account_id, saver.shop.account_id, await saver.balance(account_id) - LEFT)
    due = months_later(saver.today, DORMANT_AFTER)
    for day, told in ((due, "noticed"), (due + 31 * DAY, "fellDormant")):
        await saver.opened.post("/v1/business-date:advance", to=dated(day))
        saver.today = day
        while (await saver.opened.post("/v1/dormancies:noteUse")).get("more"):
            pass
        swept = await saver.opened.post("/v1/dormancies:sweep")
        assert swept.get(told) == 1, swept
    saver.told.append(("three years without use", await status(saver)))
    await saver.pay(saver.shop.account_id, account_id, 100)
    spending = saver.transfer(account_id, saver.shop.account_id, 1)
    assert await saver.refused("paying from it", "/v1/payments:transfer", **spending) == "ACCOUNT_MUST_BE_ACTIVE"
    closing = f"/v1/accounts/{account_id}:close"
    assert await saver.refused("closing it", closing) == "ACCOUNT_MUST_BE_ACTIVE"


async def wakes_and_leaves(saver: Saver) -> None:
    """The owner proves who they are, is paid the last interest, takes all of it and closes the accounts."""
    woken = await saver.opened.officer.post(
        f"/v1/accounts/{saver.person.account_id}:wake", {"proof": "居民身份证，柜面核验"}, key=saver.opened.key()
    )
    saver.told.append(("woken by", woken["dormancy"]["wokenBy"]))
    for account_id in (saver.second, saver.person.account_id):
        settled = await saver.opened.post(f"/v1/accounts/{account_id}/deposit-interest:settle")
        saver.tell(
            f"last interest of the {'Ⅱ' if account_id == saver.second else 'Ⅰ'} class account", fen(settled["interest"])
        )
        to = saver.person.account_id if account_id == saver.second else saver.shop.account_id
        await saver.pay(account_id, to, await saver.balance(account_id))
        await saver.opened.post(f"/v1/accounts/{account_id}:close")
    saver.told.append(("at the end", await status(saver)))


async def status(saver: Saver) -> str:
    """How the Ⅰ class account stands."""
    found = await saver.opened.app.get(f"/v1/accounts/{saver.person.account_id}")
    return str(found["account"]["status"])


async def story(opened: Bank) -> Saver:
    """The whole story."""
    saver = await begun(opened)
    for act in (spends, deposits, a_year, papers, sleeps, wakes_and_leaves):
        await act(saver)
    return saver


def pdf(document: Mapping[str, str]) -> None:
    """Fails where a reply is no PDF."""
    assert document["contentType"] == "application/pdf"
    assert b64decode(document["content"]).startswith(b"%PDF-")


def yuan(minor_units: int) -> dict[str, str]:
    """An amount in yuan, as JSON."""
    return {"currencyCode": "CNY", "minorUnits": str(minor_units)}


def dated(day: date) -> dict[str, int]:
    """A day, as JSON."""
    return {"year": day.year, "month": day.month, "day": day.day}


def day_of(message: Mapping[str, int]) -> date:
    """A day from JSON."""
    return date(message["year"], message["month"], message["day"])


async def main() -> None:
    """Tells the story and prints it."""
    begun_at = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with embedded(Path(folder)) as platform, bank(platform) as opened:
            for what, figure in (await story(opened)).told:
                print(f"{what:60} {figure:>24}")
    print(f"{'the whole story':60} {time.perf_counter() - begun_at:22.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
