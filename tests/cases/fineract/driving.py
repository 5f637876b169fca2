"""Drives an account through a timeline and notes where it is not what the scenario expects."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from tests.cases.fineract import comparing
from tests.cases.fineract.operations import NotSupported, Story, operation_of, re_age, re_amortize
from tests.cases.fineract.records import Case, Entry, Library
from tests.cases.fineract.rejections import attempted
from tests.cases.fineract.terms import terms_of
from tests.cases.fineract.views import AccountView, JournalLine, ScheduleRow
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import Terms


class Driver(Protocol):
    """One loan account under test."""

    def open(self, terms: Terms) -> None:
        """Takes the application; called once, first."""

    def apply(self, operation: Operation) -> None:
        """Does it. Raises a Refusal, which must leave no trace."""

    def preview(self, operation: Operation) -> Sequence[ScheduleRow]:
        """The schedule as it would be after the operation, which is not done."""

    def view(self, on: date) -> AccountView:
        """The account's tables on a business date."""

    def journal(self, transaction: str) -> Sequence[JournalLine]:
        """The journal of a transaction."""


@dataclass(frozen=True)
class Difference:
    """Something other than expected: the entry's place in the timeline, what was looked at, after which step."""

    place: int
    expectation: str
    after: str
    problem: str

    @property
    def reason(self) -> str:
        """The kind of difference, for counting."""
        return f"{self.expectation} after {self.after}"


@dataclass
class Outcome:
    """How a scenario went."""

    id: str
    file: str
    name: str
    product: str
    progressive: bool
    unsupported: str | None = None
    differences: list[Difference] = field(default_factory=list)
    first_schedule: bool | None = None
    checks: list[tuple[str, bool]] = field(default_factory=list)
    steps: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def result(self) -> str:
        """`passed`, `failed` or `not supported`; what failed before an unsupported step failed."""
        if self.differences:
            return "failed"
        return "not supported" if self.unsupported else "passed"


