"""Account classes through the door."""

from datetime import date

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_class_pb2 as v1


def classified(bank: Bank, account_id: str, tier: str, *bound: str) -> v1.ClassifyAccountRequest:
    return v1.ClassifyAccountRequest(
        request_id=bank.request_id(), account_id=account_id, tier=f"ACCOUNT_TIER_{tier}", bound_accounts=bound
    )


async def test_an_account_is_classified_once_and_its_limits_hold(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    first, second = await bank.deposit(), await bank.deposit(2_000_000)
    await bank.door.call(classified(bank, first, "FIRST"))
    for _ in range(2):
        await bank.door.call(classified(bank, second, "SECOND", first))
    assert [fact.account_id for fact in await bank.door.facts(v1.AccountClassified)] == [first, second]
    found = await bank.door.call(v1.GetAccountClassRequest(account_id=second))
    assert list(found.classification.bound_accounts) == [first]
    assert [usage.day.minor_units for usage in found.usage] == [0, 0]

    def check(fen: int, counterparty: str = "acc_elsewhere") -> v1.CheckAccountUseRequest:
        return v1.CheckAccountUseRequest(
            account_id=second,
            counterparty_account_id=counterparty,
            use=v1.ACCOUNT_USE_OUTWARD,
            amount=cny(fen),
        )

    await bank.door.call(check(1_000_000))
    await bank.door.call(check(1_500_000, first))
    assert (await bank.door.refused(check(1_000_001))).reason == "DAY_LIMIT_EXCEEDED"
    rules = await bank.door.call(v1.ListAccountClassRulesRequest())
    assert len(rules.rules) == 6


async def test_what_may_not_be_classified_is_refused(bank: Bank) -> None:
    first, other = await bank.deposit(), await bank.deposit()
    await bank.door.call(classified(bank, first, "FIRST"))
    assert (await bank.door.refused(classified(bank, other, "FIRST"))).reason == "FIRST_CLASS_ACCOUNT_MUST_BE_ONLY_ONE"
    assert (await bank.door.refused(classified(bank, other, "SECOND"))).reason == "BOUND_ACCOUNT_MUST_BE_NAMED"
    assert (await bank.door.refused(classified(bank, other, "THIRD", "acc_x"))).reason == "ACCOUNT_NOT_FOUND"
    missing = await bank.door.refused(v1.GetAccountClassRequest(account_id=other))
    assert missing.reason == "ACCOUNT_NOT_CLASSIFIED"
    nostro = await bank.internal("nostro", "acc_nostro_cny")
    assert (await bank.door.refused(classified(bank, nostro, "FIRST"))).reason == "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"
