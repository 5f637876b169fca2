"""The entry: the events of any contract, by its type."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, localcontext

from zhongtai.kernel.actus import amortizers, called, credit, exchange, lax, options, pam, simple
from zhongtai.kernel.actus.checks import check_terms
from zhongtai.kernel.actus.codes import ContractType
from zhongtai.kernel.actus.contract import Contract, Logic
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import Observed
from zhongtai.kernel.actus.terms import Terms
from zhongtai.kernel.refusals import Invalid

# Thirty-eight digits are what two machine words hold: terms are exact, and a year fraction or a compound rate over
# fifty years stays exact to more than twenty places.
_DIGITS = Context(prec=38, rounding=ROUND_HALF_EVEN)
_LOGIC: dict[ContractType, type[Logic]] = {
    **pam.TYPES,
    **amortizers.TYPES,
    **lax.TYPES,
    **called.TYPES,
    **simple.TYPES,
    **exchange.TYPES,
    **options.TYPES,
    **credit.TYPES,
}


class ContractTypeNotSupported(Invalid):
    """Contracts of type {contract_type} are not evaluated here: use one of {supported}.

    不支持{contract_type}类型的合约：请使用{supported}之一。
    """

    contract_type: str
    supported: str


def cash_flows(terms: Terms, observed: Observed, until: datetime | None = None) -> tuple[Event, ...]:
    """The events of a contract after its status date up to `until` (included), in order, with the state after each.

    `observed` holds the market and the unscheduled events of it and of the contracts it is composed of. Raises
    `ContractTypeNotSupported`, `TermsContradict`, `TermMissing`, `MarketNotObserved`.
    """
    logic = _LOGIC.get(terms.contract_type)
    if logic is None:
        raise ContractTypeNotSupported(contract_type=terms.contract_type, supported=", ".join(sorted(_LOGIC)))
    check_terms(terms)
    with localcontext(_DIGITS):
        return logic(Contract(terms, observed, until, cash_flows)).events()
