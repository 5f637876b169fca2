"""The tables of wallets and of proofs under way."""

from datetime import datetime, timedelta

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.operations.wallet.domain import (
    AliasNotFound,
    AliasProof,
    AliasProofNotFound,
    Wallet,
    WalletNotFound,
)
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.store import Records, instant, integer, octets, text
from zhongtai.runtime.unit import View

metadata = MetaData()
WALLET = Table(
    "wallet",
    metadata,
    text("wallet_id", primary_key=True),
    text("customer_id", index=True),
    text("account_id"),
    text("phone_number", nullable=True, unique=True),
    instant("alias_bound_at", nullable=True),
)
PROOF = Table(
    "wallet_alias_proof",
    metadata,
    text("alias_proof_id", primary_key=True),
    text("wallet_id"),
    text("phone_number"),
    octets("code_hash"),
    instant("started_at"),
    instant("expires_at"),
    integer("tries"),
    integer("done"),
    Index("ix_wallet_alias_proof_phone_number", "phone_number", "started_at"),
)
wallets = Records(WALLET, Wallet, missing=WalletNotFound)
proofs = Records(PROOF, AliasProof, missing=AliasProofNotFound)

_BY_NUMBER = wallets.query(WALLET.c.phone_number == bindparam("phone_number"))
_BEGUN = select(func.count()).where(
    PROOF.c.phone_number == bindparam("phone_number"), PROOF.c.started_at > bindparam("since")
)


def by_number(view: View, phone_number: str) -> Wallet | None:
    """The wallet a number leads to, if any."""
    return next(iter(_BY_NUMBER(view, phone_number=phone_number)), None)


def resolve(view: View, phone_number: str) -> Wallet:
    """The wallet a number leads to, or `AliasNotFound`."""
    found = by_number(view, phone_number)
    if found is None:
        raise AliasNotFound
    return found


def begun_within_a_day(view: View, phone_number: str, now: datetime) -> int:
    """How many proofs of a number were begun in the last 24 hours."""
    since = instant_text(now - timedelta(days=1))
    return int(view.rows(_BEGUN, {"phone_number": phone_number, "since": since})[0][0])
