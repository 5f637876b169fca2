"""What must hold when the story is told: every line is looked up through the door and checked."""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from zhongtai.gateway.demonstration.channel import Channel
from zhongtai.gateway.demonstration.closing import figures

SETTLE_S = 30.0
LOOK_AGAIN_S = 0.1


@dataclass
class Proof:
    """The lines of the table; `failed` names those that do not hold."""

    lines: list[tuple[str, str, bool | None]] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """The lines that must hold and do not."""
        return [name for name, _, holds in self.lines if holds is False]

    def say(self, name: str, value: object, holds: bool | None = None) -> None:
        """Adds a line; `holds` None means that it is only told."""
        self.lines.append((name, str(value), holds))


async def prove(channel: Channel, proof: Proof, closed: date) -> None:
    """Waits until every event has arrived, then checks the books against each other.

    `closed` is the day that was closed last.
    """
    published, recorded = await _settled(channel)
    await _books(channel, proof)
    await _portfolio(channel, proof)
    await _closed(channel, proof, closed)
    await _gap(channel, proof)
    proof.say("events published = facts recorded", f"{published:,} = {recorded:,}", published == recorded)


async def _settled(channel: Channel) -> tuple[int, int]:
    """Facts in the outboxes and facts in the fact store, once they agree, or as they are when patience ends."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        published = await _published()
        recorded = int((await channel.get("/v1/facts:count")).get("total", 0))
        if published == recorded or time.monotonic() > deadline:
            return published, recorded
        await asyncio.sleep(LOOK_AGAIN_S)


async def _published() -> int:
    """How many facts the outboxes of all services hold, as `zhongtai status` counts them in the stores."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "zhongtai.runtime.main", "status", "--json", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return sum(max(0, int(state["facts"])) for state in json.loads(output))


async def _books(channel: Channel, proof: Proof) -> None:
    balance = await channel.get("/v1/ledger/trial-balance")
    for total in balance.get("totals", []):
        debit, credit = _amount(total["debit"]), _amount(total["credit"])
        currency = total["debit"]["currencyCode"]
        proof.say(f"trial balance {currency}: debit − credit", _yuan(debit - credit), debit == credit)
    verified = await channel.get("/v1/ledger:verify")
    proof.say(
        "ledger chain intact, entries read", f"{int(verified.get('entriesRead', 0)):,}", verified.get("intact") is True
    )
    limits = await channel.pages("/v1/limits", "limits")
    loans = await channel.pages("/v1/loans", "loans")
    used, outstanding = (
        sum(_amount(limit["used"]) for limit in limits),
        sum(_amount(loan["outstanding"]) for loan in loans),
    )
    proof.say("limits used = loan principal outstanding", f"{_yuan(used)} = {_yuan(outstanding)}", used == outstanding)
    over = [each for each in limits if _amount(each["used"]) + _amount(each["held"]) > _amount(each["granted"])]
    proof.say("limits with held + used above granted", len(over), not over)


async def _portfolio(channel: Channel, proof: Proof) -> None:
    portfolio = await channel.get("/v1/portfolio")
    columns = ("takenUp", "approved", "referred")
    grades = [
        (line["grade"], *(int(line[name]["value"]) for name in columns)) for line in portfolio.get("approvals", [])
    ]
    proof.say(
        "paid out by grade (of those approved + referred to an officer)",
        ", ".join(f"{grade} {paid} ({approved} + {asked})" for grade, paid, approved, asked in sorted(grades) if paid),
    )
    for line in portfolio.get("loansTotal", []):
        arrears, late = line["arrears"]["value"], int(line["loansInArrears"]["value"])
        proof.say("principal outstanding, by the events", _yuan(_amount(line["principalOutstanding"]["value"])))
        proof.say("in arrears", f"{late:,} loans, {_yuan(_amount(arrears))}")
        income, cost, after = (
            _amount(line[name]["value"]) for name in ("interestIncome", "fundingCost", "incomeAfterTransferPrice")
        )
        proof.say("interest income − funding cost", f"{_yuan(income)} − {_yuan(cost)}")
        proof.say("income after transfer price", _yuan(after), after == income - cost)


async def _closed(channel: Channel, proof: Proof, on: date) -> None:
    """What the end of day made of the loans: their interest is earned, their losses are provided for."""
    partitions = await figures(channel, on)
    allowance = sum(_amount(each["allowance"]) for each in partitions)
    proof.say(f"day closed: {on}", f"{sum(int(each['loans']) for each in partitions):,} loans")
    for title, code in (("interest earned by closes, by the ledger", "6011"), ("interest receivable", "1132")):
        proof.say(title, _yuan(await _balance(channel, code)))
    kept = await _balance(channel, "1304")
    proof.say("loss allowance = provision in the ledger", f"{_yuan(allowance)} = {_yuan(kept)}", allowance == kept)


async def _balance(channel: Channel, code: str) -> int:
    found = await channel.get("/v1/ledger/balances", accountCode=code)
    return sum(_amount(balance) for balance in found.get("balances", []))


async def _gap(channel: Channel, proof: Proof) -> None:
    gap = (await channel.get("/v1/gaps/repricing", currencyCode="CNY")).get("gap", {})
    parts = Counter({bucket["title"]: _amount(bucket["gap"]) for bucket in gap.get("buckets", [])})
    proof.say("repricing gap", "; ".join(f"{name} {_yuan(value)}" for name, value in parts.items() if value))


def _amount(money: dict[str, Any]) -> int:
    return int(money.get("minorUnits", 0))


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):,.2f}"
