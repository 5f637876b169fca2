"""The pages of deposits, of nights of interest, of dormant accounts and of standing orders."""

from datetime import timedelta

import pytest

from tests.gateway.console.conftest import Bank
from tests.gateway.console.test_accounts import account
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_pb2, dormancy_pb2, ledger_pb2, standing_order_pb2, term_deposit_pb2
from zhongtai.runtime.convert import date_message

YUAN = 100


async def funded(bank: Bank, customer_id: str, minor_units: int) -> str:
    """An account with money on it."""
    number = next(bank.numbers)
    opened = await bank.call(
        account_pb2.OpenAccountRequest(
            request_id=f"open-{number}",
            customer_id=customer_id,
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        )
    )
    amount = Money(currency_code="CNY", minor_units=minor_units)
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=amount),
        ledger_pb2.Leg(account_id=opened.account_id, side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    draft = ledger_pb2.EntryDraft(reference="till-2", narrative="Cash paid in", legs=legs)
    await bank.call(ledger_pb2.PostEntryRequest(request_id=f"post-{number}", draft=draft))
    return str(opened.account_id)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("fixed_1y", "CNY 1,000.00", "0.0095", "At maturity", "renew with interest", "Interest if withdrawn today"),
        ),
        ("zh-CN", ("fixed_1y", "CNY 1,000.00", "到期约定", "本息转存", "今日支取利息")),
    ],
)
async def test_a_deposit_shows_its_terms_and_what_it_would_be_paid(
    bank: Bank, language: str, said: tuple[str, ...]
) -> None:
    account_id = await funded(bank, "cus_saver", 2_000 * YUAN)
    opened = await bank.call(
        term_deposit_pb2.OpenTermDepositRequest(
            request_id=f"tdp-{next(bank.numbers)}",
            settlement_account_id=account_id,
            product="fixed_1y",
            amount=Money(currency_code="CNY", minor_units=1_000 * YUAN),
            instruction=term_deposit_pb2.MATURITY_INSTRUCTION_RENEW_ALL,
        )
    )
    async with bank.signed_in(language=language) as http:
        listed = await http.get("/console/deposits?customer_id=cus_saver")
        assert f'href="/console/deposits/{opened.term_deposit_id}"' in listed.text
        sought = await http.get("/console/deposits?term_deposit_id=tdp_x")
        assert sought.headers["location"] == "/console/deposits/tdp_x"
        assert (await http.get("/console/deposits/tdp_x")).status_code == 404
        page = await http.get(f"/console/deposits/{opened.term_deposit_id}")
        nights = await http.get("/console/deposit-accruals")
    assert [text for text in said if text not in page.text] == []
    assert nights.status_code == 200


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("awake", "Months unused")), ("zh-CN", ("正常使用", "第五十六条"))]
)
async def test_the_register_of_dormant_accounts_names_its_rules(
    bank: Bank, language: str, said: tuple[str, ...]
) -> None:
    account_id = await funded(bank, "cus_sleeper", 500)
    while (await bank.call(dormancy_pb2.NoteAccountUseRequest(request_id=f"use-{next(bank.numbers)}"))).more:
        pass
    stopped = await account(bank)
    await bank.call(
        account_pb2.FreezeAccountRequest(request_id=f"stop-{next(bank.numbers)}", account_id=stopped, reason="alarm")
    )
    async with bank.signed_in(language=language) as http:
        page = await http.get("/console/dormant-accounts?status=AWAKE")
        nobody = await http.get("/console/dormant-accounts?status=nonsense")
        one = await http.get(f"/console/accounts/{account_id}")
        frozen = await http.get(f"/console/accounts/{stopped}")
    assert [text for text in (*said, account_id) if text not in page.text] == []
    assert account_id not in nobody.text
    assert ("Last used" if language == "en" else "最近使用日") in one.text
    assert ("Stopped by" if language == "en" else "止付事由") in frozen.text


async def test_standing_orders_are_listed_by_customer(bank: Bank) -> None:
    payer, payee = await funded(bank, "cus_payer", 500 * YUAN), await funded(bank, "cus_payee", 1)
    number = next(bank.numbers)
    today = bank.platform.services["operations"].clock.business_date()
    opened = await bank.call(
        standing_order_pb2.OpenStandingOrderRequest(
            request_id=f"so-{number}",
            debtor_account_id=payer,
            creditor_account_id=payee,
            amount=Money(currency_code="CNY", minor_units=12_345),
            frequency=standing_order_pb2.PAYMENT_FREQUENCY_MONTHLY,
            first_date=date_message(today + timedelta(days=9)),
            tries=1,
        )
    )
    async with bank.signed_in() as http:
        page = await http.get("/console/standing-orders?customer_id=cus_payer")
        others = await http.get("/console/standing-orders?customer_id=cus_payee")
    said = (opened.standing_order_id, "every month", "CNY 123.45", f'href="/console/accounts/{payee}"')
    assert [text for text in said if text not in page.text] == []
    assert opened.standing_order_id not in others.text
