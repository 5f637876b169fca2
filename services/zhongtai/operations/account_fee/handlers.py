"""The RPCs of fees."""

from operator import attrgetter

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import AccountStatus
from zhongtai.operations.account_fee import store
from zhongtai.operations.account_fee.domain import AccountFee, AccountFeeStatus, FeeWaiver, in_force, must_be_chargeable
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.v1 import account_fee_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def quote_fee(request: v1.QuoteFeeRequest, view: View) -> v1.QuoteFeeResponse:
    """What something would cost."""
    account = must_be_chargeable(account_store.accounts.load(view, request.account_id))
    basis = money_of(request.basis) if request.HasField("basis") else None
    return message_of(store.quoted(view, account, request.event, basis), v1.QuoteFeeResponse)


@rpc
def charge_fee(request: v1.ChargeFeeRequest, unit: Unit) -> v1.ChargeFeeResponse:
    """Charges an account, once for each subject."""
    account = must_be_chargeable(account_store.accounts.load(unit, request.account_id))
    quote = store.quoted(unit, account, request.event, money_of(request.basis) if request.HasField("basis") else None)
    present = store.of_subject(unit, quote.tariff.tariff, request.subject)
    if present:
        fee = present.must_be_for(account.account_id, quote.basis)
    else:
        fee = AccountFee.of(unit.new_id("fee"), account.account_id, request.subject, quote, unit.business_date)
        fee = _taken(unit, fee)
        store.fees.add(unit, fee)
        unit.record(fee.arose())
    return v1.ChargeFeeResponse(account_fee_id=fee.account_fee_id, account_fee=message_of(fee, v1.AccountFee))


@rpc
def refund_fee(request: v1.RefundFeeRequest, unit: Unit) -> v1.RefundFeeResponse:
    """Gives a fee back."""
    before = store.fees.load(unit, request.account_fee_id)
    after = before.refunded()
    if after != before:
        if before.status is AccountFeeStatus.CHARGED:
            _post(unit, "REFUNDED", before)
        store.fees.save(unit, after)
        unit.record(after.moved())
    return v1.RefundFeeResponse(account_fee=message_of(after, v1.AccountFee))


@rpc
def collect_due_fees(request: v1.CollectDueFeesRequest, unit: Unit) -> v1.CollectDueFeesResponse:
    """Takes the next fees that are owed where the money is there by now."""
    owed = store.due(unit, request.position)
    collected = 0
    for before in owed:
        after = _taken(unit, before)
        if after != before:
            store.fees.save(unit, after)
            unit.record(after.moved())
            collected += 1
    return v1.CollectDueFeesResponse(next_position=owed[-1].account_fee_id if owed else "", collected=collected)


@rpc
def grant_fee_waiver(request: v1.GrantFeeWaiverRequest, unit: Unit) -> v1.GrantFeeWaiverResponse:
    """Waives the fees of an account for a time."""
    account = must_be_chargeable(account_store.accounts.load(unit, request.account_id))
    waiver = FeeWaiver(unit.new_id("fwv"), account.account_id, request.event, date_of(request.ends_on), request.reason)
    granted = waiver.granted(unit.business_date)
    store.waivers.add(unit, waiver)
    unit.record(granted)
    return v1.GrantFeeWaiverResponse(fee_waiver_id=waiver.fee_waiver_id)


@rpc
def list_account_fees(request: v1.ListAccountFeesRequest, view: View) -> v1.ListAccountFeesResponse:
    """The fees of an account."""
    found, page = store.fees.page(view, request.page, store.FEE.c.account_id == request.account_id)
    return v1.ListAccountFeesResponse(account_fees=[message_of(fee, v1.AccountFee) for fee in found], page=page)


@rpc
def list_fee_tariffs(request: v1.ListFeeTariffsRequest, view: View) -> v1.ListFeeTariffsResponse:
    """The tariff of the day."""
    tariffs = in_force(store.TARIFFS, view.business_date)
    return v1.ListFeeTariffsResponse(tariffs=[message_of(tariff, v1.FeeTariff) for tariff in tariffs])


def _taken(unit: Unit, fee: AccountFee) -> AccountFee:
    """The fee, charged where the account can pay it now."""
    account = account_store.accounts.load(unit, fee.account_id)
    able = account.status is AccountStatus.ACTIVE and (account.floor is None or fee.fee <= account.available(unit.now))
    return fee.charged(_post(unit, "CHARGED", fee)) if fee.status is AccountFeeStatus.DUE and able else fee


def _post(unit: Unit, rule: str, fee: AccountFee) -> str:
    draft = store.RULES[rule].draft(unit.new_id("ent"), lambda path: attrgetter(path)(fee))
    assert draft, "a fee above nothing"
    (entry,) = ledger_store.post(unit, [draft])
    return entry.entry_id
