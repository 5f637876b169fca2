"""When an account falls dormant: its months, its balance, its notice; and never before."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.schedule import months_later
from zhongtai.operations.account.domain import Account, AccountClass, AccountProduct, Side
from zhongtai.operations.account_stop.domain import BANK, DORMANT, stopped
from zhongtai.operations.dormancy.domain import (
    AccountFellDormant,
    AccountWoken,
    Dormancy,
    DormancyNoticed,
    DormancyRule,
    DormancyStatus,
)
from zhongtai.operations.dormancy.store import BANK_CODES, RULES

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
USED = date(2025, 3, 31)
FIRM = RULES["corporate_demand_deposit"]
PERSON = RULES["demand_deposit"]


def account(fen: int, product: str = "demand_deposit") -> Account:
    kind = AccountProduct(product, "", "", AccountClass.CUSTOMER, "2011", Side.CREDIT, overdraft=False)
    opened, _ = Account.open("acc_1", kind, AccountClass.CUSTOMER, "cus_1", "CNY")
    return opened.move(Side.CREDIT, Money("CNY", fen), NOW) if fen else opened


def swept(
    rule: DormancyRule,
    today: date,
    *,
    of: Dormancy | None = None,
    of_account: Account | None = None,
    owing: bool = False,
) -> tuple[Dormancy, DormancyNoticed | AccountFellDormant | None]:
    dormancy = of or Dormancy("acc_1", rule.account_product, USED)
    return dormancy.swept(rule, of_account or account(0), owing=owing, now=NOW, today=today)


def test_article_56_a_year_unused_and_thirty_days_of_notice() -> None:
    assert (FIRM.months, FIRM.notice_days, FIRM.at_most, FIRM.owing_nothing) == (12, 30, None, True)
    rich = account(900_000_000, "corporate_demand_deposit")
    assert swept(FIRM, date(2026, 3, 30), of_account=rich) == (Dormancy("acc_1", FIRM.account_product, USED), None)
    noticed, told = swept(FIRM, date(2026, 3, 31), of_account=rich)
    assert told == DormancyNoticed("acc_1", USED, date(2026, 4, 30))
    # Within thirty days of the notice nothing happens, and nobody is told twice.
    assert swept(FIRM, date(2026, 4, 30), of=noticed, of_account=rich) == (noticed, None)
    asleep, told = swept(FIRM, date(2026, 5, 1), of=noticed, of_account=rich)
    assert told == AccountFellDormant("acc_1", USED, Money("CNY", 900_000_000))
    assert (asleep.status, asleep.dormant_since) == (DormancyStatus.DORMANT, date(2026, 5, 1))
    assert swept(FIRM, date(2027, 5, 1), of=asleep, of_account=rich) == (asleep, None)


def test_a_persons_account_sleeps_with_a_small_balance_only() -> None:
    due = months_later(USED, 36)
    assert PERSON.at_most == Money("CNY", 1_000)
    assert swept(PERSON, due, of_account=account(1_001))[1] is None
    assert isinstance(swept(PERSON, due, of_account=account(1_000))[1], DormancyNoticed)
    assert swept(PERSON, due - DAY, of_account=account(1_000))[1] is None
    dollars, _ = Account.open(
        "acc_1",
        AccountProduct("demand_deposit", "", "", AccountClass.CUSTOMER, "2011", Side.CREDIT, overdraft=False),
        AccountClass.CUSTOMER,
        "cus_1",
        "USD",
    )
    assert swept(PERSON, due, of_account=dollars)[1] is None


@pytest.mark.parametrize("why", ["owes", "is frozen", "is held"])
def test_who_owes_or_is_stopped_does_not_fall_dormant_and_a_notice_is_taken_back(why: str) -> None:
    today = date(2026, 6, 1)
    noticed = Dormancy("acc_1", FIRM.account_product, USED, DormancyStatus.NOTICED, date(2026, 4, 1))
    other = account(500)
    if why == "is frozen":
        other = stopped(other, BANK)
    if why == "is held":
        other, _ = other.place_hold("hold_1", Money("CNY", 1), NOW + DAY, "", NOW)
    after, told = swept(FIRM, today, of=noticed, of_account=other, owing=why == "owes")
    assert (after, told) == (Dormancy("acc_1", FIRM.account_product, USED), None)
    assert swept(FIRM, today, of=noticed)[0].status is DormancyStatus.DORMANT


def test_waking_is_recorded_and_counts_as_use() -> None:
    asleep = Dormancy("acc_1", "demand_deposit", USED, DormancyStatus.DORMANT, dormant_since=date(2026, 5, 1))
    today = date(2026, 6, 1)
    awake, fact = asleep.woken("teller_7", "identity card, at the counter", today)
    assert fact == AccountWoken("acc_1", "teller_7", "identity card, at the counter")
    assert (awake.status, awake.last_used_on, awake.woken_on, awake.woken_by) == (
        DormancyStatus.AWAKE,
        today,
        today,
        "teller_7",
    )
    assert awake.woken("teller_8", "again", today) == (awake, None)
    assert swept(PERSON, today, of=awake)[1] is None


@given(
    used=st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    months=st.integers(1, 60),
    notice_days=st.integers(0, 60),
    late=st.lists(st.integers(0, 40), max_size=6),
)
def test_nobody_falls_dormant_before_the_months_and_the_notice_are_over(
    used: date, months: int, notice_days: int, late: list[int]
) -> None:
    rule = DormancyRule("demand_deposit", months, notice_days, owing_nothing=True, source="")
    due = months_later(used, months)
    dormancy, on = Dormancy("acc_1", "demand_deposit", used), due - 20 * DAY
    noticed_on: date | None = None
    for days in late:
        on += days * DAY
        # Whoever is due is found by the search, which asks by date alone.
        assert (on < due) or used <= rule.used_by(on)
        dormancy, told = swept(rule, on, of=dormancy)
        if isinstance(told, DormancyNoticed):
            assert on >= due
            noticed_on = on
        if isinstance(told, AccountFellDormant):
            assert on >= due
            assert not notice_days or (noticed_on is not None and on > noticed_on + notice_days * DAY)


def test_the_shipped_rules_name_products_and_their_sources() -> None:
    assert all(rule.source and rule.months > 0 for rule in RULES.values())
    assert {"2231", "6021"} <= set(BANK_CODES)
    assert DORMANT == "dormant"
