"""Writes the steps that must be refused as the operations they try; each is told by its sentence alone."""

import re
from collections.abc import Callable

from tests.cases.fineract.operations import (
    PAYMENTS,
    NotSupported,
    Story,
    add_charge,
    opening,
    re_age,
    re_amortize,
    reschedule,
    undo,
)
from tests.cases.fineract.operations import operation_of as step
from tests.cases.fineract.records import Entry, cents, day
from tests.cases.fineract.terms import required
from zhongtai.kernel.servicing import operations as do

Attempt = Callable[[Entry, Story, list[str]], do.Operation | None]


def attempted(entry: Entry, story: Story) -> do.Operation | None:
    """The operation a refused step tries. Raises NotSupported where its sentence is not known."""
    text = entry["step"]
    for pattern, attempt in ATTEMPTS:
        if re.search(pattern, text):
            return attempt(entry, story, quoted(text))
    raise NotSupported(f"refusal: {opening(text)}")


def quoted(text: str) -> list[str]:
    """The arguments of a step: what stands in quotes, and bare numbers, in order."""
    return [one or other for one, other in re.findall(r'"([^"]*)"|(?<![\w."])(\d+(?:\.\d+)?)(?![\w."])', text)]


def dated(story: Story, on: str) -> dict[str, object]:
    """The fields of an operation of a day."""
    return {**story.base(), "dated": required(day(on))}


def disburse(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    return do.Disburse(**dated(story, words[0]), amount=required(cents(words[1])))  # type: ignore[arg-type]


def approve(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    fields = dated(story, words[0])
    return do.Approve(
        **fields,  # type: ignore[arg-type]
        amount=required(cents(words[1])),
        expected_disbursement_on=required(day(words[2])),
    )


def pause(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    return step({"op": "interest_pause", "start": words[0], "end": words[1]}, story)


def delinquency_pause(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    start, end = re.findall(r"\d+ \w+ \d{4}", entry["step"])[:2]
    return step({"op": "delinquency_pause", "start": start, "end": end}, story)


def delinquency_resume(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    if "start date other" in entry["step"] or "with an endDate" in entry["step"]:
        raise NotSupported("refusal: a pause is ended on the business date alone")
    return do.EndDelinquencyPause(**story.base())


def capitalise(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    return step({"op": "capitalized_income", "date": words[1], "amount": words[2]}, story)


def adjust_capitalised(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    return step({"op": "capitalized_income_adjustment", "date": words[1], "amount": words[2]}, story)


def interest_refund(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    return step({"op": "manual_interest_refund", "type": words[0], "date": words[1], "amount": words[2]}, story)


def repay(entry: Entry, story: Story, words: list[str]) -> do.Operation | None:
    if words[0] in PAYMENTS:
        return step({"op": "txn", "type": words[0], "date": words[1], "amount": words[2]}, story)
    return step({"op": "repay", "date": words[1], "amount": words[2]}, story)


def charge_of_table(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    row = entry["data"]
    row = list(row.values()) if isinstance(row, dict) else row[-1]
    return add_charge(row[0], row[2], row[1], story)


def permission(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    raise NotSupported("refusal outside the account: permissions of users")


def amount_of(kind: type[do.ChangeAvailableAmount] | type[do.ChangeApprovedAmount]) -> Attempt:
    return lambda entry, story, words: kind(**story.base(), amount=required(cents(words[0])))


def re_amortise(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    handling = words[0] if words and words[0].isupper() else None
    return re_amortize({"interest_handling": handling}, story)


def outside(entry: Entry, story: Story, words: list[str]) -> do.Operation:
    raise NotSupported("refusal outside the account: owners and originators of assets")


ATTEMPTS: tuple[tuple[str, Attempt], ...] = (
    (r"[A-Z]+_[A-Z_]+ permission", permission),
    (r"(?i)asset externalization|BUYBACK|originator", outside),
    (r"fails to disburse", disburse),
    (r"fails to approve", approve),
    (r"not able to add an interest pause", pause),
    (r"DELINQUENCY PAUSE|Overlapping PAUSE", delinquency_pause),
    (r"DELINQUENCY RESUME", delinquency_resume),
    (r"available disbursement amount", amount_of(do.ChangeAvailableAmount)),
    (r"approved amount", lambda entry, story, words: (
        capitalise(entry, story, words) if entry["step"].startswith("Capitalized") else
        amount_of(do.ChangeApprovedAmount)(entry, story, words)
    )),
    (r"^Credit Balance Refund", lambda entry, story, words: do.CreditBalanceRefund(
        **dated(story, words[0]), amount=required(cents(words[1]))  # type: ignore[arg-type]
    )),
    (r"^Capitalized income adjustment|invalid capitalized income adjustment", adjust_capitalised),
    (r"^Capitalized income", capitalise),
    (r"(?i)charge-off undo", lambda entry, story, words: do.UndoChargeOff(**story.base())),
    (r"(?i)^(second |backdated )?charge-off", lambda entry, story, words: do.ChargeOff(
        **dated(story, words[0])  # type: ignore[arg-type]
    )),
    (r"re-amorti[sz]ation", re_amortise),
    (r"re-aging", lambda entry, story, words: re_age(entry, story)),
    (r"Interest Refund", interest_refund),
    (r"(?i)reschedule", lambda entry, story, words: reschedule(entry["data"], story)),
    (r'undo "\d+"th transaction made on', lambda entry, story, words: undo(story, story.nth(words[0], words[1]))),
    (r'undo "\d+"th "', lambda entry, story, words: undo(story, story.nth(words[0], words[2], words[1]))),
    (r"repayment undo on", lambda entry, story, words: undo(story, story.booked_by(story.last_repayment))),
    (r"(?i)not able to make .* repayment|transaction fails|repayment transaction on", repay),
    (r"^Loan charge transaction with the following data", charge_of_table),
    (r"^Fraud flag modification fails", lambda entry, story, words: do.SetFraud(**story.base(), fraud=False)),
    (r"due date charge with", lambda entry, story, words: add_charge(words[0], words[2], words[1], story)),
    (r"installment charge with", lambda entry, story, words: add_charge(words[0], words[1], None, story)),
    (r"^Charge adjustment for the last", lambda entry, story, words: step(
        {"op": "charge_adjustment", "charge": words[0], "due_date": words[1], "amount": words[2]}, story
    )),
)  # fmt: skip
