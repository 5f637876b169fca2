"""What customers arranged about payments: standing orders, escrows, requests to pay, collection agreements, FX deals.

They look alike: each is listed, shown with what was told of it, and some acts end it or move it on. So one table says
what each is, and the pages are the same for all; what a field is called, and how it reads, follows from the contract.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from markupsafe import Markup
from starlette.responses import Response

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console import formats
from zhongtai.gateway.console.language import Words
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Page, Visit
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import collection_agreement_pb2, escrow_pb2, fx_deal_pb2, standing_order_pb2
from zhongtai.operations.v1 import payment_request_pb2 as request_pb2
from zhongtai.operations.v1.payment_pb2 import OutsideParty
from zhongtai.reporting.v1 import fact_pb2
from zhongtai.runtime import contracts

ROWS = 25
MOST = 200
PARTIES = tuple(name.removeprefix("ESCROW_PARTY_") for name in escrow_pb2.EscrowParty.keys()[1:])


@dataclass(frozen=True, slots=True)
class Act:
    """A button: what it asks for, while the arrangement stands how, and what the person says beside it."""

    request: type[Message]
    when: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One kind of arrangement; `noun` is its name in the contract, by which ids, replies and lists are called."""

    noun: str
    listing: type[Message]
    getting: type[Message]
    filters: tuple[str, ...]
    columns: tuple[str, ...]
    acts: Mapping[str, Act]

    @property
    def path(self) -> str:
        """Where its pages are, `standing-orders`."""
        return f"{self.noun}s".replace("_", "-")

    @property
    def key(self) -> str:
        """The field of its id."""
        return f"{self.noun}_id"


KINDS = (
    Arrangement(
        "standing_order",
        standing_order_pb2.ListStandingOrdersRequest,
        standing_order_pb2.GetStandingOrderRequest,
        ("customer_id",),
        ("customer_id", "creditor_account_id", "amount", "frequency", "next_date", "paid_count", "missed_count"),
        {"end": Act(standing_order_pb2.EndStandingOrderRequest, "ACTIVE")},
    ),
    Arrangement(
        "escrow",
        escrow_pb2.ListEscrowsRequest,
        escrow_pb2.GetEscrowRequest,
        ("account_id",),
        ("payer_account_id", "payee_account_id", "amount", "released", "returned", "expires_on"),
        {
            "release": Act(escrow_pb2.ReleaseEscrowRequest, "OPEN", ("amount", "party")),
            "return": Act(escrow_pb2.ReturnEscrowRequest, "OPEN", ("amount", "party")),
        },
    ),
    Arrangement(
        "payment_request",
        request_pb2.ListPaymentRequestsRequest,
        request_pb2.GetPaymentRequestRequest,
        ("debtor_account_id",),
        ("debtor_account_id", "creditor_account_id", "amount", "expires_at"),
        {
            "accept": Act(request_pb2.AcceptPaymentRequestRequest, "PRESENTED", ("ordered_by",)),
            "refuse": Act(request_pb2.RefusePaymentRequestRequest, "PRESENTED", ("reason_code",)),
            "withdraw": Act(request_pb2.WithdrawPaymentRequestRequest, "PRESENTED"),
        },
    ),
    Arrangement(
        "collection_agreement",
        collection_agreement_pb2.ListCollectionAgreementsRequest,
        collection_agreement_pb2.GetCollectionAgreementRequest,
        ("customer_id", "creditor_account_id"),
        ("customer_id", "creditor_account_id", "up_to", "per_month", "collected", "ends_on"),
        {"end": Act(collection_agreement_pb2.EndCollectionAgreementRequest, "ACTIVE")},
    ),
    Arrangement(
        "fx_deal",
        fx_deal_pb2.ListFxDealsRequest,
        fx_deal_pb2.GetFxDealRequest,
        ("customer_id",),
        ("customer_id", "sold", "bought", "rate", "expires_at"),
        {
            "deal": Act(fx_deal_pb2.DealFxRequest, "QUOTED"),
            "cancel": Act(fx_deal_pb2.CancelFxQuoteRequest, "QUOTED"),
        },
    ),
)


async def listed(kind: Arrangement, visit: Visit) -> Response:
    """The arrangements of a kind that the filters ask for, the newest first."""
    filters = {name: visit.query.get(name, "").strip() for name in kind.filters}
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""), newest_first=True)
    return visit.show(
        "arrangements.html",
        told=await visit.told(kind.listing(**filters, page=page)),
        kind=kind,
        kinds=KINDS,
        filters=filters,
        state=state,
        cell=partial(cell, visit.words),
    )


async def one(kind: Arrangement, visit: Visit) -> Response:
    """One arrangement with what was told of it, and what may be done with it now."""
    return await _show(kind, visit)


