"""Wallets (电子钱包): an account that is paid to by a phone number, and the proof that the number is its holder's.

Always true: a number leads to one wallet at the most. It comes to a wallet, or goes over to another, by proof only: a
code that was sent to the phone, of which a hash is kept, which is taken for minutes and for a few tries.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import pbkdf2_hmac

from zhongtai.kernel.refusals import Limited, Missing, Unmet

PROOF_LASTS = timedelta(minutes=5)
TRIES_MAX = 5
PROOFS_A_DAY_MAX = 10
# The tries protect a code of six digits; the rounds keep a table that was stolen slow to read.
_ROUNDS = 10_000


class WalletNotFound(Missing):
    """There is no wallet {wallet_id}: check the id.

    钱包{wallet_id}不存在：请核对编号。
    """

    wallet_id: str


class AliasNotFound(Missing):
    """The phone number leads to no wallet: ask its holder to bind it, or pay to the account.

    该手机号未绑定钱包：请联系对方绑定，或直接向账户付款。
    """


class AliasProofNotFound(Missing):
    """There is no proof {alias_proof_id}: begin one.

    验证{alias_proof_id}不存在：请重新发起验证。
    """

    alias_proof_id: str


class AliasProofMustBeOpen(Unmet):
    """The proof {alias_proof_id} is over: begin another one.

    验证{alias_proof_id}已失效：请重新发起验证。
    """

    alias_proof_id: str


class AliasProofsExhausted(Limited):
    """{maximum} proofs of this phone number were begun within a day, the most there may be: try again tomorrow.

    该手机号一日内已发起{maximum}次验证，达到上限：请明日再试。
    """

    maximum: int


@dataclass(frozen=True, slots=True)
class WalletOpened:
    """A wallet was opened."""

    wallet_id: str
    customer_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class WalletAliasBound:
    """A phone number leads to the wallet from here on."""

    wallet_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class WalletAliasReleased:
    """No phone number leads to the wallet any more."""

    wallet_id: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet; no number is None, so that each number stands once."""

    wallet_id: str
    customer_id: str
    account_id: str
    phone_number: str | None = None
    alias_bound_at: datetime | None = None

    def opened(self) -> WalletOpened:
        """The fact that it was opened."""
        return WalletOpened(self.wallet_id, self.customer_id, self.account_id)

    def bound(self, phone_number: str, now: datetime) -> tuple["Wallet", WalletAliasBound]:
        """The wallet with a number that was proved."""
        after = replace(self, phone_number=phone_number, alias_bound_at=now)
        return after, WalletAliasBound(self.wallet_id, self.account_id)

    def released(self) -> tuple["Wallet", WalletAliasReleased | None]:
        """The wallet without a number."""
        if self.phone_number is None:
            return self, None
        return replace(self, phone_number=None, alias_bound_at=None), WalletAliasReleased(self.wallet_id)


@dataclass(frozen=True, slots=True)
class AliasProof:
    """A proof under way; `code_hash` is the code's, salted with the proof's own id."""

    alias_proof_id: str
    wallet_id: str
    phone_number: str
    code_hash: bytes
    started_at: datetime
    expires_at: datetime
    tries: int
    done: bool

    @classmethod
    def start(
        cls, alias_proof_id: str, wallet: Wallet, phone_number: str, code: str, *, before: int, now: datetime
    ) -> "AliasProof":
        """A proof that begins; `before` is how many of the number were begun within a day."""
        if before >= PROOFS_A_DAY_MAX:
            raise AliasProofsExhausted(maximum=PROOFS_A_DAY_MAX)
        hashed = _hash(alias_proof_id, code)
        return cls(alias_proof_id, wallet.wallet_id, phone_number, hashed, now, now + PROOF_LASTS, 0, done=False)

    @property
    def tries_left(self) -> int:
        """How often another code may be given."""
        return 0 if self.done else TRIES_MAX - self.tries

    def tried(self, code: str, now: datetime) -> tuple["AliasProof", bool]:
        """The proof after a code was given, and whether it was right. A wrong one is kept: it costs a try."""
        if not self.tries_left or now >= self.expires_at:
            raise AliasProofMustBeOpen(alias_proof_id=self.alias_proof_id)
        right = hmac.compare_digest(self.code_hash, _hash(self.alias_proof_id, code))
        return replace(self, tries=self.tries + 1, done=right), right


def _hash(alias_proof_id: str, code: str) -> bytes:
    return pbkdf2_hmac("sha256", code.encode(), alias_proof_id.encode(), _ROUNDS)
