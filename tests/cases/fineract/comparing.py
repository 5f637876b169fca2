"""Holds what a scenario expects against what an account shows, by the suite's own rule.

Every expected row of a table must be among the actual rows of its date, and their count must be told. A figure the
scenario leaves empty is not held; a paid date left empty says the instalment is not paid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tests.cases.fineract.records import Entry, cents, day
from tests.cases.fineract.views import AccountView, ChargeRow, ScheduleRow, TransactionRow

SCHEDULE_AMOUNTS = (
    "balance", "principal", "interest", "fees", "penalties", "due",
    "paid", "in_advance", "late", "waived", "outstanding",
)  # fmt: skip
TRANSACTION_AMOUNTS = ("amount", "principal", "interest", "fees", "penalties", "balance", "overpayment")
ACCRUALS = {"Accrual", "Accrual Adjustment"}
STATUS_WORDS = {
    "Submitted and pending approval": "SUBMITTED_AND_PENDING_APPROVAL",
    "Approved": "APPROVED",
    "Active": "ACTIVE",
    "Overpaid": "OVERPAID",
    "Rejected": "REJECTED",
    "Withdrawn by applicant": "WITHDRAWN_BY_CLIENT",
    "Closed (obligations met)": "CLOSED_OBLIGATIONS_MET",
    "Closed (written off)": "CLOSED_WRITTEN_OFF",
}
TRANSACTION_WORDS = {
    "DISBURSEMENT": "Disbursement",
    "REPAYMENT": "Repayment",
    "DOWN_PAYMENT": "Down Payment",
    "GOODWILL_CREDIT": "Goodwill Credit",
    "PAYOUT_REFUND": "Payout Refund",
    "REFUND_BY_CASH": "Refund",
    "MERCHANT_ISSUED_REFUND": "Merchant Issued Refund",
    "CREDIT_BALANCE_REFUND": "Credit Balance Refund",
    "CHARGEBACK": "Chargeback",
    "ACCRUAL": "Accrual",
    "CHARGE_OFF": "Charge-off",
    "CHARGE_ADJUSTMENT": "Charge Adjustment",
    "INTEREST_PAYMENT_WAIVER": "Interest Payment Waiver",
    "REPAYMENT_AT_DISBURSEMENT": "Repayment (at time of disbursement)",
    "CAPITALIZED_INCOME": "Capitalized Income",
    "CAPITALIZED_INCOME_AMORTIZATION": "Capitalized Income Amortization",
    "CAPITALIZED_INCOME_ADJUSTMENT": "Capitalized Income Adjustment",
    "CAPITALIZED_INCOME_AMORTIZATION_ADJUSTMENT": "Capitalized Income Amortization Adjustment",
    "BUY_DOWN_FEE": "Buy Down Fee",
    "BUY_DOWN_FEE_ADJUSTMENT": "Buy Down Fee Adjustment",
    "BUY_DOWN_FEE_AMORTIZATION": "Buy Down Fee Amortization",
    "INTEREST_REFUND": "Interest Refund",
    "WRITE_OFF": "Close (as written-off)",
}

Problems = list[str]
"""What is wrong, a sentence each; empty where everything agrees."""


def differs(expected: Any, actual: Any) -> bool:
    """Whether a figure that is expected is another; nothing expected is nothing held."""
    return expected is not None and expected != actual


def schedule(entry: Entry, rows: Sequence[ScheduleRow]) -> Problems:
    """The repayment schedule: each row by its date, and the number of numbered rows."""
    numbered = sum(row.number is not None for row in rows)
    problems = [] if numbered == entry["n"] else [f"{entry['n']} instalments expected, got {numbered}"]
    for expected in entry["rows"]:
        due_date = day(expected["due_date"])
        candidates = [schedule_row_problems(expected, row) for row in rows if row.due_date == due_date]
        problems += nearest(candidates, f"row {expected['nr'] or '-'} of {due_date}")
    return problems


def schedule_row_problems(expected: Mapping[str, Any], row: ScheduleRow) -> Problems:
    """Which cells of a schedule row are other than expected."""
    number = None if expected["nr"] in (None, "") else int(expected["nr"])
    if number is None or row.number is None:
        return (
            cell_problems(expected, row, ("balance", "fees", "due", "paid", "outstanding"))
            if number == row.number
            else ["no such row"]
        )
    problems = cell_problems(expected, row, SCHEDULE_AMOUNTS)
    exact = {"nr": (number, row.number), "paid date": (day(expected["paid_date"]), row.paid_date)}
    if expected["days"] not in (None, ""):
        exact["days"] = (int(expected["days"]), row.days)
    return [f"{name} {wanted} got {got}" for name, (wanted, got) in exact.items() if wanted != got] + problems


def cell_problems(expected: Mapping[str, Any], row: Any, names: Iterable[str]) -> Problems:
    """Which amounts of a row are other than expected."""
    return [
        f"{name} {expected[name]} got {written(getattr(row, name))}"
        for name in names
        if name in expected and differs(cents(expected[name]), getattr(row, name))
    ]


def nearest(candidates: Sequence[Problems], what: str) -> Problems:
    """Nothing where a candidate has no problem, else the problems of the nearest one."""
    if not candidates:
        return [f"{what}: no row of that date"]
    best = min(candidates, key=len)
    return [f"{what}: {', '.join(best)}"] if best else []


def totals(entry: Entry, rows: Sequence[ScheduleRow]) -> Problems:
    """The total row: the sums over the numbered rows; fees and amounts due of a disbursement's row count too."""
    problems = []
    for name, text in entry["totals"].items():
        wanted = cents(text)
        everywhere = name in ("fees", "due", "paid", "outstanding")
        got = sum(getattr(row, name) for row in rows if everywhere or row.number is not None)
        if differs(wanted, got):
            problems.append(f"total {name} {text} got {written(got)}")
    return problems


