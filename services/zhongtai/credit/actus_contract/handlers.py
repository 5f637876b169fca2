"""The RPCs of ACTUS contracts; they keep nothing."""

from collections.abc import Iterable

from zhongtai.credit.actus_contract import domain
from zhongtai.credit.loan import domain as loan_domain
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_account import applying
from zhongtai.credit.loan_account import store as account_store
from zhongtai.credit.loan_account.domain import NOTHING
from zhongtai.credit.loan_account.performing import tables
from zhongtai.credit.product import offering
from zhongtai.credit.product import store as product_store
from zhongtai.credit.reference_rate import store as rate_store
from zhongtai.credit.v1 import actus_contract_pb2 as v1
from zhongtai.kernel.actus.terms import Terms, mapping_of
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.terms import Terms as ServicedTerms
from zhongtai.runtime.convert import date_of, decimal_of, message_of, money_of
from zhongtai.runtime.plain import from_json
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import View, rpc


@rpc
def get_loan_contract(request: v1.GetLoanContractRequest, view: View) -> v1.GetLoanContractResponse:
    """The ACTUS terms of a loan in force."""
    return v1.GetLoanContractResponse(terms=_told(_of_loan(view, request.loan_id)))


@rpc
def list_loan_cash_flows(request: v1.ListLoanCashFlowsRequest, view: View) -> v1.ListLoanCashFlowsResponse:
    """The cash flows of a loan in force."""
    contract = _of_loan(view, request.loan_id)
    found = domain.flows(contract, _rates(view, contract, request.benchmark_rates))
    if request.HasField("from_date"):
        first = date_of(request.from_date)
        found = tuple(flow for flow in found if flow.on >= first)
    shown, page = page_of(found, request.page)
    return v1.ListLoanCashFlowsResponse(cash_flows=[message_of(flow, v1.CashFlow) for flow in shown], page=page)


@rpc
def quote_contract(request: v1.QuoteContractRequest, view: View) -> v1.QuoteContractResponse:
    """The ACTUS terms that a loan of a product would have."""
    terms, version = _of_product(view, request.choice)
    return v1.QuoteContractResponse(terms=_told(terms), product_version=version)


@rpc
def quote_cash_flows(request: v1.QuoteCashFlowsRequest, view: View) -> v1.QuoteCashFlowsResponse:
    """The cash flows that a loan of a product would have."""
    terms, version = _of_product(view, request.choice)
    shown, page = page_of(domain.flows(terms, _rates(view, terms, request.benchmark_rates)), request.page)
    flows = [message_of(flow, v1.CashFlow) for flow in shown]
    return v1.QuoteCashFlowsResponse(cash_flows=flows, page=page, product_version=version)


def _of_loan(view: View, loan_id: str) -> Terms:
    loan = loan_store.summaries.load(view, loan_id)
    domain.must_be_in_force(loan)
    if loan.serviced:
        terms = from_json(account_store.accounts.load(view, loan_id).terms, ServicedTerms)
        return domain.serviced(loan_id, terms, account_store.tables(view, loan_id).plan)
    holidays = product_store.products.load(view, loan.product_id, loan.product_version).holidays
    agreed = loan_domain.Terms(
        principal=loan.principal,
        nominal_interest_rate=loan.nominal_interest_rate,
        amortisation=loan.amortisation,
        day_count=loan.day_count,
        term_months=loan.term_months,
        start_date=loan.start_date,
        holidays=None if holidays is None else holidays.holidays(loan.start_date),
    )
    return domain.agreed(loan_id, agreed, loan_store.with_schedule(view, loan).instalments)


def _of_product(view: View, choice: v1.ContractChoice) -> tuple[Terms, int]:
    """The contract of a loan of a product, and the version of the product."""
    start = date_of(choice.start_date) if choice.HasField("start_date") else view.business_date
    product = offering.lent(view, choice.product_id, start)
    amount = money_of(choice.amount)
    if product.servicing is not None:
        application = applying.plain_application(product, amount, choice.term_months, start)
        terms = applying.terms_of(product, application)
        plan = tables("", Account(terms), NOTHING).plan
        return domain.serviced(product.product_id, terms, plan), product.version
    product.must_allow(amount, choice.term_months)
    agreed = loan_domain.Terms(
        principal=amount,
        nominal_interest_rate=product.nominal_interest_rate,
        amortisation=product.amortisation,
        day_count=product.day_count,
        term_months=choice.term_months,
        start_date=start,
        holidays=None if product.holidays is None else product.holidays.holidays(start),
    )
    return domain.agreed(product.product_id, agreed, loan_domain.quote(agreed).instalments), product.version


def _told(terms: Terms) -> list[v1.ContractTerm]:
    return [v1.ContractTerm(name=name, value=value) for name, value in mapping_of(terms).items()]


def _rates(view: View, contract: Terms, told: Iterable[v1.BenchmarkRate]) -> domain.BenchmarkRates:
    """The quotes that are told; where none is, those that were published of the contract's benchmark."""
    rates = [(one.market_object_code, date_of(one.on), decimal_of(one.rate)) for one in told]
    benchmark = contract.market_object_code_of_rate_reset
    if rates or not benchmark:
        return rates
    return [(benchmark, one.effective_on, one.rate) for one in rate_store.quotes(view, benchmark)]
