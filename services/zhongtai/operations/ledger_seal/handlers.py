"""The RPCs of seals. What signs them is given by the runtime, from a file that no store holds."""

from functools import partial

from zhongtai.operations.account.domain import GENERAL
from zhongtai.operations.ledger_chain import store as chain_store
from zhongtai.operations.ledger_seal import store
from zhongtai.operations.ledger_seal.domain import LedgerSeal, checked
from zhongtai.operations.ledger_seal.engine import Growth
from zhongtai.operations.v1 import ledger_seal_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.security import signed_by
from zhongtai.runtime.unit import Unit, View, rpc

# So many entries go into one seal at the most.
_AT_MOST = 100_000


@rpc
async def seal_ledger(request: v1.SealLedgerRequest, given: Orchestration) -> v1.SealLedgerResponse:
    """Seals what is new in each book: entries are read beside the writer, which only writes the seals down."""
    books = (request.book,) if request.book else await given.read(chain_store.books)
    grown = [await _grown(book, given) for book in books]

    def finish(unit: Unit) -> v1.SealLedgerResponse:
        made = [seal for growth in grown if growth.added and (seal := _written(growth, given, unit))]
        unit.record_all([seal.sealed() for seal in made])
        return v1.SealLedgerResponse(
            seals=[message_of(seal, v1.LedgerSeal) for seal in made],
            more=any(growth.added >= _AT_MOST for growth in grown),
        )

    reply, _ = await change_once(given, request, finish)
    return reply


async def _grown(book: str, given: Orchestration) -> Growth:
    growth = await given.read(partial(store.growth, book=book), ("growth",))
    while growth.added < _AT_MOST and await given.read(partial(store.grow, growth=growth), ("entries to seal",)):
        pass
    return growth


def _written(growth: Growth, given: Orchestration, unit: Unit) -> LedgerSeal | None:
    """The seal, signed and written; None where somebody else has sealed the book meanwhile."""
    seal = growth.seal(unit.now, given.signer.key_id)
    seal = seal.signed(given.signer.sign(seal.text.encode()))
    return seal if store.add(unit, seal, growth.nodes) else None


@rpc
def list_ledger_seals(request: v1.ListLedgerSealsRequest, view: View) -> v1.ListLedgerSealsResponse:
    """The seals of a book."""
    found, page = store.seals.page(view, request.page, store.SEAL.c.book == (request.book or GENERAL))
    return v1.ListLedgerSealsResponse(seals=[message_of(seal, v1.LedgerSeal) for seal in found], page=page)


@rpc
async def list_seal_keys(request: v1.ListSealKeysRequest, given: Orchestration) -> v1.ListSealKeysResponse:
    """The public keys."""
    _ = request
    keys, signs = given.signer.public_keys, given.signer.key_id
    return v1.ListSealKeysResponse(
        keys=[
            v1.SealKey(key_id=key_id, public_key=public_key.hex(), signs=key_id == signs)
            for key_id, public_key in keys.items()
        ]
    )


@rpc
async def get_entry_proof(request: v1.GetEntryProofRequest, given: Orchestration) -> v1.GetEntryProofResponse:
    """The proof of an entry under the latest seal."""
    keys = {key_id: public_key.hex() for key_id, public_key in given.signer.public_keys.items()}
    proof = await given.read(lambda view: store.proof(view, request.entry_id, keys))
    return v1.GetEntryProofResponse(
        document=proof.document(),
        hash=proof.hash,
        path=[step.hex() for step in proof.path],
        seal=message_of(proof.seal, v1.LedgerSeal),
    )


@rpc
async def check_entry_proof(request: v1.CheckEntryProofRequest, given: Orchestration) -> v1.CheckEntryProofResponse:
    """Whether a proof holds; what is no proof has a flaw, too."""
    found = checked(request.document, given.signer.public_keys, signed_by)
    return v1.CheckEntryProofResponse(
        holds=found.holds,
        flaw=f"PROOF_FLAW_{found.flaw.value}" if found.flaw else None,
        entry_id=found.entry_id,
        number=found.number,
        seal=message_of(found.seal, v1.LedgerSeal) if found.seal else None,
    )


@rpc
def get_consistency_proof(request: v1.GetConsistencyProofRequest, view: View) -> v1.GetConsistencyProofResponse:
    """The proof that a book only grew between two seals."""
    book = request.book or GENERAL
    earlier, later = (store.seals.load(view, book, number) for number in (request.earlier, request.later))
    path = store.growth_path(view, earlier, later)
    return v1.GetConsistencyProofResponse(
        earlier=message_of(earlier, v1.LedgerSeal),
        later=message_of(later, v1.LedgerSeal),
        path=[step.hex() for step in path],
    )
