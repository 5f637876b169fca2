"""How terms are read: names, numbers, times, codes, and what is refused."""

from datetime import datetime
from decimal import Decimal

import pytest

from zhongtai.kernel.actus.codes import Calendar, ContractRole, ReferenceRole, ScalingEffect
from zhongtai.kernel.actus.schedules import Cycle
from zhongtai.kernel.actus.terms import TermMissing, TermNotUnderstood, Terms, TermUnknown, terms_of

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
