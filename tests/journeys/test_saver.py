"""The story of a saver over the door: each figure against the rules reckoned by hand, day by day."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from tests.journeys.bank import bank, eventually
from tests.journeys.saver import EARLY_AFTER, story
from zhongtai.kernel.schedule import months_later
from zhongtai.testing.embedded import embedded

DAY = timedelta(days=1)
DEMAND, TERM, NOTICE = Decimal("0.0005"), Decimal("0.0095"), Decimal("0.003")


async def test_a_saver_deposits_earns_sleeps_wakes_and_leaves(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform, bank(platform) as opened:
        saver = await story(opened)
        figures = saver.figures
        assert figures["interest of the notice deposit on its day"] == fen_of(5_000_000 * NOTICE * EARLY_AFTER / 360)
        early = fen_of(2_000_000 * DEMAND * EARLY_AFTER / 360)
        assert figures["interest of the part that went early, at the demand rate"] == early
        assert figures["principal and interest of the term deposit at its end"] == 3_000_000 + fen_of(3_000_000 * TERM)
        ends = months_later(saver.start, 12)
        earned = by_hand(
            [
                (saver.start, 20_000_000 - 6_000_000 - 5_000_000 - 5_000_000),
                (
                    saver.start + EARLY_AFTER * DAY,
                    5_000_000 + figures["interest of the notice deposit on its day"] + 2_000_000 + early,
                ),
            ],
            ends,
        )
        paid_in = 4_000_000 + 7_000_000 + early + figures["interest of the notice deposit on its day"]
        at_the_end = figures["principal and interest of the term deposit at its end"]
        assert figures["balance on the certificate and the statement"] == paid_in + earned + at_the_end
        trial = await opened.app.get("/v1/ledger/trial-balance")
        assert trial["balanced"]
        assert (await opened.app.get("/v1/ledger:verify"))["intact"]

        async def told() -> None:
            inbox = await opened.app.pages(f"/v1/notification-inboxes/{saver.person.customer_id}", "messages")
            subjects = [message["subject"] for message in inbox]
            assert {"账户将转为睡眠户", "账户已转为睡眠户", "账户已激活", "账户已销户"} <= set(subjects), subjects

        await eventually(told)
        assert saver.told[-1] == ("at the end", "ACCOUNT_STATUS_CLOSED")


def by_hand(moves: Sequence[tuple[date, int]], ends: date) -> int:
    """Demand interest paid before a day, in fen: whole yuan by days, settled on the 20th, booked on the 21st."""
    balance, product, paid, on = 0, 0, 0, moves[0][0]
    while on < ends:
        balance += sum(minor for day, minor in moves if day == on)
        product += balance // 100 * 100
        if (on.month % 3, on.day) == (0, 20):
            interest = fen_of(product * DEMAND / 360)
            balance, paid, product = balance + interest, paid + interest, 0
        on += DAY
    return paid


def fen_of(exact: Decimal) -> int:
    """Rounded half up."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
