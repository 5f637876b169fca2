"""Identifiers: published numbers, every single-digit mistake, every transposition, and numbers made here."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel import identifiers
from zhongtai.kernel.identifiers import (
    Sex,
    check_credit_code,
    check_identity_number,
    check_lei,
    make_credit_code,
    make_identity_number,
    make_lei,
)
from zhongtai.kernel.refusals import Refusal

birth_dates = st.dates(date(1900, 1, 1), date(2099, 12, 31))
areas = st.sampled_from(["110105", "310101", "440304", "820000"])


def test_the_identity_number_of_the_standard() -> None:
    """GB 11643-1999, examples: 11010519491231002X (a woman) and 440524188001010014 (born before 1900)."""
    identity = check_identity_number("11010519491231002X")
    assert (identity.area_code, identity.birth_date, identity.sex) == ("110105", date(1949, 12, 31), Sex.FEMALE)
    assert check_identity_number(" 110105 19491231 002x") == identity
    with pytest.raises(identifiers.IdentityNumberMustHaveRealBirthDate):
        check_identity_number("440524188001010014")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", identifiers.IdentityNumberMustBeWellFormed),
        ("11010519491231002", identifiers.IdentityNumberMustBeWellFormed),
        ("1101051949123100X2", identifiers.IdentityNumberMustBeWellFormed),
        ("１１０１０５１９４９１２３１００２Ｘ", identifiers.IdentityNumberMustBeWellFormed),
        ("99010519491231002X", identifiers.IdentityNumberMustHaveKnownArea),
        ("11010519490231002X", identifiers.IdentityNumberMustHaveRealBirthDate),
        ("11010500001231002X", identifiers.IdentityNumberMustHaveRealBirthDate),
        ("110105194912310021", identifiers.IdentityNumberMustHaveValidCheckDigit),
    ],
)
def test_a_wrong_identity_number_is_refused_by_name(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_identity_number(text)


@pytest.mark.parametrize("code", ["91110000600037341L", "9144030071526726XG", " 9144030071526726xg"])
def test_published_credit_codes(code: str) -> None:
    """python-stdnum's example; that of 腾讯计算机系统, from the public register of enterprises."""
    assert check_credit_code(code) == code.strip().upper()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("91110000600037341", identifiers.CreditCodeMustBeWellFormed),
        ("91110000600037341I", identifiers.CreditCodeMustBeWellFormed),
        ("9111000A600037341L", identifiers.CreditCodeMustBeWellFormed),
        ("91110000600037342L", identifiers.CreditCodeMustHaveValidCheckDigit),
    ],
)
def test_a_wrong_credit_code_is_refused_by_name(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_credit_code(text)


@pytest.mark.parametrize("code", ["213800KUD8LAJWSQ9D15", "5493002ERZU2K9PZDL40"])
def test_published_leis(code: str) -> None:
    """python-stdnum's example; that of 中国工商银行 as listed by GLEIF."""
    assert check_lei(code.lower()) == code


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("213800KUD8LAJWSQ9D1", identifiers.LeiMustBeWellFormed),
        ("213800KUD8LAJWSQ9D1A", identifiers.LeiMustBeWellFormed),
        ("213800KUD8LXJWSQ9D15", identifiers.LeiMustHaveValidCheckDigits),
    ],
)
def test_a_wrong_lei_is_refused_by_name(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_lei(text)


@settings(max_examples=60)
@given(area=areas, born=birth_dates, sequence=st.integers(0, 999))
def test_a_made_identity_number_is_valid_and_says_what_was_given(area: str, born: date, sequence: int) -> None:
    identity = check_identity_number(make_identity_number(area, born, sequence))
    assert (identity.area_code, identity.birth_date) == (area, born)
    assert (identity.sex is Sex.MALE) == (sequence % 2 == 1)


@settings(max_examples=60)
@given(area=areas, code=st.integers(0, 99_999_999), entity=st.integers(0, 999_999_999_999))
def test_made_codes_are_valid(area: str, code: int, entity: int) -> None:
    assert check_credit_code(make_credit_code(area, code))[2:8] == area
    assert check_lei(make_lei(entity)).startswith("300300")


def test_a_made_credit_code_holds_a_valid_organisation_code() -> None:
    """GB 11714: the code made from Beijing's 60003734 is the published one, inner check digit included."""
    assert make_credit_code("110000", 60_003_734) == "91110000600037341L"


@settings(max_examples=60)
@given(
    born=birth_dates,
    sequence=st.integers(0, 999),
    place=st.integers(0, 16),
    other=st.sampled_from("0123456789"),
)
def test_every_single_mistake_is_caught(born: date, sequence: int, place: int, other: str) -> None:
    number = make_identity_number("110105", born, sequence)
    mistaken = number[:place] + other + number[place + 1 :]
    if mistaken != number:
        with pytest.raises(Refusal):
            check_identity_number(mistaken)


def test_refusals_and_text_never_repeat_the_number() -> None:
    number = make_identity_number("110105", date(1990, 1, 2), 3)
    with pytest.raises(Refusal) as refused:
        check_identity_number(number[:-1] + ("0" if number[-1] != "0" else "1"))
    assert refused.value.metadata == {}
    assert number[6:14] not in repr(check_identity_number(number))
