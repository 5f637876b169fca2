"""Tokens are believed only where they are ours and in time; secrets are kept only as hashes."""

import base64
import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from zhongtai.runtime import security
from zhongtai.runtime.call import Caller
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.errors import TokenExpired, TokenInvalid
from zhongtai.runtime.security import Mint, SigningKeys, Verifier

CALLER = Caller("app", "client-1", frozenset({"credit.limit.read", "credit.limit.write"}), on_behalf_of="cus_1")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys.new()


@pytest.fixture
def clock() -> GivenClock:
    return GivenClock()


def test_a_token_says_who_calls(keys: SigningKeys, clock: GivenClock) -> None:
    token = keys.issue(CALLER, MINUTE, clock.now())
    assert Verifier(keys, clock).verify(token) == CALLER


def test_a_token_is_good_until_it_expires_also_from_the_cache(keys: SigningKeys, clock: GivenClock) -> None:
    verifier = Verifier(keys, clock)
    token = keys.issue(CALLER, MINUTE, clock.now())
    clock.instant += timedelta(seconds=59)
    assert verifier.verify(token) == CALLER
    clock.instant += timedelta(seconds=1)
    with pytest.raises(TokenExpired) as refused:
        verifier.verify(token)
    assert refused.value.metadata["expired_at"].startswith("2026-01-05T01:01:00")


