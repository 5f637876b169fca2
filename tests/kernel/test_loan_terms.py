"""Loans as ACTUS terms: their cash flows beside our own schedule, and what contradicts."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.columnar.portfolio import portfolio_of
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.events import Event
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.terms import Terms
from zhongtai.kernel.loan_choices import (
    Floating,
    LoanChoices,
    LoanChoicesContradict,
    Repayment,
    Step,
)
from zhongtai.kernel.loan_terms import PaymentDayMustRecur, actus_terms
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.rates import DayCount, RateOutOfBounds
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import (
    Amortisation,
    Instalment,
    PrincipalMustBePositive,
    TermOutOfBounds,
    repayment_schedule,
)

HALF_A_CENT = Decimal("0.005")
LOAN = LoanChoices(
    loan_id="loan",
    principal=Money("CNY", 1_200_000),
    rate=Decimal("0.06"),
    repayment=Repayment.EQUAL_INSTALMENT,
    start=date(2026, 1, 15),
    day_count=DayCount.THIRTY_E_360,
    term_months=12,
)
LPR = Floating(benchmark="LPR-5Y", spread=Decimal("0.005"), first_reset=date(2026, 7, 15), cap=Decimal("0.05"))
OWN = {Repayment(kind): kind for kind in Amortisation}


def cents(minor_units: int) -> Decimal:
    """An amount of yuan."""
    return Decimal(minor_units) / 100


def paid_on(events: tuple[Event, ...], *kinds: EventType) -> dict[date, Decimal]:
    """What events of those types pay, by day."""
    paid: dict[date, Decimal] = {}
    for event in events:
        if event.type in kinds:
            paid[event.time.date()] = paid.get(event.time.date(), Decimal(0)) + event.payoff
    return paid


def told(loan: LoanChoices, until: datetime | None = None, *events: ObservedEvent) -> list[str]:
    """What happens to a loan, shortly."""
    found = cash_flows(actus_terms(loan), Observed(events=events), until)
    return [f"{event.time:%y-%m-%d} {event.type} {event.payoff:.2f}" for event in found]


def own_schedule(loan: LoanChoices) -> tuple[Instalment, ...]:
    """Our own schedule of a loan."""
    return repayment_schedule(
        principal=loan.principal,
        nominal_interest_rate=loan.rate,
        term_months=loan.term_months or 0,
        start=loan.start,
        day_count=loan.day_count,
        amortisation=OWN[loan.repayment],
    )


loans = st.builds(
    LoanChoices,
    loan_id=st.just("loan"),
    principal=st.integers(100_000, 1_000_000_000).map(lambda amount: Money("CNY", amount)),
    rate=st.decimals("0", "0.24", places=4),
    repayment=st.sampled_from(sorted(OWN)),
    start=st.dates(date(2020, 1, 1), date(2040, 12, 31)) | st.dates(date(2024, 1, 28), date(2024, 1, 31)),
    day_count=st.sampled_from(DayCount),
    term_months=st.integers(1, 60),
)


@settings(max_examples=80)
@given(loan=loans)
def test_a_loan_pays_by_the_standard_what_our_schedule_says(loan: LoanChoices) -> None:
    try:
        instalments = own_schedule(loan)
    except Refusal:
        assume(condition=False)
    if loan.repayment is Repayment.EQUAL_INSTALMENT:
        loan = replace(loan, instalment=instalments[0].total)
    events = cash_flows(actus_terms(loan), Observed())
    principal, interest = paid_on(events, EventType.PR, EventType.MD), paid_on(events, EventType.IP)
    due = {instalment.due_date: instalment for instalment in instalments}
    assert {day for day, amount in {**principal, **interest}.items() if amount} <= due.keys()
    for number, (day, instalment) in enumerate(due.items()):
        # The cents an equal instalment's interest was rounded by stay in the balance until the last one.
        carried = HALF_A_CENT * number * 2 if loan.repayment is Repayment.EQUAL_INSTALMENT else Decimal(0)
        drift = carried * (loan.rate * 32 / 360) + HALF_A_CENT
        is_last = number == len(due) - 1
        assert abs(interest.get(day, Decimal(0)) - cents(instalment.interest.minor_units)) <= drift
        bound = drift + carried if is_last else drift
        assert abs(principal.get(day, Decimal(0)) - cents(instalment.principal.minor_units)) <= bound


def test_without_an_instalment_the_annuity_is_exact() -> None:
    exact = cash_flows(actus_terms(LOAN), Observed())
    payments = [event.payoff for event in exact if event.type in {EventType.PR, EventType.MD}]
    interest = [event.payoff for event in exact if event.type is EventType.IP]
    levels = {round(part + gained, 15) for part, gained in zip(payments, interest, strict=True)}
    assert len(levels) == 1
    assert abs(levels.pop() - cents(own_schedule(LOAN)[0].total.minor_units)) <= HALF_A_CENT


def test_a_reset_sets_rate_and_instalment_anew() -> None:
    found = cash_flows(
        actus_terms(replace(LOAN, floating=LPR)),
        Observed({"LPR-5Y": ((datetime(2026, 5, 20), Decimal("0.05")),)}),  # noqa: DTZ001
    )
    resets = [event for event in found if event.type in {EventType.RR, EventType.PRF}]
    assert [(event.type, str(event.state.nominal_interest_rate)) for event in resets[1:]] == [
        (EventType.RR, "0.05"),
        (EventType.PRF, "0.05"),
    ]
    assert found[-1].state.notional_principal == 0


def test_in_a_grace_interest_is_paid_or_deferred() -> None:
    linear = replace(LOAN, repayment=Repayment.EQUAL_PRINCIPAL, grace_payments=2, term_months=4)
    assert told(linear) == [
        "26-01-15 IED -12000.00",
        *("26-02-15 IP 60.00", "26-03-15 IP 60.00"),
        *("26-04-15 PR 6000.00", "26-04-15 IP 60.00"),
        *("26-05-15 IP 30.00", "26-05-15 MD 6000.00"),
    ]
    deferred = told(replace(linear, is_interest_deferred=True))
    assert deferred[1:4] == ["26-02-15 IPCI 0.00", "26-03-15 IPCI 0.00", "26-04-15 PR 6000.00"]
    # 12,000 and two months of half a percent, compounded, less what was repaid.
    assert deferred[-1] == "26-05-15 MD 6120.30"


def test_a_balloon_is_the_rest_of_equal_principal() -> None:
    found = told(replace(LOAN, repayment=Repayment.EQUAL_PRINCIPAL, balloon=Money("CNY", 600_000), term_months=3))
    assert [line for line in found if " PR " in line or " MD " in line] == [
        "26-02-15 PR 2000.00",
        "26-03-15 PR 2000.00",
        "26-04-15 MD 8000.00",
    ]


STEPS = (
    Step(first_payment=1, principal=Money("CNY", 100_000)),
    Step(first_payment=3, principal=Money("CNY", 200_000), rate=Decimal("0.12")),
)


def test_steps_change_principal_and_rate_from_a_payment_on() -> None:
    stepped = replace(LOAN, repayment=Repayment.STEPPED, steps=STEPS, term_months=4)
    assert told(stepped) == [
        "26-01-15 IED -12000.00",
        *("26-02-15 PR 1000.00", "26-02-15 IP 60.00"),
        *("26-03-15 PR 1000.00", "26-03-15 IP 55.00", "26-03-15 RRF 0.00"),
        *("26-04-15 PR 2000.00", "26-04-15 IP 100.00"),
        *("26-05-15 IP 80.00", "26-05-15 MD 8000.00"),
    ]


def test_call_money_is_repaid_after_its_notice() -> None:
    call = replace(LOAN, repayment=Repayment.ON_DEMAND, term_months=None, notice_days=7)
    called = ObservedEvent(datetime(2026, 3, 15), EventType.XD, contract_id="loan")  # noqa: DTZ001
    found = told(call, datetime(2026, 12, 31), called)  # noqa: DTZ001
    assert found == [
        *("26-01-15 IED -12000.00", "26-02-15 IPCI 0.00", "26-03-15 XD 0.00"),
        *("26-03-22 IP 60.30", "26-03-22 STD 12060.00"),
    ]


def test_a_revolving_line_moves_as_it_is_used() -> None:
    line = replace(LOAN, repayment=Repayment.REVOLVING, term_months=None)
    moves = (
        ObservedEvent(datetime(2026, 2, 1), EventType.PI, Decimal(-3000), "loan"),  # noqa: DTZ001
        ObservedEvent(datetime(2026, 3, 1), EventType.PR, Decimal(5000), "loan"),  # noqa: DTZ001
    )
    found = cash_flows(actus_terms(line), Observed(events=moves), datetime(2026, 3, 1))  # noqa: DTZ001
    moved = [f"{event.type} {event.payoff:.0f}" for event in found if event.type is not EventType.IPCI]
    assert moved == ["IED -12000", "PI -3000", "PR 5000"]


@pytest.mark.parametrize("start", [date(2024, 1, 29), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 29)])
@pytest.mark.parametrize("repayment", [*sorted(OWN), Repayment.STEPPED])
@pytest.mark.parametrize("months", [1, 12])
def test_payments_keep_the_day_of_the_start(start: date, repayment: Repayment, months: int) -> None:
    steps = (Step(first_payment=1, principal=Money("CNY", 100)),) if repayment is Repayment.STEPPED else ()
    loan = replace(LOAN, start=start, repayment=repayment, term_months=60, steps=steps, months_between_payments=months)
    own = repayment_schedule(
        principal=loan.principal,
        nominal_interest_rate=loan.rate,
        term_months=60,
        start=start,
        day_count=loan.day_count,
        amortisation=OWN.get(repayment, Amortisation.INTEREST_ONLY),
    )
    expected = {instalment.due_date for number, instalment in enumerate(own, 1) if number % months == 0}
    if repayment is Repayment.BULLET:
        expected = {own[-1].due_date}
    assert paid_on(cash_flows(actus_terms(loan), Observed()), EventType.IP).keys() == expected


def test_a_liability_has_the_other_sign() -> None:
    taken = told(replace(LOAN, is_liability=True))
    assert taken[0] == "26-01-15 IED 12000.00"


def test_every_loan_is_one_contract_of_the_standard() -> None:
    kinds = {
        Repayment.EQUAL_INSTALMENT: ContractType.ANN,
        Repayment.EQUAL_PRINCIPAL: ContractType.LAM,
        Repayment.INTEREST_ONLY: ContractType.PAM,
        Repayment.BULLET: ContractType.PAM,
        Repayment.STEPPED: ContractType.LAX,
        Repayment.ON_DEMAND: ContractType.CLM,
        Repayment.REVOLVING: ContractType.UMP,
    }
    compiled: dict[Repayment, Terms] = {}
    for repayment in Repayment:
        is_open = repayment in {Repayment.ON_DEMAND, Repayment.REVOLVING}
        steps = STEPS if repayment is Repayment.STEPPED else ()
        loan = replace(LOAN, repayment=repayment, term_months=None if is_open else 12, steps=steps)
        compiled[repayment] = actus_terms(loan)
    assert {repayment: terms.contract_type for repayment, terms in compiled.items()} == kinds
    assert not portfolio_of(list(compiled.values())).others


@pytest.mark.parametrize(
    ("changed", "second"),
    [
        ({"term_months": None}, "term_months"),
        ({"repayment": Repayment.REVOLVING}, "term_months"),
        ({"repayment": Repayment.BULLET, "instalment": LOAN.principal}, "instalment"),
        ({"balloon": Money("CNY", 100)}, "balloon"),
        ({"repayment": Repayment.BULLET, "grace_payments": 1}, "grace_payments"),
        ({"steps": STEPS}, "steps"),
        ({"repayment": Repayment.STEPPED}, "steps"),
        ({"notice_days": 1}, "notice_days"),
        ({"months_between_payments": 5}, "months_between_payments"),
        ({"grace_payments": 12}, "term_months"),
        ({"is_interest_deferred": True}, "grace_payments"),
        ({"repayment": Repayment.EQUAL_PRINCIPAL, "balloon": LOAN.principal}, "principal"),
        ({"repayment": Repayment.STEPPED, "steps": STEPS[::-1]}, "term_months"),
        ({"repayment": Repayment.STEPPED, "steps": (Step(first_payment=1, principal=Money("CNY", -1)),)}, "principal"),
        ({"floating": replace(LPR, first_reset=LOAN.start)}, "start"),
        ({"floating": replace(LPR, cap=Decimal("0.01"), floor=Decimal("0.02"))}, "cap"),
        ({"floating": replace(LPR, spread=Decimal("nan"))}, "rate"),
        ({"instalment": Money("CNY", 0)}, "principal"),
        ({"repayment": Repayment.EQUAL_PRINCIPAL, "principal": Money("CNY", 5)}, "term_months"),
        ({"repayment": Repayment.ON_DEMAND, "term_months": None, "notice_days": -1}, "start"),
    ],
)
def test_choices_that_contradict_each_other_are_refused(changed: dict[str, Any], second: str) -> None:
    with pytest.raises(LoanChoicesContradict) as refused:
        actus_terms(replace(LOAN, **changed))
    assert refused.value.second == second


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"principal": Money("CNY", 0)}, PrincipalMustBePositive),
        ({"rate": Decimal(11)}, RateOutOfBounds),
        ({"term_months": 0}, TermOutOfBounds),
        ({"months_between_payments": 10**9}, TermOutOfBounds),
        ({"floating": replace(LPR, months_between_resets=0)}, TermOutOfBounds),
        ({"start": date.min}, TermOutOfBounds),
        ({"start": date.max}, TermOutOfBounds),
        ({"instalment": Money("USD", 100)}, CurrencyMustMatch),
        ({"start": date(2026, 1, 30), "term_months": 24, "grace_payments": 12}, PaymentDayMustRecur),
    ],
)
def test_a_loan_that_cannot_be_is_refused(changed: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        actus_terms(replace(LOAN, **changed))
