"""The table of certificates."""

from datetime import date

from sqlalchemy import MetaData, Table, UniqueConstraint, bindparam, func, select

from zhongtai.operations.deposit_certificate.domain import (
    DepositCertificate,
    DepositCertificateNotFound,
    is_number,
)
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
CERTIFICATE = Table(
    "deposit_certificate",
    metadata,
    text("certificate_id", primary_key=True),
    text("number", unique=True),
    text("code"),
    text("customer_id", index=True),
    text("holder_name"),
    json("lines"),
    day("issued_on"),
    integer("serial"),
    day("ends_on", nullable=True),
    integer("revoked"),
    UniqueConstraint("issued_on", "serial"),
)
certificates = Records(CERTIFICATE, DepositCertificate, missing=DepositCertificateNotFound)

_BY_NUMBER = certificates.query(CERTIFICATE.c.number == bindparam("number"))
_LAST_SERIAL = select(func.coalesce(func.max(CERTIFICATE.c.serial), 0)).where(
    CERTIFICATE.c.issued_on == bindparam("on")
)


def next_serial(view: View, on: date) -> int:
    """The next serial number of a day."""
    return int(view.rows(_LAST_SERIAL, {"on": on.isoformat()})[0][0]) + 1


def genuine(view: View, number: str, code: str) -> DepositCertificate | None:
    """The certificate of a number and code, where it stands."""
    found = _BY_NUMBER(view, number=number) if is_number(number) else []
    return next((certificate for certificate in found if certificate.is_genuine(code)), None)
