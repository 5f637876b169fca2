"""Identifiers with check digits: 统一社会信用代码, 身份证号码 and the Legal Entity Identifier.

Each `check_*` answers the number in its one written form, or refuses by name. The refusals never repeat the
number: it is personal data, and a refusal travels into logs. Each `make_*` gives a valid number for made-up
data.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_97_10

from zhongtai.kernel.refusals import Invalid

# GB/T 2260 provinces, by the first two digits of an area; 83 marks residence permits of Taiwan residents.
_KNOWN_AREA = re.compile(r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}")
_IDENTITY_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_FIRST_BIRTH_YEAR = 1900
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class IdentityNumberMustBeWellFormed(Invalid):
    """An identity number has 17 digits and a last digit or X: check what was typed.

    身份证号码应为17位数字加1位数字或X：请核对。
    """


class IdentityNumberMustHaveKnownArea(Invalid):
    """The identity number begins with an area that does not exist: check its first six digits.

    身份证号码的行政区划代码不存在：请核对前六位。
    """


class IdentityNumberMustHaveRealBirthDate(Invalid):
    """The identity number holds a birth date that does not exist: check its digits 7 to 14.

    身份证号码的出生日期不存在：请核对第7至14位。
    """


class IdentityNumberMustHaveValidCheckDigit(Invalid):
    """The last digit of the identity number does not fit the others: check what was typed.

    身份证号码校验码不符：请核对。
    """


class CreditCodeMustBeWellFormed(Invalid):
    """A unified social credit code has 18 digits and capital letters without I, O, S, V and Z: check what was
    typed.

    统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）：请核对。
    """


class CreditCodeMustHaveValidCheckDigit(Invalid):
    """The last character of the unified social credit code does not fit the others: check what was typed.

    统一社会信用代码校验码不符：请核对。
    """


class LeiMustBeWellFormed(Invalid):
    """A Legal Entity Identifier has 18 digits and capital letters, then two digits: check what was typed.

    法人机构识别编码（LEI）应为18位数字或大写字母加2位数字：请核对。
    """


class LeiMustHaveValidCheckDigits(Invalid):
    """The last two digits of the Legal Entity Identifier do not fit the others: check what was typed.

    法人机构识别编码（LEI）校验码不符：请核对。
    """


class Sex(StrEnum):
    """The sex an identity number states."""

    FEMALE = "FEMALE"
    MALE = "MALE"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A citizen identity number and what it says of its holder; its text form hides the number (C2 data)."""

    number: str = field(repr=False)
    area_code: str
    birth_date: date = field(repr=False)
    sex: Sex


def check_identity_number(text: str) -> IdentityNumber:
    """Reads a 身份证号码 after GB 11643-1999, spaces and a small x allowed.

    Raises, in this order: `IdentityNumberMustBeWellFormed`, `IdentityNumberMustHaveKnownArea`,
    `IdentityNumberMustHaveRealBirthDate`, `IdentityNumberMustHaveValidCheckDigit`.
    """
    number = _compact(text)
    if not _IDENTITY_NUMBER.fullmatch(number):
        raise IdentityNumberMustBeWellFormed()
    if not _KNOWN_AREA.fullmatch(number[:6]):
        raise IdentityNumberMustHaveKnownArea()
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberMustHaveRealBirthDate() from None
    if birth_date.year < _FIRST_BIRTH_YEAR:
        raise IdentityNumberMustHaveRealBirthDate()
    if number[-1] != ric.calc_check_digit(number):
        raise IdentityNumberMustHaveValidCheckDigit()
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdentityNumber(number=number, area_code=number[:6], birth_date=birth_date, sex=sex)


def check_credit_code(text: str) -> str:
    """Reads a 统一社会信用代码 after GB 32100-2015.

    Raises `CreditCodeMustBeWellFormed`, `CreditCodeMustHaveValidCheckDigit`.
    """
    code = _compact(text)
    if not _CREDIT_CODE.fullmatch(code):
        raise CreditCodeMustBeWellFormed()
    if code[-1] != uscc.calc_check_digit(code):
        raise CreditCodeMustHaveValidCheckDigit()
    return code


def check_lei(text: str) -> str:
    """Reads a Legal Entity Identifier after ISO 17442.

    Raises `LeiMustBeWellFormed`, `LeiMustHaveValidCheckDigits`.
    """
    code = _compact(text)
    if not _LEI.fullmatch(code):
        raise LeiMustBeWellFormed()
    if not mod_97_10.is_valid(code):
        raise LeiMustHaveValidCheckDigits()
    return code


def make_identity_number(area_code: str, birth_date: date, sequence: int) -> str:
    """A valid identity number; `sequence` is 0 to 999, odd for a man, even for a woman."""
    assert _KNOWN_AREA.fullmatch(area_code), "the area exists"
    assert 0 <= sequence <= 999, "a sequence has three digits"
    body = f"{area_code}{birth_date:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


def make_credit_code(area_code: str, sequence: int, registrar: str = "91") -> str:
    """A valid credit code; `sequence` is 0 to 99,999,999, the registrar 91 an enterprise of 市场监督管理.

    Its inner organisation code carries its own check character after GB 11714-1997.
    """
    assert re.fullmatch(r"[0-9]{6}", area_code), "an area has six digits"
    assert 0 <= sequence <= 99_999_999, "a sequence has eight digits"
    organisation = f"{sequence:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True))
    body = registrar + area_code + organisation + "0123456789X0"[11 - total % 11]
    return body + uscc.calc_check_digit(body)


def make_lei(sequence: int, issuer: str = "3003") -> str:
    """A valid LEI; `sequence` is 0 to 999,999,999,999, the issuer 3003 the Chinese one."""
    assert 0 <= sequence <= 999_999_999_999, "a sequence has twelve digits"
    body = f"{issuer}00{sequence:012d}"
    return body + mod_97_10.calc_check_digits(body)


def _compact(text: str) -> str:
    return text.replace(" ", "").upper()
