"""The chart of accounts through the door."""

from datetime import date, timedelta
from typing import Any

from tests.operations.bank import Bank
from zhongtai.operations.v1 import chart_pb2 as v1
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.runtime.convert import date_message

TODAY = date(2026, 5, 6)


def line(code: str = "1431", name: str = "Precious metals", **more: Any) -> ledger_pb2.GeneralAccount:
    return ledger_pb2.GeneralAccount(
        **{
            "account_code": code,
            "name": name,
            "name_zh": "贵金属",
            "category": "ACCOUNT_CATEGORY_ASSET",
            "side": "SIDE_DEBIT",
            "takes_postings": True,
            **more,
        }
    )


def release(bank: Bank, *lines: ledger_pb2.GeneralAccount, version: int = 2, days: int = 0) -> v1.ReleaseChartRequest:
    effective_from = date_message(TODAY + timedelta(days))
    return v1.ReleaseChartRequest(
        request_id=bank.request_id(),
        release=v1.ChartRelease(version=version, effective_from=effective_from, lines=lines or [line()]),
    )


async def test_a_new_code_takes_postings_from_its_day_on(bank: Bank) -> None:
    door = bank.door
    door.today(TODAY)
    entry = (("1431", "DEBIT", 5), ("1001", "CREDIT", 5))
    assert (await door.refused(bank.entry(*entry))).reason == "ACCOUNT_CODE_NOT_FOUND"
    await door.call(release(bank, days=1))
    assert (await door.refused(bank.entry(*entry))).reason == "ACCOUNT_CODE_NOT_FOUND"
    door.today(TODAY + timedelta(1))
    await bank.post(*entry)
    assert await bank.balance("1431") == 5
    trial = await door.call(ledger_pb2.GetTrialBalanceRequest())
    assert [(found.account_code, found.debit.minor_units) for found in trial.lines] == [("1001", 0), ("1431", 5)]
    chart = await door.call(ledger_pb2.GetChartRequest())
    assert line() in chart.accounts
    await bank.must_be_sound()


async def test_a_closed_code_takes_back_what_was_posted_and_nothing_new(bank: Bank) -> None:
    door = bank.door
    door.today(TODAY)
    await door.call(release(bank))
    entry = (("1431", "DEBIT", 5), ("1001", "CREDIT", 5))
    before = await bank.post(*entry)
    closed = line(closed_from=date_message(TODAY + timedelta(1)))
    await door.call(release(bank, closed, version=3))
    await bank.post(*entry)
    door.today(TODAY + timedelta(1))
    refused = await door.refused(bank.entry(*entry))
    assert (refused.reason, refused.metadata["account_code"]) == ("ACCOUNT_CODE_MUST_BE_OPEN", "1431")
    await door.call(ledger_pb2.ReverseEntryRequest(request_id=bank.request_id(), entry_id=before.entry_id))
    assert await bank.balance("1431") == 5
    await door.call(release(bank, line(), version=4, days=1))
    await bank.post(*entry)
    assert await bank.balance("1431") == 10


async def test_versions_are_told_and_the_event_names_what_changed(bank: Bank) -> None:
    door = bank.door
    door.today(TODAY)
    asked = release(bank, line(), line("1001", "Notes and coins"))
    await door.call(asked)
    again = v1.ReleaseChartRequest(request_id=bank.request_id(), release=asked.release)
    assert (await door.call(again)).version == 2
    (fact,) = await door.facts(v1.ChartReleased)
    assert (fact.version, list(fact.account_codes)) == (2, ["1431", "1001"])
    listed = (await door.call(v1.ListChartVersionsRequest())).releases
    assert [(found.version, found.released_by) for found in listed] == [(1, ""), (2, "tester")]
    found = await door.call(v1.GetChartVersionRequest(version=2))
    assert ([one.account_code for one in found.release.lines], line() in found.accounts) == (["1431", "1001"], True)
    first = await door.call(v1.GetChartVersionRequest(version=1))
    assert len(found.accounts) == len(first.accounts) + 1
    codes = await door.call(v1.ListAccountCodesRequest(code_prefix="14"))
    assert line() in codes.accounts
    yesterday = v1.ListAccountCodesRequest(code_prefix="14", on=date_message(TODAY - timedelta(1)))
    assert line() not in (await door.call(yesterday)).accounts


async def test_a_version_that_cannot_be_is_refused_and_leaves_no_trace(bank: Bank) -> None:
    door = bank.door
    door.today(TODAY)
    for asked, reason in (
        (release(bank, version=3), "CHART_VERSION_MUST_FOLLOW"),
        (release(bank, version=1), "CHART_VERSION_ALREADY_RELEASED"),
        (release(bank, days=-1), "CHART_MUST_NOT_TAKE_EFFECT_EARLIER"),
        (release(bank, line("1001", side="SIDE_CREDIT")), "ACCOUNT_CODE_MUST_KEEP_ITS_MEANING"),
        (release(bank, line("14x1")), "REQUEST_INVALID"),
        (release(bank, line(name="")), "REQUEST_INVALID"),
        (release(bank, line(side="SIDE_UNSPECIFIED")), "REQUEST_INVALID"),
        (release(bank, line(), line()), "REQUEST_INVALID"),
    ):
        assert (await door.refused(asked)).reason == reason
    assert (await door.refused(v1.GetChartVersionRequest(version=2))).reason == "CHART_VERSION_NOT_FOUND"
    await door.call(release(bank))
    assert (await door.refused(release(bank, line(name="x")))).reason == "CHART_VERSION_ALREADY_RELEASED"
