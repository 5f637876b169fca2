"""Writes a step of a timeline as an operation of our own account: their words to ours, no loan logic.

What a step means is read in the suite's step definitions (fineract-e2e-tests-core): which transaction "the last
repayment" is, which charge "the charge" is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.cases.fineract.records import Entry, Library, cents, day
from tests.cases.fineract.terms import CHARGE_BASES, charge, charge_definitions, required
from tests.cases.fineract.views import AccountView
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.terms import ChargeAccrual, FutureRule, Unit


class NotSupported(Exception):
    """The step is no operation of a loan account of ours; the message is the reason, of few kinds."""


@dataclass
class Story:
    """What the steps so far left to refer to: the business date, the last of each kind, the library as changed."""

    library: Library
    view: Callable[[], AccountView]
    today: date = date(2020, 1, 1)
    count: int = 0
    last_repayment: str = ""
    last_refund: str = ""
    last_charge: str = ""
    last_pause: str = ""
    raised: list[tuple[str, date | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.definitions = charge_definitions(self.library)

    def base(self) -> dict[str, Any]:
        """The fields every operation has."""
        self.count += 1
        return {"reference": f"op{self.count}", "booked_on": self.today}

    def dated(self, entry: Entry) -> dict[str, Any]:
        """The fields of an operation that counts for a day."""
        return {**self.base(), "dated": required(day(entry["date"]))}

    def money(self, entry: Entry) -> dict[str, Any]:
        """The fields of a dated operation with an amount."""
        return {**self.dated(entry), "amount": cents(entry["amount"])}

    def booked_by(self, reference: str, *types: str) -> str:
        """The transaction an operation booked."""
        for row in self.view().transactions:
            if row.operation == reference and (not types or row.type in types):
                return row.id
        raise NotSupported(f"no transaction booked by {reference}")

    def last_payment(self) -> str:
        """The last payment that stands, where none was made by a plain repayment."""
        paid = [row for row in self.view().transactions if row.type in PAID_BACK and not row.reverted]
        if not paid:
            raise NotSupported("no payment to take back")
        return paid[-1].id

    def nth(self, place: str | int, on: str | None = None, *types: str) -> str:
        """The nth transaction of a day and of these types, in the order of the table."""
        wanted = day(on)
        found = [
            row
            for row in self.view().transactions
            if (wanted is None or row.date == wanted) and (not types or row.type in types)
        ]
        index = int(Decimal(place)) - 1
        if index >= len(found):
            raise LookupError(f"there is no transaction {place} of {types or 'any type'} on {on}")
        return found[index].id


def operation_of(entry: Entry, story: Story) -> do.Operation | None:
    """The operation of a step; None where it leaves the account alone. Raises NotSupported."""
    translate = STEPS.get(entry["op"])
    if translate is None:
        raise NotSupported(f"step {entry['op']}")
    return translate(entry, story)


def repay(entry: Entry, story: Story) -> do.Operation:
    story.last_repayment = f"op{story.count + 1}"
    return do.Pay(**story.money(entry))


def pay_off(entry: Entry, story: Story) -> do.Operation:
    story.last_repayment = f"op{story.count + 1}"
    return do.PayOff(**story.dated(entry))


def pay(entry: Entry, story: Story) -> do.Operation:
    if "interest_refund" in entry:
        story.last_repayment = f"op{story.count + 1}"
    kind = PAYMENTS.get(entry["type"])
    if kind is None:
        raise NotSupported(f"transaction {entry['type']}")
    refund = entry.get("interest_refund")
    return do.Pay(**story.money(entry), type=kind, interest_refund=None if refund is None else truth(refund))


def refund(entry: Entry, story: Story) -> do.Operation:
    story.last_refund = f"op{story.count + 1}"
    return do.Pay(**story.money(entry), type=do.PaymentType.PAYOUT_REFUND)


def truth(told: Any) -> bool:
    """Whether a step says yes."""
    return told is True or str(told).lower() in ("true", "1", "yes")


def refund_interest(entry: Entry, story: Story) -> do.Operation:
    word = "Payout Refund" if entry["type"] == "PAYOUT_REFUND" else "Merchant Issued Refund"
    of = story.nth(entry.get("nth") or 1, entry["date"], word)
    return do.RefundInterest(**story.money(entry), transaction=of)


def charge_back(entry: Entry, story: Story) -> do.Operation:
    if entry.get("of"):
        of = story.nth(entry["nr"], None, CHARGED_BACK[entry["of"]])
    else:
        of = story.booked_by(story.last_repayment) if story.last_repayment else story.last_payment()
    return do.ChargeBack(**story.base(), transaction=of, amount=required(cents(entry["amount"])))


def undo(story: Story, transaction: str) -> do.Operation:
    return do.UndoTransaction(**story.base(), transaction=transaction)


def add_charge(code: str, figure: str | None, due_on: str | None, story: Story) -> do.Operation:
    raised = charge(story.definitions, code, figure, due_on)
    fields = story.base()
    story.raised.append((code, raised.due_on, fields["reference"]))
    story.last_charge = fields["reference"]
    return do.AddCharge(**fields, charge=raised)


def change_charge_definition(entry: Entry, story: Story) -> None:
    time, _, _, penalty = story.definitions[entry["charge"]]
    basis = CHARGE_BASES[entry["calc"]]
    story.definitions[entry["charge"]] = (time, basis, Decimal(entry["amount"]), penalty)


def waive_charge(entry: Entry, story: Story) -> do.Operation:
    return do.WaiveCharge(**story.base(), charge=story.last_charge)


def undo_waive(entry: Entry, story: Story) -> do.Operation:
    waived = next(row.id for row in story.view().transactions if row.type == "Waive loan charges")
    return do.UndoWaiveCharge(**story.base(), transaction=waived)


def adjust_charge(entry: Entry, story: Story) -> do.Operation:
    due_on = day(entry["due_date"])
    of = [reference for code, due, reference in story.raised if code == entry["charge"] and due == due_on]
    if not of:
        raise LookupError(f"there is no {entry['charge']} of {due_on}")
    return do.AdjustCharge(**story.base(), charge=of[-1], amount=required(cents(entry["amount"])))


def undo_adjust_charge(entry: Entry, story: Story) -> do.Operation:
    on, amount = day(entry["date"]), cents(entry["amount"])
    for row in story.view().transactions:
        if row.date == on and row.amount == amount:
            return undo(story, row.id)
    raise LookupError(f"there is no transaction of {amount} on {on}")


def adjust_income(kind: type[Any], word: str) -> Callable[[Entry, Story], do.Operation]:
    """The step that gives part of a deferred income back: of the first one, or of the one of a day."""

    def step(entry: Entry, story: Story) -> do.Operation:
        of = story.nth(1, entry.get("of_date"), word)
        operation: do.Operation = kind(**story.money(entry), transaction=of)
        return operation

    return step


def re_age(entry: Entry, story: Story) -> do.ReAge:
    data = entry["data"]
    return do.ReAge(
        **story.base(),
        every=int(data["frequencyNumber"]),
        unit=Unit(data["frequencyType"]),
        start_on=required(day(data["startDate"])),
        instalments=int(data["numberOfInstallments"]),
        interest=do.ReAgeInterest(data.get("reAgeInterestHandling") or "DEFAULT"),
    )


def re_amortize(entry: Entry, story: Story) -> do.ReAmortize:
    handling = entry.get("interest_handling") or (entry.get("data") or {}).get("reAmortizationInterestHandling")
    return do.ReAmortize(**story.base(), interest=do.ReAmortizeInterest(handling or "DEFAULT"))


def reschedule(data: Mapping[str, str], story: Story) -> do.Operation:
    return do.Reschedule(
        **story.base(),
        from_on=required(day(data["rescheduleFromDate"])),
        adjusted_due_on=day(data.get("adjustedDueDate")),
        grace_principal=int(data.get("graceOnPrincipal") or 0),
        grace_interest=int(data.get("graceOnInterest") or 0),
        extra_instalments=int(data.get("extraTerms") or 0),
        rate=Decimal(data["newInterestRate"]) if data.get("newInterestRate") else None,
    )


def pause(entry: Entry, story: Story) -> do.Operation:
    story.last_pause = f"op{story.count + 1}"
    return do.PauseInterest(**story.base(), start_on=required(day(entry["start"])), end_on=required(day(entry["end"])))


def delinquency_pause(entry: Entry, story: Story) -> do.Operation:
    return do.PauseDelinquency(
        **story.base(), start_on=required(day(entry["start"])), end_on=required(day(entry["end"]))
    )


def setting(entry: Entry, story: Story) -> do.Operation | None:
    """A global setting of the suite's server; those that leave a loan account alone are passed over."""
    on = entry.get("state") == "enabled"
    match entry["name"]:
        case "charge-accrual-date":
            return do.ChangeChargeAccrual(**story.base(), rule=ChargeAccrual(entry["value"]))
        case "is-principal-compounding-disabled-for-overdue-loans":
            return do.ChangeOverdueInterest(**story.base(), bears_interest=not on)
        case "enable-immediate-charge-accrual-post-maturity":
            return do.ChangeMaturityAccrual(**story.base(), at_once=on)
        case "block-transactions-on-closed-overpaid-loans":
            return do.ChangeEndedPayments(**story.base(), allowed=not on)
        case name if name in WITHOUT_EFFECT:
            return None
    raise NotSupported(f"setting {entry['name']}")


