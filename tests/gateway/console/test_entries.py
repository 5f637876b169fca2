"""The pages of entries with their proofs, and of the periods of books."""

import re
from datetime import timedelta

import pytest

from tests.gateway.console.conftest import Bank
from tests.operations.ledger_seal.test_check_proof import CHECK
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1 import account_pb2, book_day_pb2, dimension_pb2, ledger_pb2, ledger_seal_pb2
from zhongtai.runtime.convert import date_message


async def posted(bank: Bank) -> ledger_pb2.Entry:
    """An entry of two legs on an account, with dimensions."""
    number = next(bank.numbers)
    opened = await bank.call(
        account_pb2.OpenAccountRequest(
            request_id=f"open-{number}",
            customer_id="cus_entry",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        )
    )
    amount = Money(currency_code="CNY", minor_units=765_432)
    branch = dimension_pb2.Dimensions(branch="0101")
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=amount, dimensions=branch),
        ledger_pb2.Leg(account_id=opened.account_id, side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    draft = ledger_pb2.EntryDraft(reference=f"till-{number}", narrative="Paid in <here>", legs=legs)
    found = await bank.call(ledger_pb2.PostEntryRequest(request_id=f"post-{number}", draft=draft))
    entry: ledger_pb2.Entry = found.entry
    return entry


async def sealed(bank: Bank) -> None:
    await bank.call(ledger_seal_pb2.SealLedgerRequest(request_id=f"seal-{next(bank.numbers)}"))


@pytest.mark.parametrize(
    ("language", "said", "holds"),
    [
        ("en", ("Legs", "CNY 7,654.32", "branch", "0101", "Merkle root", "Reversed by"), "The proof holds"),
        ("zh-CN", ("分录", "CNY 7,654.32", "机构", "0101", "默克尔根", "被冲正于"), "证明成立"),
    ],
)
async def test_an_entry_shows_its_legs_its_links_and_a_proof_that_can_be_checked(
    bank: Bank, language: str, said: tuple[str, ...], holds: str
) -> None:
    entry = await posted(bank)
    reverse = ledger_pb2.ReverseEntryRequest(request_id=f"back-{entry.number}", entry_id=entry.entry_id)
    reversal = (await bank.call(reverse)).reversal
    await sealed(bank)
    async with bank.signed_in(language=language) as http:
        page = await http.get(f"/console/entries/{entry.entry_id}")
        assert [text for text in (*said, entry.hash, entry.previous_hash) if text not in page.text] == []
        assert "Paid in &lt;here&gt;" in page.text
        assert f'href="/console/entries/{reversal.entry_id}"' in page.text
        assert holds not in page.text
        checked = await http.get(f"/console/entries/{entry.entry_id}?check=1")
        assert holds in checked.text
        mirror = await http.get(f"/console/entries/{reversal.entry_id}")
        assert f'href="/console/entries/{entry.entry_id}"' in mirror.text
        proof = await http.get(f"/console/entries/{entry.entry_id}/proof.json")
    assert "attachment" in proof.headers["content-disposition"]
    assert CHECK.check(proof.text).startswith(f"entry {entry.entry_id}, {entry.number} of general")


async def test_an_entry_is_found_by_its_id_its_number_its_reference_and_from_its_account(bank: Bank) -> None:
    entry = await posted(bank)
    here = f"/console/entries/{entry.entry_id}"
    async with bank.signed_in() as http:
        for query in (f"entry_id={entry.entry_id}", f"number={entry.number}", f"number={entry.number}&book=general"):
            assert (await http.get(f"/console/entries?{query}")).headers["location"] == here
        for query in (f"reference={entry.reference}", f"account_id={entry.legs[1].account_id}", "book=other"):
            assert f'href="{here}"' in (await http.get(f"/console/entries?{query}")).text
        account = await http.get(f"/console/accounts/{entry.legs[1].account_id}")
        assert f'href="{here}"' in account.text
        nowhere = await http.get("/console/entries?number=1&book=nowhere")
        assert "ENTRY_NUMBER_NOT_FOUND" in nowhere.text
        assert "number" in (await http.get("/console/entries?number=nonsense")).text
        assert (await http.get("/console/entries/ent_none")).status_code == 404


async def test_an_entry_that_no_seal_covers_is_shown_without_a_proof(bank: Bank) -> None:
    await sealed(bank)
    entry = await posted(bank)
    async with bank.signed_in() as http:
        page = await http.get(f"/console/entries/{entry.entry_id}?check=1")
    if "proof.json" not in page.text:  # The loop that seals may have been faster.
        assert "ENTRY_MUST_BE_SEALED" in page.text


async def test_a_period_is_looked_at_before_it_is_closed_and_refused_where_it_may_not_be(bank: Bank) -> None:
    async with bank.signed_in() as http:
        page = await http.get("/console/periods")
        assert "No period is closed yet" in page.text
        assert "/console/periods/close" not in page.text
        preview = await http.get("/console/periods?book=general&through=2020-01-31")
        assert "Nothing is carried forward" in preview.text
        form = dict(re.findall(r'name="(form_token|request_id|book|through)" value="([^"]+)"', preview.text))
        form |= {"book": "general", "through": "2020-01-30"}
        refused = await http.post("/console/periods/close", data=form)
        assert (refused.status_code, "PERIOD_MUST_END_WHOLE" in refused.text) == (400, True)
        assert (await http.post("/console/periods/open", data=form)).status_code == 404


async def test_a_period_whose_dates_are_closed_is_closed_by_its_button(bank: Bank) -> None:
    today = bank.platform.services["gateway"].clock.business_date()
    for status in book_day_pb2.BookDayStatus.keys()[2:]:
        advance = book_day_pb2.AdvanceBookDayRequest(
            request_id=f"day-{next(bank.numbers)}", book="annex", business_date=date_message(today), to=status
        )
        await bank.call(advance)
    through = (today.replace(day=1) - timedelta(days=1)).isoformat()
    async with bank.signed_in() as http:
        preview = await http.get(f"/console/periods?book=annex&through={through}")
        form = dict(re.findall(r'name="(form_token|request_id|book|through)" value="([^"]+)"', preview.text))
        assert (form["book"], form["through"]) == ("annex", through)
        closed = await http.post("/console/periods/close", data=form)
        assert closed.status_code == 303
        page = await http.get(closed.headers["location"])
    assert "The period is closed." in page.text
    assert re.search(rf"{through}</th><td>annex</td>", page.text)
