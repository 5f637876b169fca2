"""Loans and products as ACTUS contracts through the door."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.credit.examples import day, disbursed, fen, pending, plant_seeds, rate, request_id
from tests.credit.serviced import (
    START,
    conventions,
    interest_convention,
    lent,
    opened,
    publish,
    repayment_convention,
    serviced_product,
)
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import actus_contract_pb2 as v1
from zhongtai.credit.v1 import loan_account_pb2, loan_payment_pb2, loan_pb2, reference_rate_pb2, servicing_pb2
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

FIRST = date(2026, 1, 5)


def named(terms: Iterable[v1.ContractTerm]) -> dict[str, str]:
    """Terms by their names."""
    return {term.name: term.value for term in terms}


def paid(flows: Iterable[v1.CashFlow], *types: str) -> list[tuple[int, int, int]]:
    """Month, day and fen of what events of those types pay."""
    return [(flow.on.month, flow.on.day, flow.payoff.minor_units) for flow in flows if flow.event_type in types]


def choice(product_id: str, amount: int, months: int, /, **changes: Any) -> v1.ContractChoice:
    """A loan of a product from FIRST on."""
    fields = {"amount": fen(amount), "term_months": months, "start_date": date_message(FIRST)}
    return v1.ContractChoice(product_id=product_id, **{**fields, **changes})


async def test_a_loan_as_agreed_is_a_contract_with_its_cash_flows(door: Door) -> None:
    door.today(FIRST)
    loan = await disbursed(door)
    terms = named((await door.call(v1.GetLoanContractRequest(loan_id=loan.loan_id))).terms)
    assert terms["contractID"] == loan.loan_id
    assert terms["contractType"] == "ANN"
    assert terms["notionalPrincipal"] == "12000.00"
    assert terms["nominalInterestRate"] == "0.12"
    assert terms["dayCountConvention"] == "A365"
    reply = await door.call(v1.ListLoanCashFlowsRequest(loan_id=loan.loan_id))
    assert not reply.page.next_token
    assert [flow.number for flow in reply.cash_flows] == list(range(1, len(reply.cash_flows) + 1))
    assert paid(reply.cash_flows, "IED") == [(1, 5, -1_200_000)]
    told, due = paid(reply.cash_flows, "IP"), [one.interest.minor_units for one in loan.instalments]
    assert all(abs(one - other) <= 6 for (_, _, one), other in zip(told, due, strict=True))
    assert [flow.notional_principal.minor_units for flow in reply.cash_flows][-1] == 0


async def test_cash_flows_come_from_a_day_on_and_page_by_page(door: Door) -> None:
    door.today(FIRST)
    loan = await disbursed(door)
    ask = v1.ListLoanCashFlowsRequest(loan_id=loan.loan_id, from_date=day(2026, 7, 5))
    whole = list((await door.call(ask)).cash_flows)
    assert {flow.on.month for flow in whole} == {7, 8, 9, 10, 11, 12, 1}
    read: list[v1.CashFlow] = []
    ask.page.size = 5
    while True:
        reply = await door.call(ask)
        assert len(reply.cash_flows) <= 5
        read.extend(reply.cash_flows)
        if not reply.page.next_token:
            break
        ask.page.token = reply.page.next_token
    assert read == whole
    newest = v1.ListLoanCashFlowsRequest(loan_id=loan.loan_id, page=PageRequest(size=1, newest_first=True))
    assert list((await door.call(newest)).cash_flows) == whole[-1:]
    for token in ("nonsense", "WyJhIl0=", "Wy0xXQ=="):
        ask.page.token = token
        assert (await door.refused(ask)).reason == "PAGE_TOKEN_UNKNOWN"


async def test_due_dates_off_holidays_have_no_term(door: Door) -> None:
    await plant_seeds(door)
    for product_id in ("car_instalment", "home_mortgage_floating"):
        asked = choice(product_id, 12_000_000, 12)
        refused = await door.refused(v1.QuoteContractRequest(choice=asked))
        assert (refused.reason, refused.metadata["parameter"]) == ("CONVENTION_MUST_HAVE_ACTUS_TERM", "holidays")
    loan = await pending(door, product_id="car_instalment")
    assert (await door.refused(v1.GetLoanContractRequest(loan_id=loan.loan_id))).metadata["parameter"] == "holidays"


async def test_only_a_loan_in_force_is_a_contract(door: Door) -> None:
    missing = v1.GetLoanContractRequest(loan_id="loan_none")
    assert (await door.refused(missing)).reason == "LOAN_NOT_FOUND"
    loan = await pending(door)
    assert (await door.call(v1.GetLoanContractRequest(loan_id=loan.loan_id))).terms
    await door.call(loan_pb2.CancelLoanRequest(request_id=request_id(), loan_id=loan.loan_id))
    for request in (
        v1.GetLoanContractRequest(loan_id=loan.loan_id),
        v1.ListLoanCashFlowsRequest(loan_id=loan.loan_id),
    ):
        assert (await door.refused(request)).reason == "LOAN_MUST_BE_IN_FORCE"


async def test_every_shipped_product_is_quoted_as_a_contract(door: Door) -> None:
    await plant_seeds(door)
    for product_id, amount, kind in (
        ("consumer_instalment", 1_200_000, "ANN"),
        ("personal_equal_principal", 1_200_000, "LAM"),
        ("business_interest_only", 12_000_000, "PAM"),
        ("harvest_bullet", 1_200_000, "PAM"),
    ):
        asked = choice(product_id, amount, 12)
        quoted = await door.call(v1.QuoteContractRequest(choice=asked))
        terms = named(quoted.terms)
        assert (terms["contractType"], terms["contractID"], quoted.product_version) == (kind, product_id, 1)
        flows = await door.call(v1.QuoteCashFlowsRequest(choice=asked))
        assert paid(flows.cash_flows, "IED") == [(1, 5, -amount)]
        assert abs(sum(fen for _, _, fen in paid(flows.cash_flows, "PR", "MD")) - amount) <= 6
        schedule = await door.call(
            loan_pb2.QuoteLoanRequest(
                product_id=product_id, amount=asked.amount, term_months=12, start_date=asked.start_date
            )
        )
        interest = sum(fen for _, _, fen in paid(flows.cash_flows, "IP"))
        assert abs(interest - schedule.total_interest.minor_units) <= 6


async def test_a_quote_is_refused_where_the_loan_would_be(door: Door) -> None:
    await plant_seeds(door)
    for asked, reason in (
        (choice("none", 1_200_000, 12), "PRODUCT_NOT_FOUND"),
        (choice("consumer_instalment", 1_200_000, 12, start_date=day(2019, 1, 1)), "PRODUCT_NOT_OFFERED"),
        (choice("consumer_instalment", 1, 12), "AMOUNT_MUST_BE_WITHIN_PRODUCT"),
        (choice("consumer_instalment", 1_200_000, 2), "TERM_MUST_BE_WITHIN_PRODUCT"),
        (choice("consumer_instalment", 1_200_000, 12, amount=fen(1_200_000, "USD")), "CURRENCY_MUST_MATCH"),
    ):
        assert (await door.refused(v1.QuoteContractRequest(choice=asked))).reason == reason
        assert (await door.refused(v1.QuoteCashFlowsRequest(choice=asked))).reason == reason
    unstated = v1.QuoteContractRequest(choice=v1.ContractChoice(product_id="consumer_instalment"))
    assert (await door.refused(unstated)).kind == "Invalid"


async def test_a_serviced_loan_is_a_contract_while_its_plan_stands(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    contract = await door.call(v1.GetLoanContractRequest(loan_id=loan_id))
    terms = named(contract.terms)
    assert (terms["contractType"], terms["notionalPrincipal"]) == ("ANN", "12000.00")
    plan = (await door.call(loan_account_pb2.GetLoanAccountRequest(loan_id=loan_id))).plan
    due = [line.due.interest.minor_units for line in plan if line.number > 0]
    flows = (await door.call(v1.ListLoanCashFlowsRequest(loan_id=loan_id))).cash_flows
    assert all(abs(one - other) <= 3 for (_, _, one), other in zip(paid(flows, "IP"), due, strict=True))
    quoted = await door.call(v1.QuoteContractRequest(choice=choice("serviced", 1_200_000, 6)))
    assert named(quoted.terms) == {**terms, "contractID": "serviced"}
    # More than is due changes what is still to come, so the contract is no longer the one agreed.
    door.today(date(2026, 1, 20))
    await door.call(
        loan_payment_pb2.ReceivePaymentRequest(
            request_id=request_id(), loan_id=loan_id, amount=fen(500_000), type=loan_payment_pb2.PAYMENT_TYPE_REPAYMENT
        )
    )
    assert (await door.refused(v1.GetLoanContractRequest(loan_id=loan_id))).reason == "CONTRACT_MUST_FOLLOW_SCHEDULE"


async def test_an_application_is_no_contract_yet(door: Door) -> None:
    await publish(door)
    loan_id = await opened(door)
    assert (await door.refused(v1.GetLoanContractRequest(loan_id=loan_id))).reason == "LOAN_MUST_BE_IN_FORCE"


async def test_conventions_without_a_term_are_refused_by_name(door: Door) -> None:
    flat = interest_convention(method=servicing_pb2.INTEREST_METHOD_FLAT)
    await publish(door, serviced_product(conventions(interest=flat)))
    refused = await door.refused(v1.QuoteContractRequest(choice=choice("serviced", 1_200_000, 6)))
    assert refused.reason == "CONVENTION_MUST_HAVE_ACTUS_TERM"
    assert refused.metadata["parameter"] == "interest.method"


async def test_a_floating_rate_is_told_and_needs_its_benchmark(door: Door) -> None:
    follows = servicing_pb2.FloatingRate(tenor="1Y", spread=rate("0.0035"), reprice_every_months=3)
    await publish(door, serviced_product(conventions(interest=interest_convention(floating=follows))))
    asked = choice("serviced", 1_200_000, 6)
    assert (await door.refused(v1.QuoteContractRequest(choice=asked))).reason == "REFERENCE_RATE_NOT_FOUND"
    quote = reference_rate_pb2.ReferenceRate(
        benchmark="LPR-1Y", effective_on=day(2025, 12, 20), version=1, rate=rate("0.1165"), source="NIFC"
    )
    await door.call(reference_rate_pb2.PublishReferenceRateRequest(request_id=request_id(), reference_rate=quote))
    terms = named((await door.call(v1.QuoteContractRequest(choice=asked))).terms)
    assert terms["marketObjectCodeOfRateReset"] == "LPR-1Y"
    # The quotes that were published are taken where the request tells none.
    flows = (await door.call(v1.QuoteCashFlowsRequest(choice=asked))).cash_flows
    assert (paid(flows, "RR"), len(paid(flows, "IP"))) == ([(4, 5, 0)], 6)
    elsewhere = [v1.BenchmarkRate(market_object_code="SOFR", on=day(2026, 1, 1), rate=rate("0.04"))]
    missing = v1.QuoteCashFlowsRequest(choice=asked, benchmark_rates=elsewhere)
    assert (await door.refused(missing)).reason == "MARKET_NOT_OBSERVED"
    told = v1.BenchmarkRate(market_object_code="LPR-1Y", on=day(2026, 3, 20), rate=rate("0.031"))
    flows = (await door.call(v1.QuoteCashFlowsRequest(choice=asked, benchmark_rates=[told]))).cash_flows
    assert paid(flows, "RR") == [(4, 5, 0)]
    fourth = paid(flows, "IP")[3]
    assert fourth[:2] == (5, 5)
    assert fourth[2] < paid(flows, "IP")[0][2] // 4


async def test_two_months_of_quarters_are_no_whole_number_of_periods(door: Door) -> None:
    quarterly = conventions(repayment=repayment_convention(every=3))
    await publish(door, serviced_product(quarterly))
    refused = await door.refused(v1.QuoteContractRequest(choice=choice("serviced", 1_200_000, 7)))
    assert refused.reason == "TERM_MUST_BE_WHOLE_PERIODS"
    assert START == FIRST
