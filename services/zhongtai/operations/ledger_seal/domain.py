"""A seal (封签): the Merkle root over the hashes of a book's entries, signed, and chained to the seal before.

What is signed is told at `LedgerSeal.text`; the tree is RFC 6962's (`kernel/merkle.py`), the leaves being the 32 bytes
of the entries' hashes. Each seal carries the hash of the one before, which covers that one's signature too, so the
latest seal vouches for all. Whoever holds the database but not the key can neither change an entry that was sealed nor
make a seal.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256

from zhongtai.kernel.merkle import root_by_path, roots_by_consistency
from zhongtai.kernel.refusals import Missing, Unmet
from zhongtai.operations.account.domain import GENERAL

SignedBy = Callable[[bytes, bytes, bytes], bool]

FORM = "zhongtai.ledger_seal.1"
PROOF_FORM = "zhongtai.ledger_proof.1"
# The form of entries that say which book they are of.
_NAMES_ITS_BOOK = "zhongtai.ledger.2"


class LedgerSealNotFound(Missing):
    """The book {book} has no seal {seal_number}: use one of the numbers it has.

    账簿{book}没有第{seal_number}号封签：请使用已有的编号。
    """

    book: str
    seal_number: int


class EntryMustBeSealed(Unmet):
    """No seal covers entry {number} yet: ask again after the next one.

    第{number}号凭证尚未封签：请在下次封签后再试。
    """

    number: int


class LedgerMustBeIntact(Unmet):
    """Entry {number} of {book} is not what was posted: run `zhongtai ledger verify`, which names what is wrong.

    账簿{book}第{number}号凭证与记账时不符：请运行 zhongtai ledger verify 查明。
    """

    book: str
    number: int


@dataclass(frozen=True, slots=True)
class SealKey:
    """A public key: its RFC 7638 thumbprint, its 32 bytes in hexadecimal digits, and whether it signs now."""

    key_id: str
    public_key: str
    signs: bool = False


@dataclass(frozen=True, slots=True)
class LedgerSealed:
    """A book was sealed."""

    book: str
    seal_number: int
    size: int
    root: str
    last_hash: str
    sealed_at: datetime
    key_id: str
    previous_hash: str
    signature: str
    hash: str


@dataclass(frozen=True, slots=True)
class LedgerSeal:
    """A signed Merkle root; hashes and the signature in hexadecimal digits."""

    book: str
    seal_number: int
    size: int
    root: str
    last_hash: str
    sealed_at: datetime
    key_id: str
    previous_hash: str
    signature: str = ""
    hash: str = ""

    @property
    def text(self) -> str:
        """What is signed: a JSON array of texts as RFC 8785 writes it."""
        return array_of_texts(
            FORM,
            self.book,
            str(self.seal_number),
            str(self.size),
            self.root,
            self.last_hash,
            self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.key_id,
            self.previous_hash,
        )

    def signed(self, signature: bytes) -> "LedgerSeal":
        """The seal with its signature and the hash over both."""
        return replace(self, signature=signature.hex(), hash=sha256(self.text.encode() + signature).hexdigest())

    def sealed(self) -> LedgerSealed:
        """The fact that it was made."""
        return LedgerSealed(**{name: getattr(self, name) for name in LedgerSealed.__slots__})


class ProofFlaw(Enum):
    """What is wrong with a proof: the document was changed, another signed the seal, the entry is not under it."""

    DOCUMENT = "DOCUMENT"
    SIGNATURE = "SIGNATURE"
    PATH = "PATH"


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That an entry is in a book: its canonical text, the path from its hash to the root, the seal over the root."""

    text: str
    number: int
    path: tuple[bytes, ...]
    seal: LedgerSeal
    public_key: str

    @property
    def hash(self) -> str:
        """The hash of the entry as its text gives it."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def holds(self) -> bool:
        """Whether the path leads from the entry to the root of the seal."""
        root = root_by_path(bytes.fromhex(self.hash), self.number - 1, self.seal.size, self.path)
        return root is not None and root.hex() == self.seal.root

    def must_hold(self) -> None:
        """Refuses to give out a proof that proves nothing."""
        if not self.holds:
            raise LedgerMustBeIntact(book=self.seal.book, number=self.number)

    def document(self) -> str:
        """The proof as a file holds it. Nothing is said twice, so no byte of it can be changed unseen."""
        proof = {
            "form": PROOF_FORM,
            "entry": self.text,
            "path": [step.hex() for step in self.path],
            "seal": self.seal.text,
            "signature": self.seal.signature,
            "public_key": self.public_key,
        }
        return json.dumps(proof, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """What a document proves, or what is wrong with it."""

    flaw: ProofFlaw | None = None
    entry_id: str = ""
    number: int = 0
    seal: LedgerSeal | None = None

    @property
    def holds(self) -> bool:
        """Whether it proves anything."""
        return self.flaw is None


def checked(document: str, public_keys: Mapping[str, bytes], signed_by: SignedBy) -> CheckedProof:
    """What the document of a proof proves by itself; `signed_by` tells whether a key signed octets with a signature."""
    try:
        proof, entry_id = proof_of(document)
    except ValueError:
        return CheckedProof(ProofFlaw.DOCUMENT)
    seal = proof.seal
    key = public_keys.get(seal.key_id, b"")
    if proof.public_key != key.hex() or not signed_by(key, seal.text.encode(), bytes.fromhex(seal.signature)):
        return CheckedProof(ProofFlaw.SIGNATURE)
    return CheckedProof(None, entry_id, proof.number, seal) if proof.holds else CheckedProof(ProofFlaw.PATH)


def proof_of(document: str) -> tuple[EntryProof, str]:
    """The proof in a document, and the id of the entry. Raises ValueError where it is none that was given out."""
    try:
        told = json.loads(document)
        seal = seal_of(json.dumps({"seal": told["seal"], "signature": told["signature"]}))
        form, *entry = json.loads(told["entry"])
        # Entries of the first form are all of one book, which they do not name.
        book, number, entry_id = entry[:3] if form == _NAMES_ITS_BOOK else (GENERAL, *entry[:2])
        path = tuple(bytes.fromhex(step) for step in told["path"])
        proof = EntryProof(told["entry"], int(number), path, seal, told["public_key"])
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError("the document is no proof") from error
    if book != seal.book or proof.document() != document:
        raise ValueError("the document was changed")
    return proof, entry_id


def published(seal: LedgerSeal) -> str:
    """A seal as a line of the file that seals are published in."""
    return json.dumps({"seal": seal.text, "signature": seal.signature}, ensure_ascii=False)


def seal_of(line: str) -> LedgerSeal:
    """The seal of such a line. Raises ValueError where it is none."""
    told = json.loads(line)
    form, book, number, size, root, last_hash, sealed_at, key_id, previous_hash = json.loads(told["seal"])
    at = datetime.fromisoformat(sealed_at)
    seal = LedgerSeal(book, int(number), int(size), root, last_hash, at, key_id, previous_hash)
    if form != FORM or seal.text != told["seal"]:
        raise ValueError(f"{line} is no seal")
    return seal.signed(bytes.fromhex(told["signature"]))


def must_have_grown(earlier: LedgerSeal, later: LedgerSeal, path: Sequence[bytes]) -> None:
    """Refuses to give out a proof of growth that proves nothing."""
    roots = roots_by_consistency(earlier.size, later.size, bytes.fromhex(earlier.root), path)
    if roots is None or [root.hex() for root in roots] != [earlier.root, later.root]:
        raise LedgerMustBeIntact(book=earlier.book, number=earlier.size)


def array_of_texts(*texts: str) -> str:
    """A JSON array of texts as RFC 8785 writes it."""
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
