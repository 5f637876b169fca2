"""Wallets through the door."""

from datetime import timedelta

from tests.operations.bank import Bank
from zhongtai.operations.v1 import wallet_pb2 as v1

PHONE = "13800000000"


async def opened(bank: Bank, customer_id: str = "cus_1") -> v1.Wallet:
    request = v1.OpenWalletRequest(request_id=bank.request_id(), customer_id=customer_id, currency_code="CNY")
    wallet: v1.Wallet = (await bank.door.call(request)).wallet
    return wallet


async def proving(bank: Bank, wallet: v1.Wallet) -> str:
    request = v1.StartAliasProofRequest(
        request_id=bank.request_id(), wallet_id=wallet.wallet_id, phone_number=PHONE, code="314159"
    )
    return str((await bank.door.call(request)).alias_proof_id)


def code(bank: Bank, alias_proof_id: str, given: str = "314159") -> v1.ConfirmAliasRequest:
    return v1.ConfirmAliasRequest(request_id=bank.request_id(), alias_proof_id=alias_proof_id, code=given)


async def test_a_number_leads_to_the_wallet_that_proved_it_last(bank: Bank) -> None:
    first, second = await opened(bank), await opened(bank, "cus_2")
    bound = await bank.door.call(code(bank, await proving(bank, first)))
    assert (bound.bound, bound.wallet.phone_number) == (True, PHONE)
    assert (await bank.door.call(v1.ResolveAliasRequest(phone_number=PHONE))).account_id == first.account_id
    await bank.door.call(code(bank, await proving(bank, second)))
    assert (await bank.door.call(v1.ResolveAliasRequest(phone_number=PHONE))).account_id == second.account_id
    found = await bank.door.call(v1.GetWalletRequest(wallet_id=first.wallet_id))
    assert not found.wallet.phone_number
    for request_id in ("r1", "r2"):
        await bank.door.call(v1.ReleaseAliasRequest(request_id=request_id, wallet_id=second.wallet_id))
    assert (await bank.door.refused(v1.ResolveAliasRequest(phone_number=PHONE))).reason == "ALIAS_NOT_FOUND"
    assert len(await bank.door.facts(v1.WalletAliasBound)) == len(await bank.door.facts(v1.WalletAliasReleased)) == 2
    listed = await bank.door.call(v1.ListWalletsRequest(customer_id="cus_2"))
    assert [wallet.wallet_id for wallet in listed.wallets] == [second.wallet_id]


async def test_wrong_codes_cost_tries_and_late_ones_are_refused(bank: Bank) -> None:
    wallet = await opened(bank)
    proof = await proving(bank, wallet)
    for left in (4, 3, 2, 1, 0):
        tried = await bank.door.call(code(bank, proof, "271828"))
        assert (tried.bound, tried.tries_left) == (False, left)
    assert (await bank.door.refused(code(bank, proof))).reason == "ALIAS_PROOF_MUST_BE_OPEN"
    proof = await proving(bank, wallet)
    bank.door.now(bank.door.clock.now() + timedelta(minutes=5))
    assert (await bank.door.refused(code(bank, proof))).reason == "ALIAS_PROOF_MUST_BE_OPEN"
    for _ in range(8):
        await proving(bank, wallet)
    request = v1.StartAliasProofRequest(
        request_id="one-more", wallet_id=wallet.wallet_id, phone_number=PHONE, code="314159"
    )
    assert (await bank.door.refused(request)).reason == "ALIAS_PROOFS_EXHAUSTED"
    assert (await bank.door.refused(code(bank, "prf_none"))).reason == "ALIAS_PROOF_NOT_FOUND"
    missing = await bank.door.refused(v1.GetWalletRequest(wallet_id="wal_none"))
    assert missing.reason == "WALLET_NOT_FOUND"
