"""Loans taken over from elsewhere (存量贷款移植): what a row of a file says, and by which rules it is a loan of ours.

A loan under way lands with its opening balance: the principal outstanding, of it what is in arrears, and the last due
date, up to which interest was charged. What remains to be paid is the schedule of the months that remain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from zhongtai.credit.product.domain import Product
from zhongtai.kernel.cells import CellMustNotBeEmpty, Cells
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.kernel.schedule import Amortisation, months_later
from zhongtai.kernel.schedule_batches import Terms
from zhongtai.kernel.tabular import Content, Field, Layout

LAYOUT = Layout(
    (
        Field("reference"),
        Field("customer_id"),
        Field("product_id"),
        Field("product_version", Content.WHOLE, required=False),
        Field("account_id"),
        Field("limit_id", required=False),
        Field("decision_id", required=False),
        Field("grade", required=False, longest=16),
        Field("currency"),
        Field("principal", Content.AMOUNT),
        Field("outstanding", Content.AMOUNT),
        Field("nominal_interest_rate", Content.DECIMAL),
        Field("annual_percentage_rate", Content.DECIMAL),
        Field("transfer_rate", Content.DECIMAL, required=False),
        Field("term_months", Content.WHOLE),
        Field("start_date", Content.DATE),
        Field("last_due_date", Content.DATE),
        Field("arrears_principal", Content.AMOUNT, required=False),
        Field("arrears_interest", Content.AMOUNT, required=False),
        Field("arrears_since", Content.DATE, required=False),
    )
)
NAMES = tuple(one.name for one in LAYOUT.fields)
_REQUIRED = tuple(one.name for one in LAYOUT.fields if one.required)
_TEXTS = tuple((one.name, one.longest) for one in LAYOUT.fields if one.content is Content.TEXT)
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class ImportedLoanNotFound(Missing):
    """No loan was imported by the reference {reference}: check it.

    没有以{reference}导入的贷款：请核对。
    """

    reference: str


class ProductVersionNotFound(Missing):
    """The product {product_id} has no version {version}: give one that was published, or none.

    产品{product_id}没有版本{version}：请填写已发布的版本，或留空。
    """

    product_id: str
    version: int


class ProductMustFollowSchedule(Unmet):
    """Loans of {product_id} are kept by accounts, which are not taken over: use a product without conventions.

    产品{product_id}的贷款由贷款账户管理，不支持中途移植：请使用无服务约定的产品。
    """

    product_id: str


class OutstandingMustBeOfPrincipal(Invalid):
    """{outstanding} is outstanding of {principal}: it is above zero, and not above what was lent.

    贷款余额{outstanding}、本金{principal}：余额须大于零且不超过本金。
    """

    outstanding: Money
    principal: Money


class StartMustNotBeAhead(Unmet):
    """The loan began on {start_date}, after today, {today}: take it over once it was paid out.

    贷款起息日{start_date}晚于今日{today}：请在放款后移植。
    """

    start_date: date
    today: date


class LastDueDateMustBeOfSchedule(Invalid):
    """The last due date is {last_due_date}: give {expected}, or another due date from {start_date} to today.

    上一到期日为{last_due_date}：请填写{expected}，或自{start_date}至今日之间的其他到期日。
    """

    last_due_date: date
    expected: date
    start_date: date


class ArrearsMustBeOfOutstanding(Invalid):
    """{arrears} of principal is in arrears of {outstanding}: arrears are not below zero, nor above what is outstanding.

    逾期本金{arrears}、贷款余额{outstanding}：逾期金额不得小于零，逾期本金不得超过余额。
    """

    arrears: Money
    outstanding: Money


class ArrearsMustHaveBeenDue(Invalid):
    """The arrears are since {since}: give the oldest unpaid due date, after {start_date} and not after {last_due_date}.

    逾期起始日为{since}：请填写最早未还的到期日，须晚于{start_date}且不晚于{last_due_date}。
    """

    since: str
    start_date: date
    last_due_date: date


class PrincipalMustBeInArrearsAtMaturity(Invalid):
    """The loan ended on {maturity_date} and {left} is neither paid nor in arrears: put it in arrears.

    贷款已于{maturity_date}到期，仍有{left}未还且未列为逾期：请列为逾期本金。
    """

    maturity_date: date
    left: Money


class ReferenceMustNotRepeat(Invalid):
    """The reference {reference} stands on line {line} too: keep one of them.

    编号{reference}在第{line}行重复：请只保留一行。
    """

    reference: str
    line: int


class ReferenceAlreadyImported(Taken):
    """The reference {reference} became the loan {loan_id} already: leave the row out.

    编号{reference}已导入为贷款{loan_id}：请删除该行。
    """

    reference: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan under way, as a row tells it; `elapsed_months` of its term are over by the last due date."""

    line: int
    reference: str
    customer_id: str
    product: Product
    account_id: str
    limit_id: str
    decision_id: str
    grade: str
    principal: Money
    outstanding: Money
    nominal_interest_rate: Decimal
    annual_percentage_rate: Decimal
    transfer_rate: Decimal | None
    term_months: int
    elapsed_months: int
    start_date: date
    last_due_date: date
    arrears_principal: Money
    arrears_interest: Money
    arrears_since: date | None

    @property
    def to_come(self) -> Money:
        """The principal that is not due yet."""
        return self.outstanding - self.arrears_principal

    @property
    def maturity_date(self) -> date:
        """The last due date of its contract."""
        return months_later(self.start_date, self.term_months)

    @property
    def manner(self) -> tuple[DayCount, Amortisation]:
        """How its days count and how it repays."""
        return self.product.day_count, self.product.amortisation

    @property
    def terms(self) -> Terms:
        """What decides the schedule of what is not due yet."""
        return Terms(
            principal=self.to_come.minor_units,
            nominal_interest_rate=self.nominal_interest_rate,
            term_months=self.term_months,
            start=self.start_date,
            elapsed_months=self.elapsed_months,
        )