def job(entry: Entry, story: Story) -> do.Operation | None:
    """A job of the suite's server."""
    match entry["name"].strip('"'):
        case "Add Periodic Accrual Transactions" | "Add Accrual Transactions":
            return do.AccruePeriodically(**story.base(), until=story.today)
        case "Loan COB":
            return do.EndOfDay(**story.base())
        case "Increase Business Date by 1 day":
            story.today += timedelta(days=1)
            return None
        case "Loan Delinquency Classification" | "JOURNAL_ENTRY_AGGREGATION" | "Journal Entry Aggregation":
            return None
    raise NotSupported(f"job {entry['name']}")


def opening(text: str) -> str:
    """A step's sentence up to its first argument: its kind."""
    return re.split(r'[0-9"]', text)[0].strip() or text


def business_date(entry: Entry, story: Story) -> None:
    story.today = required(day(entry["date"]))


def unknown(entry: Entry, story: Story) -> do.Operation | None:
    """A step the extractor did not understand, where it is plain English of a known operation."""
    text = entry["text"]
    if re.fullmatch(r"Admin runs COB catch up", text):
        return do.EndOfDay(**story.base())
    if found := re.fullmatch(r'Customer adjust "(\d+)"th repayment on "(.*)" with amount "(.*?)".*', text):
        nth, on, amount = found.groups()
        of = story.nth(nth, None, "Repayment")
        dated = {**story.base(), "dated": required(day(on))}
        return do.AdjustTransaction(**dated, transaction=of, amount=required(cents(amount)))
    if found := re.fullmatch(r'Customer undo "(\d+)"th capitalized income adjustment on "(.*)"', text):
        return undo(story, story.nth(found[1], None, "Capitalized Income Adjustment"))
    if found := re.fullmatch(
        r'Update loan available disbursement amount by external-id with new amount "(.*)" value', text
    ):
        return do.ChangeAvailableAmount(**story.base(), amount=required(cents(found[1])))
    if found := re.fullmatch(r'Update loan approved amount with new amount "(.*)" value', text):
        return do.ChangeApprovedAmount(**story.base(), amount=required(cents(found[1])))
    raise NotSupported(f"unknown step: {opening(text)}")


