"""Guarantees through the door."""

from datetime import date

from tests.credit.examples import day, fen, pending, request_id
from tests.credit.guarantee.promises import given, giving, guarantor
from zhongtai.credit.v1 import guarantee_claim_pb2 as claim_v1
from zhongtai.credit.v1 import guarantee_pb2 as v1
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door


async def test_a_guarantee_lasts_six_months_past_maturity_where_nothing_else_is_agreed(door: Door) -> None:
    loan = await pending(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a", cap=100), guarantor("b"))
    guarantee = (await door.call(v1.GetGuaranteeRequest(guarantee_id=guarantee_id))).guarantee
    assert (guarantee.valid_until.year, guarantee.valid_until.month) == (2027, 7)
    assert [(one.guarantor_id, one.claimed, one.HasField("cap")) for one in guarantee.guarantors] == [
        ("a", fen(0), True),
        ("b", fen(0), False),
    ]
    (fact,) = await door.facts(v1.GuaranteeGiven)
    assert (fact.loan_id, len(fact.guarantors)) == (loan.loan_id, 2)
    listed = await door.call(v1.ListGuaranteesRequest(loan_id=loan.loan_id))
    assert [one.guarantee_id for one in listed.guarantees] == [guarantee_id]
    assert date_of(guarantee.valid_until) > date_of(loan.maturity_date)


async def test_contradictions_are_refused_by_name_and_leave_nothing(door: Door) -> None:
    loan = await pending(door)
    before = len(await door.envelopes())
    several = {"sharing": v1.GUARANTEE_SHARING_SEVERAL}
    asked = {
        "GUARANTOR_MUST_BE_NAMED_ONCE": giving(loan.loan_id, guarantor("a"), guarantor("a")),
        "SHARE_MUST_BE_STATED": giving(loan.loan_id, guarantor("a", "0.5"), guarantor("b"), **several),
        "SHARES_MUST_NOT_EXCEED_WHOLE": giving(loan.loan_id, guarantor("a", "0.5"), guarantor("b", "0.51"), **several),
        "VALID_UNTIL_MUST_NOT_BE_PAST": giving(loan.loan_id, guarantor("a"), valid_until=day(2026, 1, 4)),
        "CURRENCY_MUST_MATCH": giving(
            loan.loan_id,
            v1.Guarantor(guarantor_id="a", kind=v1.GUARANTOR_KIND_INSURER, cap=fen(1, "USD")),
        ),
        "LOAN_NOT_FOUND": giving("loan_x", guarantor("a")),
    }
    for reason, request in asked.items():
        assert (await door.refused(request)).reason == reason
    assert (await door.refused(giving(loan.loan_id))).kind == "Invalid"
    assert len(await door.envelopes()) == before


async def test_guarantors_are_let_go_once_and_not_while_they_owe(door: Door) -> None:
    loan = await pending(door)
    guarantee_id = await given(door, loan.loan_id, guarantor("a"))
    releasing = v1.ReleaseGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id)
    claiming = claim_v1.ClaimGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id, amount=fen(100))
    claim_id = (await door.call(claiming)).claim_id
    assert (await door.refused(releasing)).reason == "GUARANTEE_MUST_HAVE_NO_OPEN_CLAIM"
    await door.call(
        claim_v1.WithdrawClaimRequest(request_id=request_id(), guarantee_id=guarantee_id, claim_id=claim_id)
    )
    for _ in range(2):
        again = v1.ReleaseGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id)
        assert (await door.call(again)).guarantee.status == v1.GUARANTEE_STATUS_RELEASED
    assert len(await door.facts(v1.GuaranteeReleased)) == 1
    late = claim_v1.ClaimGuaranteeRequest(request_id=request_id(), guarantee_id=guarantee_id, amount=fen(100))
    assert (await door.refused(late)).reason == "GUARANTEE_MUST_STAND"


async def test_a_guarantee_ends_the_day_after_its_last_unless_something_was_claimed(door: Door) -> None:
    loan = await pending(door)
    last = day(2026, 3, 31)
    free, claimed = [await given(door, loan.loan_id, guarantor("a"), valid_until=last) for _ in range(2)]
    await given(door, loan.loan_id, guarantor("b"))
    await door.call(claim_v1.ClaimGuaranteeRequest(request_id=request_id(), guarantee_id=claimed, amount=fen(100)))
    for today, expired in ((date(2026, 3, 31), 0), (date(2026, 4, 1), 1), (date(2026, 4, 2), 0)):
        door.today(today)
        reply = await door.call(v1.SweepGuaranteesRequest(request_id=request_id()))
        assert (reply.expired, reply.next_position) == (expired, "")
    (fact,) = await door.facts(v1.GuaranteeExpired)
    assert (fact.guarantee_id, fact.loan_id) == (free, loan.loan_id)
    found = (await door.call(v1.GetGuaranteeRequest(guarantee_id=free))).guarantee
    assert found.status == v1.GUARANTEE_STATUS_EXPIRED
