"""The pages of standing orders, escrows, requests to pay, collection agreements and FX deals, in both languages."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.gateway.console.conftest import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.gateway.console.arrangements import KINDS, Arrangement
from zhongtai.gateway.console.language import catalogue
from zhongtai.operations.v1 import (
    account_pb2,
    collection_agreement_pb2,
    escrow_pb2,
    fx_deal_pb2,
    ledger_pb2,
    payment_request_pb2,
    standing_order_pb2,
)

FUTURE = Date(year=2099, month=1, day=5)


def cny(fen: int, currency: str = "CNY") -> Money:
    return Money(currency_code=currency, minor_units=fen)


async def account(bank: Bank, currency: str = "CNY", customer_id: str = "") -> str:
    """A customer's account with money on it."""
    number = next(bank.numbers)
    request = account_pb2.OpenAccountRequest(
        request_id=f"arranged-{number}",
        customer_id=customer_id or f"cus_arranged_{number}",
        account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
        product="demand_deposit",
        currency_code=currency,
    )
    account_id = (await bank.call(request)).account_id
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=cny(1_000_000, currency)),
        ledger_pb2.Leg(account_id=account_id, side=ledger_pb2.SIDE_CREDIT, amount=cny(1_000_000, currency)),
    ]
    draft = ledger_pb2.EntryDraft(reference="cash", legs=legs)
    await bank.call(ledger_pb2.PostEntryRequest(request_id=f"arranged-cash-{number}", draft=draft))
    return str(account_id)


async def standing_order(bank: Bank) -> str:
    request = standing_order_pb2.OpenStandingOrderRequest(
        request_id=f"so-{next(bank.numbers)}",
        debtor_account_id=await account(bank),
        creditor_account_id=await account(bank),
        amount=cny(12_345),
        frequency=standing_order_pb2.PAYMENT_FREQUENCY_MONTHLY,
        first_date=FUTURE,
        tries=3,
    )
    return str((await bank.call(request)).standing_order_id)


async def escrow(bank: Bank) -> str:
    request = escrow_pb2.OpenEscrowRequest(
        request_id=f"es-{next(bank.numbers)}",
        end_to_end_id=f"es-{next(bank.numbers)}",
        payer_account_id=await account(bank),
        payee_account_id=await account(bank),
        condition="delivered 已交付 <b>",
        amount=cny(50_000),
        released_by=[escrow_pb2.ESCROW_PARTY_PAYER],
        returned_by=[escrow_pb2.ESCROW_PARTY_PAYEE],
        expires_on=FUTURE,
    )
    return str((await bank.call(request)).escrow_id)


async def payment_request(bank: Bank) -> str:
    request = payment_request_pb2.PresentPaymentRequestRequest(
        request_id=f"pr-{next(bank.numbers)}",
        end_to_end_id=f"pr-{next(bank.numbers)}",
        debtor_account_id=await account(bank),
        creditor_account_id=await account(bank),
        amount=cny(700),
    )
    request.expires_at.FromDatetime(datetime.now(UTC) + timedelta(days=30))
    return str((await bank.call(request)).payment_request_id)


async def collection_agreement(bank: Bank) -> str:
    request = collection_agreement_pb2.OpenCollectionAgreementRequest(
        request_id=f"ca-{next(bank.numbers)}",
        debtor_account_id=await account(bank),
        creditor_account_id=await account(bank),
        purpose="electricity",
        up_to=cny(30_000),
        ends_on=FUTURE,
    )
    return str((await bank.call(request)).collection_agreement_id)


async def fx_deal(bank: Bank) -> str:
    rate = fx_deal_pb2.SetFxRateRequest(
        request_id=f"rate-{next(bank.numbers)}",
        base_currency="USD",
        quote_currency="CNY",
        bid=Decimal(value="7.10"),
        ask=Decimal(value="7.12"),
    )
    await bank.call(rate)
    customer = f"cus_fx_{next(bank.numbers)}"
    request = fx_deal_pb2.QuoteFxRequest(
        request_id=f"fx-{next(bank.numbers)}",
        sold_account_id=await account(bank, customer_id=customer),
        bought_account_id=await account(bank, "USD", customer),
        sold=cny(71_200),
    )
    return str((await bank.call(request)).fx_deal_id)


@dataclass(frozen=True)
class Case:
    """How one is made, what its page says in both languages, and an act with its form and the state it leads to."""

    path: str
    made: Callable[[Bank], Awaitable[str]]
    said: tuple[str, str]
    verb: str
    state: str
    form: dict[str, str] = field(default_factory=dict)


