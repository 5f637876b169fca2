"""The RPC of tax on interest."""

from zhongtai.operations.interest_tax import store
from zhongtai.operations.v1 import interest_tax_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import View, rpc


@rpc
def list_interest_tax_rates(request: v1.ListInterestTaxRatesRequest, view: View) -> v1.ListInterestTaxRatesResponse:
    """The rates by period, and whose interest they are for."""
    return v1.ListInterestTaxRatesResponse(
        rates=[message_of(rate, v1.InterestTaxRate) for rate in store.RATES],
        account_products=sorted(store.ACCOUNT_PRODUCTS),
    )
