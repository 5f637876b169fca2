"""Certificates of deposit balance (存款证明): of a moment (时点), or of a period for which the money is held (时段).

Its number is the issue date, a serial number of the day and two check digits (ISO 7064, MOD 97-10), so that a slip of
the pen shows; its code, which cannot be guessed from the number, keeps others from asking number by number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.account.domain import Account

DAYS_MAX = 400
# The bank's day ends at midnight in Beijing.
_BEIJING = timedelta(hours=8)
_MODULUS = 97


class DepositCertificateNotFound(Missing):
    """There is no certificate {certificate_id}: check the id.

    存款证明{certificate_id}不存在：请核对编号。
    """

    certificate_id: str


class CertificateAccountsMustBeTheCustomers(Invalid):
    """{account_id} is not an account of this customer, or is named twice: name the customer's own, each once.

    账户{account_id}不属于该客户或重复填写：请逐一填写本人账户。
    """

    account_id: str


class CertificateMustEndInTime(Invalid):
    """A certificate ends today or later, by {latest}: choose a day between.

    存款证明截止日须在今日至{latest}之间：请调整。
    """

    latest: date


class CertificateMustProveMoney(Unmet):
    """Nothing is available on the account {account_id}: leave it out.

    账户{account_id}无可用余额：请勿列入。
    """

    account_id: str


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """What is certified of one account, and the hold that keeps it there."""

    account_id: str
    product: str
    amount: Money
    hold_id: str


@dataclass(frozen=True, slots=True)
class DepositCertificateIssued:
    """A certificate was issued."""

    certificate_id: str
    customer_id: str
    number: str


@dataclass(frozen=True, slots=True)
class DepositCertificateRevoked:
    """A certificate was withdrawn."""

    certificate_id: str
    number: str


@dataclass(frozen=True, slots=True)
class DepositCertificate:
    """A certificate; `ends_on` is None on one of a moment."""

    certificate_id: str
    number: str
    code: str
    customer_id: str
    holder_name: str
    lines: tuple[CertificateLine, ...]
    issued_on: date
    serial: int
    ends_on: date | None
    revoked: bool

    @classmethod
    def issue(
        cls,
        certificate_id: str,
        holder: tuple[str, str],
        accounts: Sequence[Account],
        *,
        serial: int,
        ends_on: date | None,
        on: date,
        now: datetime,
    ) -> tuple["DepositCertificate", DepositCertificateIssued]:
        """A certificate of what is available on accounts; `holder` is the customer and the name on it."""
        latest = on + timedelta(days=DAYS_MAX)
        if ends_on and not on <= ends_on <= latest:
            raise CertificateMustEndInTime(latest=latest)
        seen: set[str] = set()
        for account in accounts:
            if account.customer_id != holder[0] or account.account_id in seen:
                raise CertificateAccountsMustBeTheCustomers(account_id=account.account_id)
            if account.available(now).minor_units <= 0:
                raise CertificateMustProveMoney(account_id=account.account_id)
            seen.add(account.account_id)
        number = numbered(on, serial)
        # The id holds eighty bits of chance and stands on no paper.
        code = sha256(f"{certificate_id}/{number}".encode()).hexdigest()[:10].upper()
        lines = tuple(
            CertificateLine(account.account_id, account.product, account.available(now), "") for account in accounts
        )
        certificate = cls(certificate_id, number, code, *holder, lines, on, serial, ends_on, revoked=False)
        return certificate, DepositCertificateIssued(certificate_id, holder[0], number)

    @property
    def held_until(self) -> datetime | None:
        """The moment the money is free again."""
        if self.ends_on is None:
            return None
        midnight = datetime.combine(self.ends_on + timedelta(days=1), datetime.min.time(), UTC)
        return midnight - _BEIJING

    def with_holds(self, hold_ids: Sequence[str]) -> "DepositCertificate":
        """The certificate with what holds its money, by line."""
        lines = tuple(replace(line, hold_id=hold) for line, hold in zip(self.lines, hold_ids, strict=True))
        return replace(self, lines=lines)

    def withdrawn(self) -> tuple["DepositCertificate", DepositCertificateRevoked | None]:
        """The certificate, withdrawn; one that is stays as it is."""
        if self.revoked:
            return self, None
        return replace(self, revoked=True), DepositCertificateRevoked(self.certificate_id, self.number)

    def is_genuine(self, code: str) -> bool:
        """Whether a paper with this code says what was issued and stands."""
        return not self.revoked and code.strip().upper() == self.code


def numbered(on: date, serial: int) -> str:
    """The number of the day's serial number, with its check digits."""
    digits = f"{on:%Y%m%d}{serial:06d}"
    return f"{digits}{_MODULUS + 1 - int(digits + '00') % _MODULUS:02d}"


def is_number(text: str) -> bool:
    """Whether the check digits fit."""
    return len(text) == len("2026060100000197") and text.isdecimal() and int(text) % _MODULUS == 1