def transactions(entry: Entry, rows: Sequence[TransactionRow]) -> Problems:
    """The transaction table: each row by its date, and the number of rows."""
    expected_rows = entry["rows"]
    problems = (
        [] if len(rows) == len(expected_rows) else [f"{len(expected_rows)} transactions expected, got {len(rows)}"]
    )
    for expected in expected_rows:
        on = day(expected["date"])
        candidates = [transaction_row_problems(expected, row) for row in rows if row.date == on]
        problems += nearest(candidates, f"{expected['type']} of {on}")
    return problems


def transaction_row_problems(expected: Mapping[str, Any], row: TransactionRow) -> Problems:
    """Which cells of a transaction are other than expected."""
    if expected["type"] != row.type:
        return ["no transaction of that type", "at all", "on that day", "was", "found", "there", "nor", "near"]
    problems = cell_problems(expected, row, TRANSACTION_AMOUNTS)
    for name in ("reverted", "replayed"):
        if differs(expected.get(name), getattr(row, name)):
            problems.append(f"{name} {expected[name]} got {getattr(row, name)}")
    return problems


def charges(entry: Entry, rows: Sequence[ChargeRow]) -> Problems:
    """The charge table: each expected row is among the charges of its due date, or of its time where it has none."""
    problems = []
    for expected in entry["rows"]:
        due_date = day(expected["Due as of"])
        candidates = []
        for row in rows:
            if row.due_date != due_date:
                continue
            problem = cell_problems(
                {name.lower(): text for name, text in expected.items()}, row, ("due", "paid", "waived", "outstanding")
            )
            words = {
                "name": (expected["Name"], row.name),
                "penalty": (expected["isPenalty"] == "true", row.penalty),
                "time": (expected["Payment due at"], row.time),
                "calculation": (expected["Calculation type"], row.calculation),
            }
            candidates.append(
                [f"{name} {wanted} got {got}" for name, (wanted, got) in words.items() if wanted != got] + problem
            )
        problems += nearest(candidates, f"charge {expected['Name']} of {due_date}")
    return problems


def journal(
    entry: Entry, rows: Sequence[TransactionRow], lines_of: Callable[[str], Sequence[Any]], accounts: bool = True
) -> Problems:
    """The journal of all transactions of a type and date: each expected line is there, and their count."""
    word, on = TRANSACTION_WORDS[entry["txn_type"]], day(entry["date"])
    lines = [line for row in rows if row.type == word and row.date == on for line in lines_of(row.id)]
    got = [(line.account, line.debit, line.credit) for line in lines]
    wanted = [(line["gl_code"], cents(line["debit"]) or 0, cents(line["credit"]) or 0) for line in entry["lines"]]
    problems = [] if len(got) == len(wanted) else [f"{len(wanted)} journal lines expected, got {len(got)}: {got}"]
    problems += [f"{word} of {on}: no line {line} among {got}" for line in wanted if line not in got]
    return problems


