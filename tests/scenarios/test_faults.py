"""Faults planted into a good file: each is found, with its number, its line and the words that would have been
right.
"""

# ruff: noqa: E501 - a fault stands on one line with its number

import pytest

from zhongtai.gateway.scenario.compiler import compile_product
from zhongtai.gateway.scenario.findings import NUMBERS, ScenarioRefusedError
from zhongtai.gateway.scenario.shipped import compile_all, shipped

GOOD = next(file.text for file in shipped() if file.name == "consumer_instalment.yaml")
GIFT = next(file.text for file in shipped() if file.name == "charity_donation.yaml")
LIBRARY = compile_all(shipped())

# What is planted: the text that is there, what it becomes, the number of the finding and words it says.
PLANTED = [
    ("product: consumer_instalment\n", "product: [consumer\n", "ZT001", "YAML"),
    ("done: APPROVED", "done: *nowhere", "ZT001", ""),
    ("summary:", "sumary:", "ZT002", "summary"),
    ("    call: marketing.OfferService.CheckOffer\n", "    call: marketing.OfferService.CheckOffer\n    retry: 3\n", "ZT002", "timeout"),
    ("budget: {latency: 1s, deadline: 30s, calls: 14}\n", "", "ZT003", "budget"),
    ("    else: {outcome: NOT_ELIGIBLE, reasons: offer.reasons}\n", "", "ZT003", "else"),
    ("version: 1", "version: one", "ZT004", "whole number"),
    ("deadline: 30s", "deadline: soon", "ZT004", "duration"),
    ("  - id: rating", "  - id: offer", "ZT005", "offer"),
    ("done: APPROVED", "done: APPROVED\ndone: DECLINED", "ZT005", "twice"),
    ("  - id: rating", "  - id: run", "ZT006", "word of the language"),
    ("credit.RatingService.AssignRating", "credit.RatingService.AssignRatings", "ZT010", "credit.RatingService.AssignRating"),
    ("gateway.ProductAnnounced", "gateway.ProductAnounced", "ZT011", "gateway.ProductAnnounced"),
    ("gateway.ProductAnnounced", "gateway.RunEnded", "ZT011", "gateway.ProductAnnounced"),
    ("      product_line: parameters.product_line", "      product_lin: parameters.product_line", "ZT012", "product_line"),
    ("require: offer.eligible", "require: offer.eligble", "ZT012", "eligible"),
    ("loan_id: loan.loan_id\n      account_id", "loan_id: lone.loan_id\n      account_id", "ZT013", "loan"),
    ("policy_id: parameters.policy_id", "policy_id: parameters.policy", "ZT013", "parameters.policy_id"),
    ("      decision_id: decision.decision_id\n\n  - id: limit", "      decision_id: loan.loan_id\n\n  - id: limit", "ZT013", "later step"),
    ("amount: money.text(input.amount)\n        grade", "amount: money.txt(input.amount)\n        grade", "ZT014", "money.text"),
    ("decision.outcome != 'DECLINE'", "decision.outcome != 'DECLINED'", "ZT015", "DECLINE"),
    ("review.outcome == 'APPROVED'", "review.outcome == 'YES'", "ZT015", "APPROVED"),
    ("{outcome: LIMIT_EXHAUSTED}", "{outcome: LIMIT_GONE}", "ZT016", "LIMIT_EXHAUSTED"),
    ("  amount: money\n", "  amount: mony\n", "ZT017", "money"),
    ("      LIMIT_EXHAUSTED: {outcome", "      LIMIT_EMPTY: {outcome", "ZT019", "LIMIT_EXHAUSTED"),
    ("require: offer.eligible", "require: offer.eligible &&", "ZT020", "cannot be read"),
    ("term_months: input.term_months\n\n  - id: eligible", "term_months: input.customer_id\n\n  - id: eligible", "ZT021", "int"),
    ("require: offer.eligible", "require: offer.reasons", "ZT021", "true or false"),
    ("reasons: decision.reasons", "reasons: decision.score", "ZT021", "Reasons"),
    ("string(decision.score)", "string(decision.score + 'x')", "ZT022", "overload"),
    ("money.text(input.amount)\n        term", "money.text(input.amount, 2)\n        term", "ZT022", "money.text(money)"),
    ("amount: input.amount\n      expires_at", "amount: input.amount + input.amount\n      expires_at", "ZT023", "money.add"),
    ("string(decision.score)", "string(input.amount.minor_units / 2)", "ZT023", "money."),
    ("string(decision.score)", "string(0.5)", "ZT023", "decimal.of"),
    ("string(decision.score)", "string(dyn(decision.score))", "ZT024", "type"),
    ("    when: decision.outcome == 'REFER'\n    require", "    require", "ZT030", "add `when: decision.outcome == 'REFER'`"),
    ("      grade: rating.grade\n      transfer", "      grade: review.comment\n      transfer", "ZT030", "review"),
    ("      policy_id: parameters.policy_id\n", "", "ZT031", "policy_id"),
    ("      loan_id: loan.loan_id\n      account_id", "      request_id: run.id\n      loan_id: loan.loan_id\n      account_id", "ZT032", "request id"),
    ("      topic: \"'instalment_granted'\"", "      run_id: run.id\n      topic: \"'instalment_granted'\"", "ZT032", "run_id"),
    ("        grade: rating.grade\n\ndone", "        account: payment.payment.debtor_account_id\n        paid: money.text(payment.payment.amount)\n\ndone", "ZT034", "personal"),
    ("    timeout: {after: 5d, outcome: REVIEW_EXPIRED}\n", "", "ZT003", "timeout"),
    ("    timeout: {after: 5d, outcome: REVIEW_EXPIRED}", "    timeout: {after: 5d}", "ZT003", "outcome"),
    ("after: 5d", "after: 500d", "ZT050", "90d"),
    ("deadline: 30s", "deadline: 900s", "ZT050", "300s"),
    ("    call: risk.DecisionService.Decide\n", "    call: risk.DecisionService.Decide\n    timeout: 40s\n", "ZT050", "30s"),
    ("calls: 14", "calls: 9", "ZT051", "calls: 12"),
    ("default: 24, minimum", "default: 99, minimum", "ZT052", "72"),
    ("  - name: the limit is used up by another loan", "  - name: a good customer is paid out", "ZT005", "example"),
    ("refusals: {hold: LIMIT_EXHAUSTED}\n    expect: {outcome: LIMIT_EXHAUSTED, undone: [limit, rating, decision]}", "refusals: {hold: HOLD_MUST_NOT_HAVE_EXPIRED}\n    expect: {outcome: REFUSED}", "ZT060", "hold.LIMIT_EXHAUSTED"),
    ("expect: {outcome: NOT_ELIGIBLE, undone: []}", "expect: {outcome: DECLINED}", "ZT061", "NOT_ELIGIBLE"),
    ("expect: {outcome: DECLINED, undone: [decision]}", "expect: {outcome: DECLINED, undone: []}", "ZT061", "decision"),
    ("output: {loan_id: loan_1, payment_id: pay_1", "output: {loan_id: loan_2, payment_id: pay_1", "ZT061", "loan_1"),
    ("      payment: {payment_id: pay_1}", "      payment: {payment: pay_1}", "ZT062", "payment"),
    ("term_months: 12, attributes", "term_months: 500, attributes", "ZT062", "120"),
    ("      review: timeout", "      revue: timeout", "ZT063", "review"),
    ("outcomes:\n", "outcomes:\n  FORGOTTEN: {en: Forgotten., zh: 遗忘。}\n", "ZT064", "FORGOTTEN"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "planted", "number", "words"), PLANTED, ids=[f"{found[2]} {found[1][:40]!r}" for found in PLANTED]
)
def test_a_planted_fault_is_found(there: str, planted: str, number: str, words: str) -> None:
    assert there in GOOD, "the fault must change something"
    findings = refused(GOOD.replace(there, planted, 1))
    assert number in {finding.number for finding in findings}
    assert any(finding.number == number and words in str(finding) for finding in findings)


