"""The proof of a phone number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.wallet import domain
from zhongtai.operations.wallet.domain import AliasProof, Wallet

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
WALLET = Wallet("wal_1", "cus_1", "acc_1")


def started(code: str = "314159", before: int = 0) -> AliasProof:
    return AliasProof.start("prf_1", WALLET, "13800000000", code, before=before, now=NOW)


def test_the_code_itself_is_kept_nowhere() -> None:
    assert b"314159" not in started().code_hash
    assert "314159" not in repr(started())
    other = AliasProof.start("prf_2", WALLET, "13800000000", "314159", before=0, now=NOW)
    assert other.code_hash != started().code_hash


def test_a_code_is_taken_for_minutes_and_once() -> None:
    with pytest.raises(domain.AliasProofMustBeOpen):
        started().tried("314159", NOW + domain.PROOF_LASTS)
    proof, right = started().tried("314159", NOW + domain.PROOF_LASTS - timedelta(seconds=1))
    assert right
    with pytest.raises(domain.AliasProofMustBeOpen):
        proof.tried("314159", NOW)
    with pytest.raises(domain.AliasProofsExhausted):
        started(before=domain.PROOFS_A_DAY_MAX)


@given(st.lists(st.sampled_from(["000000", "314158", "314159"]), max_size=8))
def test_whatever_is_tried_five_tries_are_the_most_and_one_right_code_ends_it(codes: list[str]) -> None:
    proof, given_codes = started(), 0
    for code in codes:
        if not proof.tries_left:
            with pytest.raises(domain.AliasProofMustBeOpen):
                proof.tried(code, NOW)
            break
        proof, right = proof.tried(code, NOW)
        given_codes += 1
        assert right is (code == "314159")
    assert given_codes <= domain.TRIES_MAX
    assert proof.done is ("314159" in codes[:given_codes])