def status(entry: Entry, view: AccountView) -> Problems:
    """The status, by its name or its word."""
    wanted = STATUS_WORDS.get(entry["value"], entry["value"])
    return [] if wanted == view.status else [f"status {wanted} got {view.status}"]


def closed(view: AccountView) -> Problems:
    """The account is closed, owes nothing, and every instalment is met."""
    problems = [
        f"instalment {row.number} of {row.due_date} is not met"
        for row in view.schedule
        if row.number is not None and row.paid_date is None
    ]
    if view.outstanding:
        problems.append(f"outstanding 0 got {written(view.outstanding)}")
    if view.status != "CLOSED_OBLIGATIONS_MET":
        problems.append(f"status CLOSED_OBLIGATIONS_MET got {view.status}")
    return problems


def one_amount(name: str, text: str, got: int) -> Problems:
    """One figure of the account."""
    return [f"{name} {text} got {written(got)}"] if differs(cents(text), got) else []


def reverted(entry: Entry, rows: Sequence[TransactionRow]) -> Problems:
    """Whether the transaction of a type and date is reverted."""
    on = day(entry["date"])
    found = [row for row in rows if row.type == entry["txn_type"] and row.date == on]
    if not found:
        return [f"no {entry['txn_type']} of {on}"]
    return [] if any(row.reverted == entry["value"] for row in found) else [f"reverted {entry['value']} is not so"]


def delinquency_range(entry: Entry, view: AccountView) -> Problems:
    """The bucket range and its beginning."""
    late = view.delinquency
    wanted = None if entry["range"] in (None, "None", "NO_DELINQUENCY") else entry["range"]
    got = late.range if late else None
    if wanted != got:
        return [f"delinquency {wanted} got {got}"]
    since: date | None = day(entry.get("since"))
    return [f"since {since} got {late.since}"] if late and since and late.since != since else []


def delinquency_loan(entry: Entry, view: AccountView) -> Problems:
    """The loan's delinquency figures."""
    late = view.delinquency
    if late is None:
        return ["no delinquency figures"]
    actual = {
        "classification": late.range or "NO_DELINQUENCY",
        "delinquentAmount": late.amount,
        "delinquentDate": late.since,
        "delinquentDays": late.days,
        "pastDueDays": late.past_due_days,
        "pastDueDate": late.past_due_date,
    }
    problems = []
    for name, text in entry["rows"][0].items():
        wanted: Any = text
        if name == "delinquentAmount":
            wanted = cents(text)
        elif name.endswith("Date"):
            wanted = day(text)
        elif name.endswith("Days"):
            wanted = int(text)
        if wanted != actual[name]:
            problems.append(f"{name} {wanted} got {actual[name]}")
    return problems


def delinquency_instalments(entry: Entry, view: AccountView) -> Problems:
    """The overdue amount of each range of the instalments."""
    late = view.delinquency
    wanted = sorted((row["Range"], cents(row["Amount"])) for row in entry["rows"])
    got = sorted(late.instalments) if late else []
    return [] if wanted == got else [f"instalments {wanted} got {got}"]


def stated(text: str, table: Sequence[Sequence[str]] | None, view: AccountView, today: date) -> Problems | None:
    """What a step of plain English expects that the extractor left as it is; None where it is no such step."""
    late = view.delinquency
    pauses = late.pauses if late else ()
    lines = [tuple(line) for line in table or ()][1:]
    if text == "INSTALLMENT level delinquency is null":
        return [f"late instalments {late.instalments}"] if late and late.instalments else []
    if text == "Installment level delinquency event has correct data":
        # The event repeats what the account shows: no figure is told.
        return []
    if text == "Loan Delinquency pause periods has the following data:":
        got = [("true" if start <= today <= end else "false", start, end) for start, end in pauses]
        wanted = [(active, day(start), day(end)) for active, start, end in lines]
        return [] if sorted(got) == sorted(wanted) else [f"pauses {wanted} got {got}"]
    if text == "Delinquency-actions have the following data:" and all(line[0] == "PAUSE" for line in lines):
        asked = [(day(start), day(end)) for _, start, end in lines]
        return [] if asked == list(pauses) else [f"pauses {asked} got {list(pauses)}"]
    return None


def written(amount: int | None) -> str:
    """Minor units as the scenarios write money."""
    return "nothing" if amount is None else f"{amount / 100:.2f}"
