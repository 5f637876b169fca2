"""Compensation funds through the door."""

from tests.credit.examples import disbursed, fen, rate, request_id
from zhongtai.credit.v1 import compensation_fund_pb2 as v1
from zhongtai.testing.doors import Door


def layer(cap: int, **shares: str) -> v1.FundLayer:
    payers = [v1.LayerPayer(payer_id=name, share=rate(share)) for name, share in shares.items()]
    return v1.FundLayer(title="first loss", cap=fen(cap), payers=payers)


def opening(*layers: v1.FundLayer) -> v1.OpenCompensationFundRequest:
    return v1.OpenCompensationFundRequest(request_id=request_id(), title="农户贷款风险补偿资金", layers=layers)


async def opened(door: Door) -> str:
    return str((await door.call(opening(layer(500, government="0.7", guarantor="0.3")))).fund_id)


def covering(fund_id: str, loan_id: str) -> v1.CoverLoanRequest:
    return v1.CoverLoanRequest(request_id=request_id(), fund_id=fund_id, loan_id=loan_id, share=rate("0.8"))


def losing(fund_id: str, loan_id: str, amount: int) -> v1.ClaimLossRequest:
    return v1.ClaimLossRequest(request_id=request_id(), fund_id=fund_id, loan_id=loan_id, amount=fen(amount))


async def test_from_cover_to_exhaustion_and_recovery(door: Door) -> None:
    loan, fund_id = await disbursed(door), await opened(door)
    await door.call(covering(fund_id, loan.loan_id))
    reply = await door.call(losing(fund_id, loan.loan_id, 1_000))
    assert [(line.payer_id, line.amount) for line in reply.loss.lines] == [
        ("government", fen(350)),
        ("guarantor", fen(150)),
        ("", fen(500)),
    ]
    assert [fact.layer for fact in await door.facts(v1.FundLayerExhausted)] == [1]
    (claimed,) = await door.facts(v1.LossClaimed)
    assert claimed.compensated == fen(500)
    recovering = v1.RecoverLossRequest(request_id=request_id(), fund_id=fund_id, loss_id=reply.loss_id, amount=fen(100))
    for _ in range(2):
        assert sum(line.recovered.minor_units for line in (await door.call(recovering)).loss.lines) == 100
    fund = (await door.call(v1.GetCompensationFundRequest(fund_id=fund_id))).fund
    assert fund.layers[0].borne == fen(450)
    assert len((await door.call(v1.ListLossesRequest(fund_id=fund_id))).losses) == 1
    assert len((await door.call(v1.ListCompensationFundsRequest())).funds) == 1


async def test_a_loan_is_in_one_fund_at_a_time_and_keeps_what_it_lost(door: Door) -> None:
    loan, first, second = await disbursed(door), await opened(door), await opened(door)
    await door.call(covering(first, loan.loan_id))
    refusal = await door.refused(covering(second, loan.loan_id))
    assert (refusal.reason, refusal.metadata["fund_id"]) == ("LOAN_ALREADY_COVERED", first)
    await door.call(losing(first, loan.loan_id, 200_000))
    for _ in range(2):
        ending = v1.UncoverLoanRequest(request_id=request_id(), fund_id=first, loan_id=loan.loan_id)
        await door.call(ending)
    assert len(await door.facts(v1.LoanUncovered)) == 1
    assert (await door.refused(losing(first, loan.loan_id, 1))).reason == "COVER_MUST_STAND"
    assert (await door.call(covering(second, loan.loan_id))).cover.lost == fen(200_000)
    assert (await door.refused(losing(second, loan.loan_id, 1_000_001))).reason == "LOSS_MUST_NOT_EXCEED_LOAN"
    assert (await door.refused(losing(first, loan.loan_id, 1))).reason == "COVER_NOT_FOUND"


async def test_a_closed_fund_bears_nothing_new(door: Door) -> None:
    loan, fund_id = await disbursed(door), await opened(door)
    for _ in range(2):
        await door.call(v1.CloseCompensationFundRequest(request_id=request_id(), fund_id=fund_id))
    assert len(await door.facts(v1.CompensationFundClosed)) == 1
    assert (await door.refused(covering(fund_id, loan.loan_id))).reason == "COMPENSATION_FUND_MUST_BE_OPEN"


async def test_contradictions_are_refused_by_name(door: Door) -> None:
    assert (await door.refused(opening(layer(1, a="0.5", b="0.4")))).reason == "SHARES_MUST_MAKE_WHOLE"
    twice = v1.FundLayer(
        title="x",
        cap=fen(1),
        payers=[v1.LayerPayer(payer_id="a", share=rate("0.5")), v1.LayerPayer(payer_id="a", share=rate("0.5"))],
    )
    assert (await door.refused(opening(twice))).reason == "PAYER_MUST_BE_NAMED_ONCE"
    dollars = v1.FundLayer(title="x", cap=fen(1, "USD"), payers=[v1.LayerPayer(payer_id="a", share=rate("1"))])
    assert (await door.refused(opening(layer(1, a="1"), dollars))).reason == "CURRENCY_MUST_MATCH"
    assert (await door.refused(opening())).kind == "Invalid"
    assert not await door.envelopes()