def test_a_verified_token_is_not_verified_again(
    keys: SigningKeys, clock: GivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier(keys, clock)
    token = keys.issue(CALLER, MINUTE, clock.now())
    verifier.verify(token)
    monkeypatch.setattr(SigningKeys, "read", lambda *_: pytest.fail("the signature was checked twice"))
    assert verifier.verify(token) == CALLER


def part(token: str, place: int) -> dict[str, object]:
    text = token.split(".")[place]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def encoded(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def raised_scope(token: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{encoded(part(token, 1) | {'scope': '*'})}.{signature}"


def unsigned(token: str) -> str:
    return f"{encoded(part(token, 0) | {'alg': 'none'})}.{token.split('.')[1]}."


def signed_by_public_key(token: str) -> str:
    # The old confusion of algorithms: the public key taken as the secret of an HMAC.
    key = OctKey.import_key("a public key that everyone may read, 32+ bytes")
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, part(token, 1), key)


@pytest.mark.parametrize(
    "forge",
    [raised_scope, unsigned, signed_by_public_key, lambda token: token[:-4], lambda _: "", lambda _: "a.b.c",
     lambda token: token + "x" * 9000, lambda _: "令牌"],
)  # fmt: skip
def test_a_forged_token_is_refused(keys: SigningKeys, clock: GivenClock, forge: Callable[[str], str]) -> None:
    token = keys.issue(CALLER, MINUTE, clock.now())
    with pytest.raises(TokenInvalid):
        Verifier(keys, clock).verify(forge(token))


def test_a_token_of_other_keys_is_refused(keys: SigningKeys, clock: GivenClock) -> None:
    with pytest.raises(TokenInvalid):
        Verifier(keys, clock).verify(SigningKeys.new().issue(CALLER, MINUTE, clock.now()))


@pytest.mark.parametrize("change", [{"iss": "other"}, {"aud": "other"}, {"exp": "never"}, {"sub": 5}, {"scope": None}])
def test_a_token_that_is_not_for_us_is_refused(keys: SigningKeys, clock: GivenClock, change: dict[str, object]) -> None:
    token = keys.issue(CALLER, MINUTE, clock.now())
    signing = KeySet.import_key_set(json.loads(json.dumps(keys.private)))
    other = jwt.encode(part(token, 0), part(token, 1) | change, signing, algorithms=["Ed25519"])
    with pytest.raises(TokenInvalid):
        Verifier(keys, clock).verify(other)


def test_an_identity_token_is_no_access_token(keys: SigningKeys, clock: GivenClock) -> None:
    token = keys.issue(CALLER, MINUTE, clock.now())
    header = part(token, 0) | {"typ": "JWT"}
    other = jwt.encode(
        header, part(token, 1), KeySet.import_key_set(json.loads(json.dumps(keys.private))), algorithms=["Ed25519"]
    )
    with pytest.raises(TokenInvalid):
        Verifier(keys, clock).verify(other)


def test_keys_are_made_once_for_their_owner_only(tmp_path: Path, clock: GivenClock) -> None:
    path = tmp_path / "data" / "signing_keys.json"
    first = SigningKeys.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    token = first.issue(CALLER, MINUTE, clock.now())
    assert Verifier(SigningKeys.open(path), clock).verify(token) == CALLER


def test_keys_that_were_made_meanwhile_stay(tmp_path: Path) -> None:
    path = tmp_path / "signing_keys.json"
    first = SigningKeys.open(path)
    security._make(path)
    assert SigningKeys.open(path).public == first.public


def test_a_new_key_in_front_signs_while_the_old_one_still_verifies(
    tmp_path: Path, keys: SigningKeys, clock: GivenClock
) -> None:
    old = keys.issue(CALLER, MINUTE, clock.now())
    path = tmp_path / "keys.json"
    newer = SigningKeys.new()
    path.write_text(json.dumps({"keys": newer.private["keys"] + keys.private["keys"]}))
    both = SigningKeys.open(path)
    assert Verifier(both, clock).verify(old) == CALLER
    assert Verifier(newer, clock).verify(both.issue(CALLER, MINUTE, clock.now())) == CALLER


def test_public_keys_verify_and_do_not_issue(tmp_path: Path, keys: SigningKeys, clock: GivenClock) -> None:
    assert "d" not in keys.public["keys"][0]
    path = tmp_path / "public.json"
    path.write_text(json.dumps(keys.public))
    public = SigningKeys.open(path)
    assert Verifier(public, clock).verify(keys.issue(CALLER, MINUTE, clock.now())) == CALLER
    with pytest.raises(LookupError):
        public.issue(CALLER, MINUTE, clock.now())


def test_a_file_that_is_no_key_set_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match=r"keys\.json"):
        SigningKeys.open(path)


def test_a_minted_token_is_made_anew_before_it_expires(keys: SigningKeys, clock: GivenClock) -> None:
    mint, verifier = Mint(keys, clock, lifetime=10 * MINUTE), Verifier(keys, clock)
    first = mint.token(CALLER)
    clock.instant += timedelta(minutes=4, seconds=59)
    assert mint.token(CALLER) == first
    clock.instant += timedelta(seconds=1)
    second = mint.token(CALLER)
    assert second != first
    assert verifier.verify(first).client_id == verifier.verify(second).client_id == "client-1"


def test_a_minted_token_keeps_the_caller_and_speaks_for_the_first_door(keys: SigningKeys, clock: GivenClock) -> None:
    caller = Verifier(keys, clock).verify(Mint(keys, clock).token(CALLER))
    assert (caller.subject, caller.client_id, caller.on_behalf_of) == ("app", "client-1", "cus_1")
    assert caller.scopes - CALLER.scopes == {"platform.business_date", "platform.on_behalf_of"}
    assert not caller.may("credit.product.write")


def test_the_platforms_own_token(keys: SigningKeys, clock: GivenClock) -> None:
    assert Verifier(keys, clock).verify(Mint(keys, clock).token()).may("anything.at.all")


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_KEPT", 2)
    kept: security.Kept[str, int] = security.Kept()
    for number, name in enumerate("abc"):
        kept.put(name, number)
    assert list(kept) == ["b", "c"]


def test_secrets_are_kept_as_hashes() -> None:
    secret = security.new_secret()
    kept = security.hash_secret(secret)
    assert secret not in kept
    assert security.secret_matches(secret, kept)
    assert not security.secret_matches(secret + "x", kept)
    assert security.hash_secret(secret) != kept


def test_an_unknown_client_matches_no_secret() -> None:
    assert not security.secret_matches("anything", "")