class Run:
    """One scenario on one account."""

    def __init__(self, case: Case, library: Library, driver: Driver) -> None:
        product = library.products.get(case.loan.get("product") or "", {})
        self.case, self.library, self.driver = case, library, driver
        self.story = Story(library, self.view)
        self.waiting: list[Operation] = []
        self.opened = False
        self.after = "the start"
        self.seen: AccountView | None = None
        self.previewed: Sequence[ScheduleRow] = ()
        progressive = product.get("loanScheduleType") == "PROGRESSIVE"
        self.outcome = Outcome(case.id, case.file, case.name, case.loan.get("product") or "", progressive)

    def view(self) -> AccountView:
        """The account's tables, read once after each operation."""
        if self.seen is None:
            self.seen = self.driver.view(self.story.today)
        return self.seen

    def play(self) -> Outcome:
        """Plays the timeline to its end, or to the first step that fails or is not supported."""
        for place, entry in enumerate(self.case.timeline):
            try:
                if "expect" in entry:
                    self.expect(place, entry)
                else:
                    self.step(place, entry)
            except NotSupported as reason:
                self.outcome.unsupported = str(reason)
                break
            except OperationUnsupported as reason:
                self.outcome.unsupported = f"engine: {reason.operation}"
                break
            except Refusal as refusal:
                self.failed_step(place, entry, f"refused: {refusal}")
                break
            except Exception as defect:
                self.failed_step(place, entry, defect_text(defect))
                break
        return self.outcome

    def failed_step(self, place: int, entry: Entry, problem: str) -> None:
        """Notes a step that could not be done."""
        name = entry.get("op") or f"expect {entry['expect']}"
        self.outcome.steps.append((name, False))
        self.outcome.differences.append(Difference(place, f"step {name}", self.after, problem))

    def step(self, place: int, entry: Entry) -> None:
        """Does one step of the timeline."""
        name = entry["op"]
        if name == "business_date":
            self.seen = None
        if name == "UNKNOWN" and self.opened:
            problems = comparing.stated(entry["text"], entry.get("table"), self.view(), self.story.today)
            if problems is not None:
                self.noted(place, "stated", problems)
                return
        if name == "create_loan":
            self.open(entry)
        elif name in ("re_age_preview", "re_amortize_preview"):
            operation = re_age(entry, self.story) if name == "re_age_preview" else re_amortize(entry, self.story)
            self.previewed = self.driver.preview(operation)
        else:
            operation_done = operation_of(entry, self.story)
            if operation_done is not None:
                self.apply(operation_done)
        if name not in ("business_date", "client", "config_flag", "config_value"):
            self.after = name
            self.outcome.steps.append((name, True))

    def open(self, entry: Entry) -> None:
        """Takes the application, and what was set before there was one."""
        if self.opened:
            raise NotSupported("a second loan")
        product = self.library.products[entry["loan"]["product"]]
        self.driver.open(terms_of(product, entry["loan"], self.library, self.story.definitions))
        self.opened = True
        for operation in self.waiting:
            self.apply(operation)

    def apply(self, operation: Operation) -> None:
        """Does an operation, or keeps it until there is an account."""
        if not self.opened:
            self.waiting.append(operation)
            return
        self.seen = None
        self.driver.apply(operation)

    def expect(self, place: int, entry: Entry) -> None:
        """Holds one expectation against the account."""
        kind = entry["expect"]
        problems = self.problems(entry)
        if kind == "schedule" and self.outcome.first_schedule is None:
            self.outcome.first_schedule = not problems
        self.noted(place, kind, problems)

    def noted(self, place: int, kind: str, problems: Sequence[str]) -> None:
        """Notes how an expectation went."""
        self.outcome.checks.append((kind, not problems))
        if problems:
            self.outcome.differences.append(Difference(place, kind, self.after, "; ".join(problems)))

    def problems(self, entry: Entry) -> list[str]:
        """What is other than an expectation says."""
        if entry["expect"] == "rejected":
            return self.rejected(entry)
        if entry["expect"] == "preview_schedule":
            return comparing.schedule(entry, self.previewed)
        if entry["expect"] == "preview_total":
            return comparing.totals(entry, self.previewed)
        if entry["expect"] == "journal":
            return comparing.journal(entry, self.view().transactions, self.driver.journal)
        compare = COMPARISONS.get(entry["expect"])
        if compare is None:
            raise NotSupported(f"expectation {entry['expect']}")
        return compare(entry, self.view())

    def rejected(self, entry: Entry) -> list[str]:
        """An operation that must be refused, and leave no trace."""
        before = self.view()
        try:
            operation = attempted(entry, self.story)
            if operation is not None:
                self.apply(operation)
        except Refusal:
            self.seen = None
            return [] if self.view() == before else ["the refused operation left a trace"]
        return [f"not refused: {entry['step']}"]


COMPARISONS: dict[str, Callable[[Entry, AccountView], list[str]]] = {
    "schedule": lambda entry, view: comparing.schedule(entry, view.schedule),
    "schedule_total": lambda entry, view: comparing.totals(entry, view.schedule),
    "transactions": lambda entry, view: comparing.transactions(entry, view.transactions),
    "transactions_no_accruals": lambda entry, view: comparing.transactions(
        entry, [row for row in view.transactions if row.type not in comparing.ACCRUALS]
    ),
    "txn_reverted": lambda entry, view: comparing.reverted(entry, view.transactions),
    "charges": lambda entry, view: comparing.charges(entry, view.charges),
    "status": comparing.status,
    "closed_zero": lambda entry, view: comparing.closed(view),
    "outstanding": lambda entry, view: comparing.one_amount("outstanding", entry["value"], view.outstanding),
    "overpaid": lambda entry, view: comparing.one_amount("overpaid", entry["value"], view.overpaid),
    "total_overdue": lambda entry, view: comparing.one_amount("total overdue", entry["value"], view.total_overdue),
    "delinquency_range": comparing.delinquency_range,
    "delinquency_loan": comparing.delinquency_loan,
    "delinquency_installment": comparing.delinquency_instalments,
}


def defect_text(defect: Exception) -> str:
    """A defect and where it was raised."""
    last = traceback.extract_tb(defect.__traceback__)[-1]
    return f"defect: {type(defect).__name__}: {defect} ({Path(last.filename).name}:{last.lineno})"
