"""Seals and proofs through the door; the proofs are checked by the script that ships, which shares no code with us."""

import json
import random
from typing import Any

from tests.operations.bank import Bank, drafted
from tests.operations.ledger_seal.test_check_proof import CHECK
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.kernel import merkle
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.operations.v1 import ledger_seal_pb2 as v1


async def posted(bank: Bank, count: int, **draft: Any) -> list[str]:
    """The ids of so many new entries."""
    drafts = [drafted(("1001", "DEBIT", fen + 1), ("4001", "CREDIT", fen + 1), **draft) for fen in range(count)]
    reply = await bank.door.call(ledger_pb2.PostEntriesRequest(request_id=bank.request_id(), drafts=drafts))
    return list(reply.entry_ids)


async def sealed(bank: Bank) -> list[v1.LedgerSeal]:
    """The seals that sealing now makes."""
    reply = await bank.door.call(v1.SealLedgerRequest(request_id=bank.request_id()))
    assert not reply.more
    return list(reply.seals)


async def proof_of(bank: Bank, entry_id: str) -> v1.GetEntryProofResponse:
    """The proof of an entry."""
    found: v1.GetEntryProofResponse = await bank.door.call(v1.GetEntryProofRequest(entry_id=entry_id))
    return found


async def test_a_seal_covers_what_was_posted_and_the_seal_before(bank: Bank) -> None:
    assert await sealed(bank) == []
    await posted(bank, 3)
    (first,) = await sealed(bank)
    assert (first.book, first.seal_number, first.size) == ("general", 1, 3)
    assert first.previous_hash == "0" * 64
    assert await sealed(bank) == []
    await posted(bank, 300)
    (second,) = await sealed(bank)
    assert (second.seal_number, second.size, second.previous_hash) == (2, 303, first.hash)
    entries = await bank.door.call(ledger_pb2.ListEntriesRequest(page=PageRequest(size=400)))
    frontier = merkle.Frontier()
    frontier.extend([merkle.leaf_hash(bytes.fromhex(entry.hash)) for entry in entries.entries])
    assert (second.root, second.last_hash) == (frontier.root().hex(), entries.entries[-1].hash)
    listed = await bank.door.call(v1.ListLedgerSealsRequest())
    assert list(listed.seals) == [first, second]
    told = await bank.door.facts(v1.LedgerSealed)
    assert [(fact.seal_number, fact.root, fact.signature) for fact in told] == [
        (seal.seal_number, seal.root, seal.signature) for seal in (first, second)
    ]


async def test_sealing_twice_by_one_request_seals_once(bank: Bank) -> None:
    await posted(bank, 1)
    request = v1.SealLedgerRequest(request_id="same")
    reply = await bank.door.call(request)
    await posted(bank, 1)
    assert await bank.door.call(request) == reply
    listed = await bank.door.call(v1.ListLedgerSealsRequest())
    assert len(listed.seals) == 1


async def test_every_entry_is_proven_by_a_document_that_the_script_checks(bank: Bank) -> None:
    narrative = 'quotes " and \\ and 中文 \t tabs'
    entry_ids = [*await posted(bank, 2), *await posted(bank, 260, narrative=narrative), *await posted(bank, 39)]
    await sealed(bank)
    (key,) = (await bank.door.call(v1.ListSealKeysRequest())).keys
    assert key.signs
    for place in (0, 1, 2, 255, 256, 257, 300):
        found = await proof_of(bank, entry_ids[place])
        told = CHECK.check(found.document, key.public_key)
        assert told.startswith(f"entry {entry_ids[place]}, {place + 1} of general, is under the seal")
        entry = (await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=entry_ids[place]))).entry
        assert found.hash == entry.hash
        assert json.loads(found.document)["path"] == list(found.path)


async def test_an_entry_that_no_seal_covers_is_not_proven_yet(bank: Bank) -> None:
    (entry_id,) = await posted(bank, 1)
    refusal = await bank.door.refused(v1.GetEntryProofRequest(entry_id=entry_id))
    assert refusal.reason == "ENTRY_MUST_BE_SEALED"
    await sealed(bank)
    await proof_of(bank, entry_id)
    refusal = await bank.door.refused(v1.GetEntryProofRequest(entry_id="ent_none"))
    assert refusal.reason == "ENTRY_NOT_FOUND"


