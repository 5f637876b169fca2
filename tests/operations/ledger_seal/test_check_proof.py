"""deploy/check_proof.py, which ships for whoever trusts nobody: against RFC 8032, and proofs that were changed."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from zhongtai.kernel import merkle
from zhongtai.operations.ledger_seal.domain import EntryProof, LedgerSeal
from zhongtai.runtime.security import SigningKeys, signed_by

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "check_proof.py"
KEYS = SigningKeys.new()

# RFC 8032 §7.1, TEST 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def script() -> Any:
    """The script as a module."""
    found = spec_from_file_location("check_proof", SCRIPT)
    assert found
    assert found.loader
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


CHECK = script()


def document(number: int = 2, size: int = 3, book: str = "general") -> str:
    """A proof of one of a few entries, as the platform makes it."""
    entries = [
        json.dumps(["zhongtai.ledger.1", str(one), f"ent_{one}", "…"], ensure_ascii=False, separators=(",", ":"))
        for one in range(1, size + 1)
    ]
    hashes = [merkle.leaf_hash(sha256(entry.encode()).digest()) for entry in entries]
    frontier = merkle.Frontier()
    frontier.extend(hashes)
    path = merkle.inclusion_path(lambda _, first, end: hashes[first:end], number - 1, size)
    seal = LedgerSeal(
        book=book,
        seal_number=1,
        size=size,
        root=frontier.root().hex(),
        last_hash=sha256(entries[-1].encode()).hexdigest(),
        sealed_at=datetime(2026, 5, 4, tzinfo=UTC),
        key_id=KEYS.key_id,
        previous_hash="0" * 64,
    )
    seal = seal.signed(KEYS.sign(seal.text.encode()))
    (public_key,) = KEYS.public_keys.values()
    return EntryProof(entries[number - 1], number, tuple(path), seal, public_key.hex()).document()


def test_it_is_at_most_sixty_lines_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "zhongtai." not in text.replace('"zhongtai.', "")


def holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the script takes a signature; one whose first half is no point of the curve ends it."""
    try:
        return bool(CHECK.signed(key, message, signature))
    except SystemExit:
        return False


@pytest.mark.parametrize("vector", VECTORS)
def test_its_signatures_are_those_of_the_standard(vector: tuple[str, str, str]) -> None:
    key, message, signature = (bytes.fromhex(part) for part in vector)
    assert CHECK.signed(key, message, signature)
    assert signed_by(key, message, signature)
    assert not CHECK.signed(key, message + b"\0", signature)
    for place in (0, 31, 32, 63):
        broken = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert not signed_by(key, message, broken)
        assert not holds(key, message, broken)


def test_the_name_of_a_key_is_its_thumbprint() -> None:
    # RFC 7638 §3, RFC 8037 §2: the script derives it in the same way, and refuses a seal that names another.
    for key_id, key in KEYS.public_keys.items():
        x = base64.urlsafe_b64encode(key).rstrip(b"=")
        members = b'{"crv":"Ed25519","kty":"OKP","x":"' + x + b'"}'
        assert base64.urlsafe_b64encode(sha256(members).digest()).rstrip(b"=").decode() == key_id


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9])
def test_every_entry_of_a_tree_of_any_size_is_found_under_its_root(size: int) -> None:
    for number in range(1, size + 1):
        assert CHECK.check(document(number, size)).startswith(f"entry ent_{number}, {number} of general, is under")


def test_a_proof_with_any_byte_changed_does_not_hold() -> None:
    whole = document().encode()
    CHECK.check(whole.decode())
    for place in range(len(whole)):
        broken = whole[:place] + bytes([whole[place] ^ (0x20 if place % 2 else 0x01)]) + whole[place + 1 :]
        with pytest.raises((SystemExit, ValueError, LookupError, TypeError)):
            CHECK.check(broken.decode())
    for text in (whole + b"\n", whole[:-1], whole.replace(b"{\n", b'{\n "form": "x",\n', 1)):
        with pytest.raises((SystemExit, ValueError)):
            CHECK.check(text.decode())


def test_a_proof_of_another_book_or_by_another_key_does_not_hold() -> None:
    with pytest.raises(SystemExit, match="not under the seal"):
        CHECK.check(document(book="branch"))
    with pytest.raises(SystemExit, match="another key"):
        CHECK.check(document(), "00" * 32)
