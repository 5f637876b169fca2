"""How terms are read: names, numbers, times, codes, and what is refused."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.actus.contracts import Drawn, alike
from zhongtai.kernel.actus.codes import Calendar, ContractRole, ContractType, ReferenceRole, ScalingEffect
from zhongtai.kernel.actus.schedules import Cycle
from zhongtai.kernel.actus.terms import TermMissing, TermNotUnderstood, Terms, TermUnknown, mapping_of, terms_of

NEEDED = {"contractType": "PAM", "contractID": "one", "statusDate": "2024-01-01T00:00", "currency": "CHF"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read(**terms: object) -> Terms:
    return terms_of({**NEEDED, **terms})


def test_numbers_are_exact_and_may_carry_blanks() -> None:
    assert read(notionalPrincipal="  1000.10").notional_principal == Decimal("1000.10")
    assert read(nominalInterestRate=0.1).nominal_interest_rate == Decimal("0.1")
    assert read(notionalPrincipal=" ").notional_principal is None


def test_midnight_has_three_spellings() -> None:
    assert read(maturityDate="2024-12-31T24:00").maturity_date == at("2025-01-01")
    assert read(maturityDate="2025-01-01T00:00:00").maturity_date == at("2025-01-01")
    assert read(maturityDate="2024-12-31T23:59:59").maturity_date == at("2024-12-31T23:59:59")


def test_older_names_and_spellings_are_known() -> None:
    assert read(scalingEffect="IOO").scaling_effect is ScalingEffect.INTEREST
    assert read(calendar="NoCalendar").calendar is Calendar.NC
    assert read(contractRole="PF").contract_role is ContractRole.PFL
    assert read(cycleOfDividendPayment="P1YL1").cycle_of_dividend == Cycle.of("P1YL1")


def test_an_array_may_be_a_list_a_single_value_or_a_text() -> None:
    both = (Decimal(20), Decimal(30))
    assert read(arrayNextPrincipalRedemptionPayment=[20, "30"]).array_next_principal_redemption_payment == both
    assert read(arrayNextPrincipalRedemptionPayment=20).array_next_principal_redemption_payment == both[:1]
    assert read(arrayNextPrincipalRedemptionPayment="[20, 30]").array_next_principal_redemption_payment == both


def test_a_structure_holds_contracts_and_codes() -> None:
    leg = {"object": NEEDED, "referenceType": "CNT", "referenceRole": "FIL"}
    stock = {"object": {"marketObjectCode": "MSFT"}, "referenceType": "MOC", "referenceRole": "UDL"}
    terms = read(contractStructure=[leg, stock])
    assert terms.parts(ReferenceRole.FIL)[0].contract == terms_of(NEEDED)
    assert terms.parts(ReferenceRole.UDL)[0].code == "MSFT"
    with pytest.raises(TermMissing):
        terms.parts(ReferenceRole.SEL)


@pytest.mark.parametrize("name", ["notionalPrinciple", "notional_principal", "NotionalPrincipal", ""])
def test_a_name_the_dictionary_lacks_is_refused(name: str) -> None:
    with pytest.raises(TermUnknown):
        read(**{name: 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notionalPrincipal", "1,000"),
        ("notionalPrincipal", "NaN"),
        ("maturityDate", "2024-02-30T00:00"),
        ("maturityDate", "2024-02-29T00:00Z"),
        ("dayCountConvention", "ACT"),
        ("contractRole", "LENDER"),
        ("contractStructure", [{"object": {}}]),
    ],
)
def test_a_value_of_another_form_is_refused(name: str, value: object) -> None:
    with pytest.raises(TermNotUnderstood) as refused:
        read(**{name: value})
    assert refused.value.name == name


@pytest.mark.parametrize("name", NEEDED)
def test_what_every_contract_has_is_needed(name: str) -> None:
    with pytest.raises(TermMissing) as refused:
        terms_of({key: value for key, value in NEEDED.items() if key != name})
    assert refused.value.name == name


COMPOSED = {ContractType.SWAPS, ContractType.CAPFL, ContractType.CEG, ContractType.CEC}


@settings(max_examples=120)
@given(drawn=st.sampled_from(sorted(set(ContractType) - COMPOSED)).flatmap(alike))
def test_terms_are_read_back_from_their_own_texts(drawn: Drawn) -> None:
    for terms in drawn.contracts:
        if not terms.contract_structure:
            assert terms_of(mapping_of(terms)) == terms


def test_texts_are_exact_and_leave_out_what_is_not_said() -> None:
    told = {
        "notionalPrincipal": "1E+4",
        "cycleOfInterestPayment": "P1QL0",
        "arrayRate": ["0.10", "0.2"],
        "xDayNotice": "P1W",
        "quantity": "1.0",
    }
    assert mapping_of(read(**told)) == {
        **NEEDED,
        "statusDate": "2024-01-01T00:00:00",
        "arrayRate": "[0.10, 0.2]",
        "contractRole": "RPA",
        "cycleOfInterestPayment": "P3ML0",
        "notionalPrincipal": "10000",
        "xDayNotice": "P7D",
    }


def test_a_contract_made_of_others_has_no_texts() -> None:
    part = {"object": NEEDED, "referenceType": "CNT", "referenceRole": "FIL"}
    with pytest.raises(TermNotUnderstood):
        mapping_of(read(contractStructure=[part]))
