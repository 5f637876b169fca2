"""The credit service as the account under test: every operation is one of its RPCs, everything seen is what it tells.

The service runs in process on a store of its own (SQLite). Terms become a product of their conventions and an
application; references of the harness (`op3`) become the ids the service gave, and back.
"""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Self

from google.protobuf.message import Message

from tests.cases.fineract.asked import PREVIEWS, REQUESTS, apply_for, money, product_of, request_of
from tests.cases.fineract.engine import CHARGE_BASIS_WORDS, CHARGE_TIME_WORDS, CHART
from tests.cases.fineract.told import PARTS, chronological, loan_status, optional_date, schedule_row, transaction_row
from tests.cases.fineract.views import AccountView, ChargeRow, Delinquency, JournalLine, ScheduleRow
from zhongtai.credit.v1 import limit_pb2, loan_account_pb2, loan_payment_pb2, product_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.operations import AddCharge, Operation
from zhongtai.kernel.servicing.postings import BY_ROLE, Role
from zhongtai.kernel.servicing.terms import Charge, Terms
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import date_message, date_of
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

PAGE = 500
LISTED = {method.request_type: tuple(method.operation.refusals) for method in contracts.methods("credit")}
OF_ANY_RPC = ("REQUEST_INVALID", "INTERNAL", "DEADLINE_EXCEEDED")


