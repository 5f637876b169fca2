"""The RPCs of compensation funds."""

from zhongtai.credit.compensation_fund import domain, store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.v1 import compensation_fund_pb2 as v1
from zhongtai.runtime.convert import decimal_of, message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def open_compensation_fund(request: v1.OpenCompensationFundRequest, unit: Unit) -> v1.OpenCompensationFundResponse:
    """Opens a fund."""
    layers = [value_of(layer, domain.Layer) for layer in request.layers]
    fund, fact = domain.open_fund(unit.new_id("fund"), request.title, layers)
    store.funds.add(unit, fund)
    unit.record(fact)
    return v1.OpenCompensationFundResponse(fund_id=fund.fund_id, fund=message_of(fund, v1.CompensationFund))


@rpc
def close_compensation_fund(request: v1.CloseCompensationFundRequest, unit: Unit) -> v1.CloseCompensationFundResponse:
    """Closes a fund."""
    fund, facts = store.funds.load(unit, request.fund_id).close()
    store.funds.save(unit, fund)
    unit.record_all(facts)
    return v1.CloseCompensationFundResponse(fund=message_of(fund, v1.CompensationFund))


@rpc
def cover_loan(request: v1.CoverLoanRequest, unit: Unit) -> v1.CoverLoanResponse:
    """Takes a loan into a fund."""
    fund = store.funds.load(unit, request.fund_id)
    loan = loan_store.summaries.load(unit, request.loan_id)
    earlier = store.covers.find(unit, loan.loan_id)
    cover, facts = fund.cover(loan.loan_id, loan.principal, decimal_of(request.share), earlier)
    if earlier is None:
        store.covers.add(unit, cover)
    else:
        store.covers.save(unit, cover)
    unit.record_all(facts)
    return v1.CoverLoanResponse(cover=message_of(cover, v1.Cover))


@rpc
def uncover_loan(request: v1.UncoverLoanRequest, unit: Unit) -> v1.UncoverLoanResponse:
    """Takes a loan out of a fund."""
    fund = store.funds.load(unit, request.fund_id)
    cover, facts = store.cover_in(unit, fund.fund_id, request.loan_id).end()
    store.covers.save(unit, cover)
    unit.record_all(facts)
    return v1.UncoverLoanResponse(cover=message_of(cover, v1.Cover))


@rpc
def claim_loss(request: v1.ClaimLossRequest, unit: Unit) -> v1.ClaimLossResponse:
    """Shares a loss among those who bear it."""
    fund = store.funds.load(unit, request.fund_id)
    cover = store.cover_in(unit, fund.fund_id, request.loan_id)
    fund, cover, loss, facts = fund.bear(unit.new_id("loss"), cover, money_of(request.amount), unit.business_date)
    store.funds.save(unit, fund)
    store.covers.save(unit, cover)
    store.losses.add(unit, loss)
    unit.record_all(facts)
    return v1.ClaimLossResponse(loss_id=loss.loss_id, loss=message_of(loss, v1.Loss))


@rpc
def recover_loss(request: v1.RecoverLossRequest, unit: Unit) -> v1.RecoverLossResponse:
    """Shares what came back."""
    fund = store.funds.load(unit, request.fund_id)
    loss = store.losses.load(unit, request.fund_id, request.loss_id)
    fund, loss, fact = fund.recover(loss, money_of(request.amount))
    store.funds.save(unit, fund)
    store.losses.save(unit, loss)
    unit.record(fact)
    return v1.RecoverLossResponse(loss=message_of(loss, v1.Loss))


@rpc
def get_compensation_fund(request: v1.GetCompensationFundRequest, view: View) -> v1.GetCompensationFundResponse:
    """One fund."""
    fund = store.funds.load(view, request.fund_id)
    return v1.GetCompensationFundResponse(fund=message_of(fund, v1.CompensationFund))


@rpc
def list_compensation_funds(request: v1.ListCompensationFundsRequest, view: View) -> v1.ListCompensationFundsResponse:
    """Funds by id."""
    found, page = store.funds.page(view, request.page)
    return v1.ListCompensationFundsResponse(funds=[message_of(fund, v1.CompensationFund) for fund in found], page=page)


@rpc
def list_losses(request: v1.ListLossesRequest, view: View) -> v1.ListLossesResponse:
    """The losses a fund bore."""
    fund = store.funds.load(view, request.fund_id)
    found, page = store.losses.page(view, request.page, store.LOSS.c.fund_id == fund.fund_id)
    return v1.ListLossesResponse(losses=[message_of(loss, v1.Loss) for loss in found], page=page)