def test_a_finding_stands_at_its_line_and_column() -> None:
    text = GOOD.replace("require: offer.eligible", "require: offer.eligble")
    (finding,) = refused(text)
    line = text.splitlines()[finding.line - 1]
    assert line[finding.column - 1 :] == "eligble"
    assert finding.instead.startswith("Did you mean eligible?")


def test_one_file_gets_all_its_findings_at_once() -> None:
    text = GOOD.replace("require: offer.eligible", "require: offer.eligble").replace(
        "rating.grade\n      transfer", "rating.grad\n      transfer"
    )
    assert len(refused(text)) == 2


def step(text: str, name: str) -> str:
    """The lines of one step of the good file."""
    start = text.index(f"  - id: {name}\n")
    return text[start : text.index("\n\n", start) + 2]


def moved(name: str, before: str) -> str:
    """The good file with a step moved before another."""
    block = step(GOOD, name)
    return GOOD.replace(block, "", 1).replace(f"  - id: {before}\n", f"{block}  - id: {before}\n", 1)


ORDERS = [
    (moved("rating", "announced"), "ZT013"),
    (GOOD.replace(step(GOOD, "committed"), step(GOOD, "committed") + step(GOOD, "limit").replace("limit", "again", 1).replace("again_id", "limit_id")), "ZT040"),
    (moved("committed", "quote"), "ZT040"),
    (GOOD.replace(step(GOOD, "committed"), step(GOOD, "payment").replace("id: payment", "id: second") + step(GOOD, "committed")), "ZT041"),
    (moved("eligible", "announced"), "ZT044"),
    (GOOD.replace("  - id: announced\n", step(GOOD, "review").replace("id: review", "id: after") + "  - id: announced\n"), "ZT044"),
    (GOOD.replace(step(GOOD, "confirmed"), step(GOOD, "confirmed").rstrip() + "\n    refused: {LOAN_MUST_BE_PENDING: {outcome: DECLINED}}\n\n"), "ZT044"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), ORDERS, ids=[f"{number} {at}" for at, (_, number) in enumerate(ORDERS)])