async def act(kind: Arrangement, visit: Visit) -> Response:
    """Does what a button asks for; a refusal stands above the arrangement."""
    fields, verb = await visit.form(), visit.request.path_params["verb"]
    if verb not in kind.acts:
        raise NothingHere(name=verb[:40])
    key = visit.request.path_params["key"]
    try:
        request = _asked(kind, kind.acts[verb], key, fields)
    except Refusal as refusal:
        return await _show(kind, visit, refusal)
    told = await visit.act(request)
    if not told:
        return await _show(kind, visit, told.refusal)
    return visit.go(f"{kind.path}/{key}", done=verb)


async def _show(kind: Arrangement, visit: Visit, refusal: Refusal | None = None) -> Response:
    key = visit.request.path_params["key"]
    reply: Any = await visit.console.given.calls.call(kind.getting(**{kind.key: key}), visit.call())
    found: Message = getattr(reply, kind.noun)
    may = {
        verb: one
        for verb, one in kind.acts.items()
        if one.when == state(found) and visit.may(contracts.method_of(one.request()))
    }
    done = visit.query.get("done", "")
    return visit.show(
        "arrangement.html",
        kind=kind,
        key=key,
        state=state(found),
        lines=list(_lines(kind, visit.words, found)),
        facts=await visit.told(fact_pb2.ListFactsRequest(key=key, page=PageRequest(size=MOST))),
        acts=may,
        parties=PARTIES,
        currency=found.amount.currency_code if "amount" in found.DESCRIPTOR.fields_by_name else "",  # type: ignore[attr-defined]
        refusal=refusal,
        done=done if done in kind.acts else "",
        # The id is the form's: a form that is sent twice asks once.
        new_id=lambda: visit.console.ids.new("req"),
    )


def state(found: Message) -> str:
    """How an arrangement stands, `ACTIVE`."""
    field = found.DESCRIPTOR.fields_by_name["status"]
    return _name(field.enum_type, found.status)  # type: ignore[attr-defined]


def cell(words: Words, found: Message, name: str) -> Markup | str:
    """A field of an arrangement as a person reads it; ids of accounts and payment orders' ids lead there."""
    field, value = found.DESCRIPTOR.fields_by_name[name], getattr(found, name)
    if field.enum_type:
        stated = value if field.is_repeated else [value]
        names = [_name(field.enum_type, number) for number in stated]
        return ", ".join(words.known(f"arrangement.value.{one}", one) for one in names) or formats.NOTHING
    match value:
        case bool():
            return words("closing.yes") if value else words("closing.no")
        case int():
            return str(value)
        case MoneyMessage():
            return formats.money(value)
        case Date():
            return formats.day(value)
        case Timestamp():
            return formats.instant(value)
        case Decimal():
            return str(value.value)
        case OutsideParty():
            return " · ".join(part for part in (value.name, value.account, value.agent) if part) or formats.NOTHING
        case str() if value and name.endswith("account_id"):
            return Markup('<a href="/console/accounts/{0}"><code>{0}</code></a>').format(value)
        case str():
            return value or formats.NOTHING
        case _:
            return ", ".join(map(str, value)) or formats.NOTHING


def _lines(kind: Arrangement, words: Words, found: Message) -> Iterator[tuple[str, Markup | str]]:
    """The name and the text of each field but the id and the state, which stand above."""
    for field in found.DESCRIPTOR.fields:
        if field.name not in (kind.key, "status"):
            yield field.name, cell(words, found, field.name)


def _name(kind: Any, number: int) -> str:
    """The name of a value of an enumeration without the prefix of all, which its first one tells."""
    values = kind.values_by_number
    known = values.get(number)
    return known.name.removeprefix(values[0].name.removesuffix("UNSPECIFIED")) if known else ""


def _asked(kind: Arrangement, pressed: Act, key: str, fields: Mapping[str, str]) -> Message:
    request: Any = pressed.request(request_id=fields.get("request_id", ""), **{kind.key: key})
    for name in pressed.fields:
        said = fields.get(name, "").strip()
        match name:
            case "amount":
                amount = Money.parse(f"{fields.get('currency', '')} {said}")
                request.amount.CopyFrom(MoneyMessage(currency_code=amount.currency, minor_units=amount.minor_units))
            case "party":
                request.party = f"ESCROW_PARTY_{said if said in PARTIES else 'UNSPECIFIED'}"
            case "ordered_by":
                request.ordered_by.extend(said.replace(",", " ").split())
            case _:
                setattr(request, name, said)
    return request  # type: ignore[no-any-return]


def _pages(suffix: str, page: Callable[[Arrangement, Visit], Awaitable[Response]]) -> dict[str, Page]:
    return {f"/console/{kind.path}{suffix}": partial(page, kind) for kind in KINDS}


PAGES: dict[str, Page] = {**_pages("", listed), **_pages("/{key}", one)}
ACTS: dict[str, Page] = _pages("/{key}/{verb}", act)