WITHOUT_EFFECT = (
    "asset-externalization-of-non-active-loans",
    "outstanding-interest-calculation-strategy-for-external-asset-transfer",
    "enable-auto-generated-external-id",
    "enable-instant-delinquency-calculation",
    "enable-originator-creation-during-loan-application",
    "external-event-batch-size",
)
"""Settings of the suite's server that leave a loan account alone."""
PAID_BACK = ("Repayment", "Payout Refund", "Merchant Issued Refund", "Goodwill Credit")
PAYMENTS = {
    "REPAYMENT": do.PaymentType.REPAYMENT,
    "DOWN_PAYMENT": do.PaymentType.DOWN_PAYMENT,
    "GOODWILL_CREDIT": do.PaymentType.GOODWILL_CREDIT,
    "PAYOUT_REFUND": do.PaymentType.PAYOUT_REFUND,
    "MERCHANT_ISSUED_REFUND": do.PaymentType.MERCHANT_ISSUED_REFUND,
    "INTEREST_PAYMENT_WAIVER": do.PaymentType.INTEREST_PAYMENT_WAIVER,
    "REFUND_BY_CASH": do.PaymentType.REFUND,
    "RECOVERY_REPAYMENT": do.PaymentType.RECOVERY,
}
CHARGED_BACK = {"Payment": "Repayment", "Downpayment": "Down Payment", "MIR": "Merchant Issued Refund"}

