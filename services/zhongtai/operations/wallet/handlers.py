"""The RPCs of wallets."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountClass
from zhongtai.operations.v1 import wallet_pb2 as v1
from zhongtai.operations.wallet import store
from zhongtai.operations.wallet.domain import AliasProof, Wallet
from zhongtai.runtime.convert import instant_message, message_of
from zhongtai.runtime.unit import Unit, View, rpc

_ACCOUNT_PRODUCT = "wallet"


@rpc
def open_wallet(request: v1.OpenWalletRequest, unit: Unit) -> v1.OpenWalletResponse:
    """Opens a wallet with its account."""
    account, opened = Account.open(
        unit.new_id("acc"),
        account_store.product(_ACCOUNT_PRODUCT),
        AccountClass.CUSTOMER,
        request.customer_id,
        request.currency_code,
    )
    wallet = Wallet(unit.new_id("wal"), request.customer_id, account.account_id)
    account_store.accounts.add(unit, account)
    store.wallets.add(unit, wallet)
    unit.record_all([opened, wallet.opened()])
    return v1.OpenWalletResponse(wallet_id=wallet.wallet_id, wallet=_message(wallet))


@rpc
def start_alias_proof(request: v1.StartAliasProofRequest, unit: Unit) -> v1.StartAliasProofResponse:
    """Begins the proof of a phone number."""
    wallet = store.wallets.load(unit, request.wallet_id)
    before = store.begun_within_a_day(unit, request.phone_number, unit.now)
    proof = AliasProof.start(
        unit.new_id("prf"), wallet, request.phone_number, request.code, before=before, now=unit.now
    )
    store.proofs.add(unit, proof)
    return v1.StartAliasProofResponse(alias_proof_id=proof.alias_proof_id, expires_at=instant_message(proof.expires_at))


@rpc
def confirm_alias(request: v1.ConfirmAliasRequest, unit: Unit) -> v1.ConfirmAliasResponse:
    """Takes the code; a right one binds the number and takes it from the wallet that had it."""
    proof, right = store.proofs.load(unit, request.alias_proof_id).tried(request.code, unit.now)
    store.proofs.save(unit, proof)
    wallet = store.wallets.load(unit, proof.wallet_id)
    if right:
        holder = store.by_number(unit, proof.phone_number)
        if holder and holder.wallet_id != wallet.wallet_id:
            _release(unit, holder)
        wallet, bound = wallet.bound(proof.phone_number, unit.now)
        store.wallets.save(unit, wallet)
        unit.record(bound)
    return v1.ConfirmAliasResponse(bound=right, tries_left=proof.tries_left, wallet=_message(wallet))


@rpc
def release_alias(request: v1.ReleaseAliasRequest, unit: Unit) -> v1.ReleaseAliasResponse:
    """Takes the number off a wallet."""
    return v1.ReleaseAliasResponse(wallet=_message(_release(unit, store.wallets.load(unit, request.wallet_id))))


@rpc
def resolve_alias(request: v1.ResolveAliasRequest, view: View) -> v1.ResolveAliasResponse:
    """The account a number leads to."""
    wallet = store.resolve(view, request.phone_number)
    return v1.ResolveAliasResponse(wallet_id=wallet.wallet_id, account_id=wallet.account_id)


@rpc
def get_wallet(request: v1.GetWalletRequest, view: View) -> v1.GetWalletResponse:
    """One wallet."""
    return v1.GetWalletResponse(wallet=_message(store.wallets.load(view, request.wallet_id)))


@rpc
def list_wallets(request: v1.ListWalletsRequest, view: View) -> v1.ListWalletsResponse:
    """Wallets page by page."""
    conditions = [store.WALLET.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.wallets.page(view, request.page, *conditions)
    return v1.ListWalletsResponse(wallets=[_message(wallet) for wallet in found], page=page)


def _release(unit: Unit, wallet: Wallet) -> Wallet:
    wallet, released = wallet.released()
    if released:
        store.wallets.save(unit, wallet)
        unit.record(released)
    return wallet


def _message(wallet: Wallet) -> v1.Wallet:
    return message_of(wallet, v1.Wallet)