RELEASE = {"amount": "500.00", "party": "PAYER", "currency": "CNY"}
CASES = (
    Case("standing-orders", standing_order, ("every month", "每月"), "end", "ended"),
    Case("escrows", escrow, ("the payer", "付款方"), "release", "closed", RELEASE),
    Case("escrows", escrow, ("the payee", "收款方"), "return", "closed", RELEASE | {"party": "PAYEE"}),
    Case("payment-requests", payment_request, ("CNY 7.00", "待付款方答复"), "accept", "accepted", {"ordered_by": ""}),
    Case("payment-requests", payment_request, ("presented", "有效期至"), "refuse", "refused", {"reason_code": "MS02"}),
    Case("payment-requests", payment_request, ("presented", "有效期至"), "withdraw", "withdrawn"),
    Case("collection-agreements", collection_agreement, ("electricity", "单笔限额"), "end", "ended"),
    Case("fx-deals", fx_deal, ("USD 100.00", "已锁定"), "deal", "dealt"),
    Case("fx-deals", fx_deal, ("CNY 712.00", "汇率"), "cancel", "cancelled"),
)


async def sent(http: httpx.AsyncClient, page: str, verb: str, form: dict[str, str]) -> httpx.Response:
    """The answer to the form of an act, filled in as a person would."""
    text = (await http.get(page)).text
    found = re.search(rf'action="{page}/{verb}">(.*?)</form>', text, re.DOTALL)
    assert found, f"no form to {verb}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found.group(1)))
    return await http.post(f"{page}/{verb}", data=hidden | form)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.verb} of {case.path}")
async def test_each_is_listed_shown_and_moved_on(bank: Bank, case: Case) -> None:
    page = f"/console/{case.path}/{await case.made(bank)}"
    async with bank.signed_in(language="zh-CN") as http:
        assert f'href="{page}"' in (await http.get(f"/console/{case.path}")).text
        chinese = await http.get(page)
        assert (chinese.status_code, case.said[1] in chinese.text) == (200, True)
    async with bank.signed_in() as http:
        english = await http.get(page)
        assert case.said[0] in english.text
        assert "<b>" not in english.text
        answer = await sent(http, page, case.verb, case.form)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"{page}?done={case.verb}"), answer.text
        after = await http.get(f"{page}?done={case.verb}")
        assert f">{case.state}</span>" in after.text
        assert catalogue()[f"arrangement.done.{case.verb}"]["en"] in after.text
        assert f'action="{page}/' not in after.text, "nothing may be done with it any more"


async def test_what_is_refused_is_told_above_and_changes_nothing(bank: Bank) -> None:
    key = await escrow(bank)
    page = f"/console/escrows/{key}"
    async with bank.signed_in() as http:
        for form, reason in (
            (RELEASE | {"amount": "500.01"}, "ESCROW_AMOUNT_EXHAUSTED"),
            (RELEASE | {"amount": "a lot"}, "AMOUNT_MUST_BE_WELL_FORMED"),
            (RELEASE | {"party": "PAYEE"}, "ESCROW_PARTY_MUST_DECIDE"),
            (RELEASE | {"party": "nobody"}, "REQUEST_INVALID"),
        ):
            answer = await sent(http, page, "release", form)
            assert answer.status_code >= 400
            assert reason in answer.text
        assert ">open</span>" in (await http.get(page)).text
        assert (await http.post(f"{page}/explode", data={})).status_code >= 400
        unknown = await http.get("/console/escrows/esc_x")
        assert (unknown.status_code, "ESCROW_NOT_FOUND" in unknown.text) == (404, True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)
async def test_whoever_may_not_see_them_is_told_so(bank: Bank, kind: Arrangement) -> None:
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get(f"/console/{kind.path}")).text


def test_every_field_and_state_has_a_word() -> None:
    for kind in KINDS:
        one = kind.getting.DESCRIPTOR.file.message_types_by_name[kind.noun.title().replace("_", "")]
        names = [each.name for each in one.fields if each.name not in (kind.key, "status")]
        wanted = {f"arrangement.field.{name}" for name in (*names, *kind.filters)}
        for each in one.fields:
            if each.enum_type is not None:
                prefix = "arrangement.state" if each.name == "status" else "arrangement.value"
                first, *values = (value.name for value in each.enum_type.values)
                wanted |= {f"{prefix}.{value.removeprefix(first.removesuffix('UNSPECIFIED'))}" for value in values}
        assert wanted - set(catalogue()) == set()