@dataclass(frozen=True, slots=True)
class LoanReference:
    """Which loan a reference became; there is no such loan before its row has landed."""

    reference: str
    import_id: str
    line: int
    loan_id: str
    opening: Money


@dataclass(frozen=True, slots=True)
class Batch:
    """The loans of one currency that landed in one piece: those of the import on these lines."""

    batch_id: str
    import_id: str
    first_line: int
    last_line: int
    opening: Money

    def booked(self, minor_units: int) -> int:
        """1 where the ledger booked exactly this batch, -1 where it took it back, 0 where it booked something else."""
        whole = self.opening.minor_units
        return (minor_units == whole) - (minor_units == -whole)


@dataclass(frozen=True, slots=True)
class ImportedLoan:
    """A loan as it was taken over; what is unpaid of it in columns, days after the one before, in minor units."""

    loan_id: str
    reference: str
    customer_id: str
    product_id: str
    account_id: str
    limit_id: str
    limit_granted: Money | None
    product_line: str
    grade: str
    principal: Money
    outstanding: Money
    nominal_interest_rate: Decimal
    transfer_rate: Decimal | None
    day_count: DayCount
    start_date: date
    first_due_date: date
    due_days_later: tuple[int, ...]
    principal_minor_units: tuple[int, ...]
    interest_minor_units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoansImported:
    """Loans of one currency were taken over in one piece."""

    batch_id: str
    import_id: str
    imported_on: date
    outstanding: Money
    loans: tuple[ImportedLoan, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers of what comes of the rows of an import: as long as others, in the order of the lines, for ever.

    They begin with the instant of the import, as all do; eight letters tell it from other imports, eight are the line.
    """

    head: str

    @classmethod
    def of(cls, import_id: str) -> "Names":
        """The names of an import."""
        own = int.from_bytes(sha256(import_id.encode()).digest()[:5], "big")
        return cls(import_id.rpartition("_")[2][:10] + _letters(own))

    def name(self, prefix: str, line: int) -> str:
        """The id of what comes of a line."""
        return f"{prefix}_{self.head}{_letters(line)}"


def loan_row(
    line: int, cells: Cells, product_of: Callable[[str, int | None, date], Product], *, today: date
) -> LoanRow | None:
    """The loan that a row tells, or None where something is wrong, which is then noted with the cells."""
    for name in _REQUIRED:
        if not cells.values[name]:
            cells.refuse(name, CellMustNotBeEmpty(field=name))
    texts: dict[str, Any] = {name: cells.text(name, longest) for name, longest in _TEXTS}
    currency = cells.currency("currency")
    read: dict[str, Any] = {
        "principal": cells.amount("principal", currency),
        "outstanding": cells.amount("outstanding", currency),
        "nominal_interest_rate": cells.rate("nominal_interest_rate"),
        "annual_percentage_rate": cells.rate("annual_percentage_rate"),
        "transfer_rate": cells.decimal("transfer_rate"),
        "term_months": cells.whole("term_months"),
        "start_date": cells.date("start_date"),
        "last_due_date": cells.date("last_due_date"),
        "arrears_principal": cells.amount("arrears_principal", currency),
        "arrears_interest": cells.amount("arrears_interest", currency),
        "arrears_since": cells.date("arrears_since"),
    }
    version = cells.whole("product_version")
    if cells.wrong:
        return None
    product = cells.held("product_id", lambda: product_of(texts["product_id"], version, read["start_date"]))
    if product is None:
        return None
    nothing = Money(currency, 0)
    for name in ("arrears_principal", "arrears_interest"):
        read[name] = read[name] or nothing
    _check_terms(cells, product, read, today)
    elapsed = None if cells.wrong else _elapsed(cells, read, product, today)
    if elapsed is None:
        return None
    del texts["product_id"], texts["currency"]
    row = LoanRow(line=line, product=product, elapsed_months=elapsed, **texts, **read)
    _check_arrears(cells, row)
    return None if cells.wrong else row


def _check_terms(cells: Cells, product: Product, read: dict[str, Any], today: date) -> None:
    principal, outstanding, start = read["principal"], read["outstanding"], read["start_date"]
    if product.servicing is not None:
        cells.refuse("product_id", ProductMustFollowSchedule(product_id=product.product_id))
    cells.held("principal", lambda: product.must_allow(principal, read["term_months"]))
    if not 0 < outstanding.minor_units <= principal.minor_units:
        cells.refuse("outstanding", OutstandingMustBeOfPrincipal(outstanding=outstanding, principal=principal))
    if start > today:
        cells.refuse("start_date", StartMustNotBeAhead(start_date=start, today=today))


def _elapsed(cells: Cells, read: dict[str, Any], product: Product, today: date) -> int | None:
    """How many months of the term are over by the last due date, which must be one."""
    start: date = read["start_date"]
    last: date = read["last_due_date"]
    term: int = read["term_months"]
    single = product.amortisation is Amortisation.BULLET
    months = min(max((last.year - start.year) * 12 + last.month - start.month, 0), term)
    expected = months_later(start, months)
    if single and expected != months_later(start, term):
        months, expected = 0, start
    if last != expected or last > today:
        refusal = LastDueDateMustBeOfSchedule(last_due_date=last, expected=expected, start_date=start)
        cells.refuse("last_due_date", refusal)
        return None
    return months


def _check_arrears(cells: Cells, row: LoanRow) -> None:
    principal, interest = row.arrears_principal, row.arrears_interest
    if min(principal.minor_units, interest.minor_units) < 0 or principal > row.outstanding:
        cells.refuse("arrears_principal", ArrearsMustBeOfOutstanding(arrears=principal, outstanding=row.outstanding))
        return
    since = row.arrears_since
    if bool(principal or interest) != (since is not None and row.start_date < since <= row.last_due_date):
        refusal = ArrearsMustHaveBeenDue(
            since=since.isoformat() if since else "-", start_date=row.start_date, last_due_date=row.last_due_date
        )
        cells.refuse("arrears_since", refusal)
    if row.elapsed_months == row.term_months and row.to_come:
        cells.refuse(
            "arrears_principal", PrincipalMustBeInArrearsAtMaturity(maturity_date=row.maturity_date, left=row.to_come)
        )


def _letters(number: int) -> str:
    """Eight letters of forty bits."""
    return "".join([_LETTERS[number >> shift & 31] for shift in range(35, -1, -5)])
