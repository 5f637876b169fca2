"""The pages of accounts and wallets."""

import pytest

from tests.gateway.console.conftest import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_freeze_pb2, account_pb2, ledger_pb2, mandate_pb2, wallet_pb2


async def account(bank: Bank) -> str:
    """An account with money on it, a freeze and a mandate."""
    number = next(bank.numbers)
    opened = await bank.call(
        account_pb2.OpenAccountRequest(
            request_id=f"open-{number}",
            customer_id="cus_page",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        )
    )
    account_id = str(opened.account_id)
    amount = Money(currency_code="CNY", minor_units=123_456)
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=amount),
        ledger_pb2.Leg(account_id=account_id, side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    draft = ledger_pb2.EntryDraft(reference="till-1", narrative="Cash paid in", legs=legs)
    await bank.call(ledger_pb2.PostEntryRequest(request_id=f"post-{number}", draft=draft))
    await bank.call(
        account_freeze_pb2.FreezeFundsRequest(
            request_id=f"freeze-{number}",
            account_id=account_id,
            kind=account_freeze_pb2.FREEZE_KIND_BANK,
            reason="a fraud alarm",
            amount=Money(currency_code="CNY", minor_units=200_000),
        )
    )
    await bank.call(
        mandate_pb2.SetMandateRequest(
            request_id=f"mandate-{number}",
            account_id=account_id,
            kind=mandate_pb2.MANDATE_KIND_HOLDER,
            customers=["cus_page", "cus_wife"],
            together=2,
        )
    )
    return account_id


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Statement", "Cash paid in", "CNY 1,234.56", "a fraud alarm", "waits", "cus_wife", "Interest earned")),
        ("zh-CN", ("对账单", "按起息日", "CNY 1,234.56", "轮候", "授权人", "应付未付利息")),
    ],
)
async def test_an_account_shows_its_statement_what_binds_it_and_who_may_order(
    bank: Bank, language: str, said: tuple[str, ...]
) -> None:
    account_id = await account(bank)
    async with bank.signed_in(language=language) as http:
        listed = await http.get("/console/accounts?customer_id=cus_page&status=ACTIVE")
        assert f'href="/console/accounts/{account_id}"' in listed.text
        page = await http.get(f"/console/accounts/{account_id}?order=VALUE&first_day=nonsense")
        paper = await http.get(f"/console/accounts/{account_id}/statement.pdf")
    assert [text for text in said if text not in page.text] == []
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


async def test_an_account_is_found_by_its_id_and_wallets_hide_their_numbers(bank: Bank) -> None:
    opened = await bank.call(
        wallet_pb2.OpenWalletRequest(request_id=f"w-{next(bank.numbers)}", customer_id="cus_page", currency_code="CNY")
    )
    proof = await bank.call(
        wallet_pb2.StartAliasProofRequest(
            request_id=f"w-{next(bank.numbers)}", wallet_id=opened.wallet_id, phone_number="13912345678", code="314159"
        )
    )
    await bank.call(
        wallet_pb2.ConfirmAliasRequest(
            request_id=f"w-{next(bank.numbers)}", alias_proof_id=proof.alias_proof_id, code="314159"
        )
    )
    async with bank.signed_in() as http:
        sought = await http.get("/console/accounts?account_id=acc_x")
        assert sought.headers["location"] == "/console/accounts/acc_x"
        missing = await http.get("/console/accounts/acc_x")
        assert missing.status_code == 404
        wallets = await http.get("/console/wallets")
    assert opened.wallet_id in wallets.text
    assert "139****5678" in wallets.text
    assert "13912345678" not in wallets.text