class CreditService:
    """The credit service on a fresh store, and a loop to call it from plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self.numbers = count(1)
        self.told = 0
        self.postings: dict[str, list[Any]] = {}

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        entering = self._stack.enter_async_context(opened("credit", fresh_sqlite("credit", folder)))
        self.door: Door = self._loop.run_until_complete(entering)
        return self

    def __exit__(self, *raised: object) -> None:
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()

    def call(self, request: Message) -> Any:
        """The reply; raises what the service refuses with, which its contract must list."""
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            request.request_id = f"request-{next(self.numbers)}"  # type: ignore[attr-defined]
        try:
            return self._loop.run_until_complete(self.door.call(request))
        except Refusal as refusal:
            if refusal.reason not in (*LISTED[type(request)], *OF_ANY_RPC):
                raise LookupError(f"{refusal.reason} is not in the contract of {type(request).__name__}") from refusal
            raise

    def posted(self, transaction: str) -> list[Any]:
        """What the events so far posted for a transaction, in order."""
        while envelopes := self._loop.run_until_complete(self.door.service.store.outbox_after(self.told, 1000)):
            self.told = envelopes[-1].sequence
            for envelope in envelopes:
                if envelope.subject == loan_account_pb2.LoanAccountChanged.DESCRIPTOR.full_name:
                    changed = loan_account_pb2.LoanAccountChanged.FromString(envelope.payload)
                    for posting in changed.postings:
                        self.postings.setdefault(posting.transaction_id, []).append(posting)
        return self.postings.get(transaction, [])


class ServiceDriver:
    """One loan of the credit service."""

    def __init__(self, service: CreditService) -> None:
        self.service = service
        self.ids: dict[str, str] = {}

    def open(self, terms: Terms) -> None:
        self.terms = terms
        self.charges: dict[str, Charge] = {f"terms/{n}": charge for n, charge in enumerate(terms.charges, 1)}
        number = next(self.service.numbers)
        self.service.door.today(max(terms.submitted_on, date(2020, 1, 1)))
        product_id, customer_id = f"case_{number}", f"cus_{number}"
        self.service.call(product_pb2.PublishProductRequest(product=product_of(product_id, terms)))
        amount = money(terms.principal, terms)
        granted = self.service.call(
            limit_pb2.GrantLimitRequest(customer_id=customer_id, product_line="cases", amount=amount)
        )
        held = self.service.call(limit_pb2.HoldLimitRequest(limit_id=granted.limit_id, amount=amount))
        request = loan_account_pb2.OpenLoanAccountRequest(
            customer_id=customer_id,
            product_id=product_id,
            principal=amount,
            account_id="acc_1",
            limit_id=granted.limit_id,
            hold_id=held.hold_id,
        )
        self.loan_id = self.service.call(apply_for(request, terms)).loan_id

    def apply(self, operation: Operation) -> None:
        self.service.door.today(operation.booked_on)
        request: Any = self._request(operation, REQUESTS)
        if isinstance(operation, do.PayOff):
            quote = loan_payment_pb2.QuoteAccountPayOffRequest(loan_id=self.loan_id, on=date_message(operation.dated))
            total = self.service.call(quote).total
            request.amount.CopyFrom(total)
        reply = self.service.call(request)
        self.ids[operation.reference] = reply.operation_id
        if isinstance(operation, AddCharge):
            self.charges[reply.operation_id] = operation.charge

    def preview(self, operation: Operation) -> Sequence[ScheduleRow]:
        self.service.door.today(operation.booked_on)
        return [schedule_row(line) for line in self.service.call(self._request(operation, PREVIEWS)).plan]

    def view(self, on: date) -> AccountView:
        shown = self.service.call(loan_account_pb2.GetLoanAccountRequest(loan_id=self.loan_id, on=date_message(on)))
        late = shown.arrears
        named = {given: reference for reference, given in self.ids.items()}
        return AccountView(
            status=loan_status(shown.loan.status),
            outstanding=sum(getattr(shown.owed, part).minor_units for part in PARTS),
            overpaid=shown.overpaid.minor_units,
            schedule=tuple(map(schedule_row, shown.plan)),
            transactions=tuple(transaction_row(one, named) for one in self.transactions()),
            charges=tuple(self.charge_row(row) for row in shown.charges),
            total_overdue=late.overdue.minor_units,
            delinquency=Delinquency(
                range=late.range or None,
                since=optional_date(late, "delinquent_since"),
                amount=late.amount.minor_units,
                days=late.delinquent_days,
                past_due_days=late.past_due_days,
                past_due_date=optional_date(late, "past_due_since"),
                pauses=tuple((date_of(one.start_on), date_of(one.end_on)) for one in late.pauses),
                instalments=tuple((one.range, one.amount.minor_units) for one in late.by_instalment),
            ),
        )

    def transactions(self) -> list[Any]:
        """The transaction table, in the order of its days."""
        found, token = [], ""
        while True:
            request = loan_account_pb2.ListLoanTransactionsRequest(loan_id=self.loan_id)
            request.page.size, request.page.token = PAGE, token
            reply = self.service.call(request)
            found += reply.transactions
            token = reply.page.next_token
            if not token:
                return sorted(found, key=chronological)

    def journal(self, transaction: str) -> Sequence[JournalLine]:
        found: list[JournalLine] = []
        for posting in self.service.posted(transaction):
            sums: dict[tuple[str, str, str], int] = {}
            for leg in posting.legs:
                role = leg.role if TransactionType[posting.kind] in BY_ROLE else ""
                key = (CHART[Role(leg.role)], leg.side, role)
                sums[key] = sums.get(key, 0) + leg.amount.minor_units
            found += [
                JournalLine(account, amount if side == "DEBIT" else 0, amount if side == "CREDIT" else 0)
                for (account, side, _), amount in sums.items()
            ]
        return found

    def _request(self, operation: Operation, kinds: Mapping[type[Operation], type[Message]]) -> Message:
        return request_of(operation, kinds[type(operation)], self.loan_id, self.ids, self.terms)

    def charge_row(self, row: Any) -> ChargeRow:
        """A charge in the scenarios' words."""
        charge = self.charges[row.charge_id]
        return ChargeRow(
            id=row.charge_id,
            name=row.name,
            penalty=row.penalty,
            time=CHARGE_TIME_WORDS[charge.time],
            due_date=optional_date(row, "due_on"),
            calculation=CHARGE_BASIS_WORDS[charge.basis],
            due=row.due.minor_units,
            paid=row.paid.minor_units,
            waived=row.waived.minor_units,
            outstanding=row.outstanding.minor_units,
        )