STEPS: dict[str, Callable[[Entry, Story], do.Operation | None]] = {
    "business_date": business_date,
    "client": lambda entry, story: None,
    "approve": lambda entry, story: do.Approve(
        **story.money(entry), expected_disbursement_on=required(day(entry["expected_disbursement_date"]))
    ),
    "reject": lambda entry, story: do.Reject(**story.dated(entry)),
    "withdraw": lambda entry, story: do.Withdraw(**story.dated(entry)),
    "undo_approval": lambda entry, story: do.UndoApproval(**story.base()),
    "disburse": lambda entry, story: do.Disburse(**story.money(entry), instalment_amount=cents(entry.get("fixed_emi"))),
    "undo_disbursal": lambda entry, story: do.UndoDisbursal(**story.base()),
    "undo_last_disbursal": lambda entry, story: do.UndoLastDisbursal(**story.base()),
    "add_expected_disbursement": lambda entry, story: do.AddExpectedTranche(**story.money(entry)),
    "set_available_amount": lambda entry, story: do.ChangeAvailableAmount(
        **story.base(), amount=required(cents(entry["amount"]))
    ),
    "set_approved_amount": lambda entry, story: do.ChangeApprovedAmount(
        **story.base(), amount=required(cents(entry["amount"]))
    ),
    "repay": repay,
    "payoff": pay_off,
    "txn": pay,
    "refund": refund,
    "manual_interest_refund": refund_interest,
    "credit_balance_refund": lambda entry, story: do.CreditBalanceRefund(**story.money(entry)),
    "chargeback": charge_back,
    "undo_txn": lambda entry, story: undo(story, story.nth(entry["nth"], entry["date"], entry["type"])),
    "undo_nth_txn": lambda entry, story: undo(story, story.nth(entry["nth"], entry["date"])),
    "undo_repayment": lambda entry, story: undo(story, story.nth(entry["nth"], None, "Repayment")),
    "undo_last_repayment": lambda entry, story: undo(story, story.booked_by(story.last_repayment)),
    "undo_refund": lambda entry, story: undo(story, story.booked_by(story.last_refund, "Payout Refund")),
    "charge_due_date": lambda entry, story: add_charge(entry["charge"], entry["amount"], entry["due_date"], story),
    "charge_nsf": lambda entry, story: add_charge("LOAN_NSF_FEE", "10", entry["due_date"], story),
    "charge_pct": lambda entry, story: add_charge(entry["charge"], entry["pct"], None, story),
    "charge_installment": lambda entry, story: add_charge(entry["charge"], entry["amount"], None, story),
    "charge_processing_pct": lambda entry, story: add_charge(
        "LOAN_PERCENTAGE_PROCESSING_FEE", entry["pct"].replace(",", "."), entry["due_date"], story
    ),
    "update_charge_def": change_charge_definition,
    "waive_charge": waive_charge,
    "waive_due_date_charge": waive_charge,
    "undo_waive_charge": undo_waive,
    "charge_adjustment": adjust_charge,
    "undo_charge_adjustment": undo_adjust_charge,
    "capitalized_income": lambda entry, story: do.CapitalizeIncome(**story.money(entry)),
    "capitalized_income_adjustment": adjust_income(do.AdjustCapitalizedIncome, "Capitalized Income"),
    "buy_down_fee": lambda entry, story: do.BuyDownFee(**story.money(entry)),
    "buy_down_fee_adjustment": adjust_income(do.AdjustBuyDownFee, "Buy Down Fee"),
    "re_age": re_age,
    "undo_re_age": lambda entry, story: do.UndoReAge(**story.base()),
    "re_amortize": re_amortize,
    "undo_re_amortize": lambda entry, story: do.UndoReAmortize(**story.base()),
    "interest_pause": pause,
    "delete_interest_pause": lambda entry, story: do.DeletePause(**story.base(), pause=story.last_pause),
    "reschedule": lambda entry, story: reschedule(entry["data"], story),
    "batch_reschedule": lambda entry, story: reschedule(
        {"rescheduleFromDate": entry["from"], "adjustedDueDate": entry["to"]}, story
    ),
    "modify_rate": lambda entry, story: do.ChangeRate(**story.base(), rate=Decimal(entry["rate"])),
    "charge_off": lambda entry, story: do.ChargeOff(**story.dated(entry), reason=entry.get("reason") or ""),
    "undo_charge_off": lambda entry, story: do.UndoChargeOff(**story.base()),
    "fraud_flag": lambda entry, story: do.SetFraud(**story.base(), fraud=entry["state"] == "set"),
    "write_off": lambda entry, story: do.WriteOff(**story.dated(entry)),
    "undo_write_off": lambda entry, story: do.UndoWriteOff(**story.base()),
    "contract_termination": lambda entry, story: do.TerminateContract(**story.base()),
    "undo_contract_termination": lambda entry, story: do.UndoTermination(**story.base()),
    "delinquency_pause": delinquency_pause,
    "set_product_allocation": lambda entry, story: do.ChangeFutureRule(
        **story.base(), type=entry["type"], rule=FutureRule(entry["rule"])
    ),
    "config_flag": setting,
    "config_value": setting,
    "job": job,
    "cob": lambda entry, story: do.EndOfDay(**story.base()),
    # A sale changes who owns the claim, not what is owed.
    "asset_transfer": lambda entry, story: None,
    "UNKNOWN": unknown,
}