async def test_a_book_is_seen_to_have_only_grown(bank: Bank) -> None:
    seals = []
    for count in (3, 1, 255, 70):
        await posted(bank, count)
        seals += await sealed(bank)
    for earlier in seals:
        for later in seals[earlier.seal_number - 1 :]:
            asked = v1.GetConsistencyProofRequest(earlier=earlier.seal_number, later=later.seal_number)
            found = await bank.door.call(asked)
            path = [bytes.fromhex(step) for step in found.path]
            roots = merkle.roots_by_consistency(earlier.size, later.size, bytes.fromhex(earlier.root), path)
            assert roots == (bytes.fromhex(earlier.root), bytes.fromhex(later.root))
    refusal = await bank.door.refused(v1.GetConsistencyProofRequest(earlier=1, later=9))
    assert refusal.reason == "LEDGER_SEAL_NOT_FOUND"
    refusal = await bank.door.refused(v1.GetConsistencyProofRequest(earlier=2, later=1))
    assert refusal.kind == "Invalid"


async def test_a_proof_is_checked_by_what_stands_in_it_alone(bank: Bank) -> None:
    ids = await posted(bank, 5, narrative='说 "好"')
    await sealed(bank)
    document = (await proof_of(bank, ids[2])).document
    found = await bank.door.call(v1.CheckEntryProofRequest(document=document))
    assert (found.holds, found.flaw, found.entry_id, found.number, found.seal.size) == (True, 0, ids[2], 3, 5)

    async def flaw(told: str) -> str:
        checked = await bank.door.call(v1.CheckEntryProofRequest(document=told))
        assert not checked.holds
        assert not checked.entry_id
        return v1.ProofFlaw.Name(checked.flaw)

    parts = json.loads(document)

    def again(**changed: str | list[str]) -> str:
        return json.dumps(parts | changed, ensure_ascii=False, indent=1) + "\n"

    other = json.loads((await proof_of(bank, ids[3])).document)
    key = "ab" * 32
    for told in ("{}", "[" * 5_000, document + " ", again(seal="[]"), again(entry='["zhongtai.ledger.2"]')):
        assert await flaw(told) == "PROOF_FLAW_DOCUMENT"
    assert await flaw(again(public_key=key)) == "PROOF_FLAW_SIGNATURE"
    assert await flaw(again(signature="00" * 64)) == "PROOF_FLAW_SIGNATURE"
    assert await flaw(again(seal=parts["seal"].replace('"5"', '"6"'))) == "PROOF_FLAW_SIGNATURE"
    assert await flaw(again(entry=other["entry"])) == "PROOF_FLAW_PATH"
    assert await flaw(again(path=parts["path"][:-1])) == "PROOF_FLAW_PATH"


async def test_no_byte_of_a_proof_is_changed_unseen(bank: Bank) -> None:
    ids = await posted(bank, 3)
    await sealed(bank)
    document = (await proof_of(bank, ids[1])).document
    chance = random.Random(7)
    for _ in range(60):
        place = chance.randrange(len(document))
        changed = document[:place] + chance.choice("0f}Z ") + document[place + 1 :]
        holds = (await bank.door.call(v1.CheckEntryProofRequest(document=changed))).holds
        assert holds == (changed == document)


async def test_an_entry_is_found_by_its_number_and_tells_what_reversed_or_resolved_it(bank: Bank) -> None:
    (entry_id,) = await posted(bank, 1)
    found = await bank.door.call(ledger_pb2.FindEntryRequest(book="general", number=1))
    assert found.entry_id == entry_id
    refused = await bank.door.refused(ledger_pb2.FindEntryRequest(book="general", number=9))
    assert refused.reason == "ENTRY_NUMBER_NOT_FOUND"
    told = await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=entry_id))
    assert (told.reversed_by, told.resolved_by) == ("", "")
    reversed_ = await bank.door.call(ledger_pb2.ReverseEntryRequest(request_id=bank.request_id(), entry_id=entry_id))
    told = await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=entry_id))
    assert told.reversed_by == reversed_.reversal_entry_id
    account = await bank.deposit(100)
    held = await bank.post((account, "DEBIT", 8), ("4001", "CREDIT", 8), kind="ENTRY_KIND_PENDING")
    posting = await bank.post(kind="ENTRY_KIND_POST_PENDING", resolves=held.entry_id)
    told = await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=held.entry_id))
    assert told.resolved_by == posting.entry_id