def test_a_step_in_the_wrong_place_is_found(text: str, number: str) -> None:
    assert text != GOOD
    assert number in {finding.number for finding in refused(text)}


BLOCKS = [
    ("ZT045", "  - id: came\n    wait: operations.PaymentSettled\n    match: {payment_id: input.message}\n    timeout: {after: 1d}\n"),
    ("ZT011", "  - id: came\n    wait: operations.PaymentSettle\n    match: {payment_id: input.message}\n    timeout: {after: 1d}\n"),
    ("ZT012", "  - id: came\n    wait: operations.PaymentSettled\n    match: {payment: input.message}\n    timeout: {after: 1d, outcome: GIFT_TOO_LARGE}\n"),
    ("ZT018", "  - id: nested\n    product: loan_repayment@7\n"),
    ("ZT031", "  - id: nested\n    product: loan_repayment@1\n"),
    ("ZT003", "  - id: nested\n    product: loan_repayment@1\n    with: {loan_id: input.message}\n"),
    ("ZT041", "  - id: nested\n    product: loan_repayment@1\n    with: {loan_id: input.message}\n    ended: {NOTHING_DUE: {outcome: GIFT_TOO_LARGE}, BALANCE_TOO_LOW: {outcome: BALANCE_TOO_LOW}}\n"),
    ("ZT021", "  - id: many\n    each: input.amount\n    as: one\n    at_most: 3\n    steps: []\n"),
    ("ZT046", "  - all:\n      - id: one\n        call: operations.PaymentService.Transfer\n        with: {end_to_end_id: run.id, debtor_account_id: input.debtor_account_id, creditor_account_id: input.charity_account_id, amount: input.amount}\n"),
    ("ZT040", "  - emit: gateway.ProductAnnounced\n    with: {topic: \"'early'\"}\n"),
    ("ZT003", "  - id: nothing\n"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "block"), BLOCKS, ids=[f"{number} {at}" for at, (number, _) in enumerate(BLOCKS)])
def test_a_step_that_may_not_stand_there_is_found(number: str, block: str) -> None:
    findings = refused(GIFT.replace("  - id: gift\n", f"{block}\n  - id: gift\n"))
    assert number in {finding.number for finding in findings}


def test_every_number_says_what_it_means() -> None:
    used = {found[2] for found in PLANTED} | {number for _, number in ORDERS} | {number for number, _ in BLOCKS}
    assert used <= set(NUMBERS)
    # These need a contract that is wrong, which does not build; the checks stand for a contract of tomorrow.
    assert set(NUMBERS) - used == {"ZT033", "ZT042", "ZT043"}


def refused(text: str):  # type: ignore[no-untyped-def]
    """The findings of a file."""
    with pytest.raises(ScenarioRefusedError) as caught:
        compile_product(text, "planted.yaml", LIBRARY)
    return caught.value.findings
