"""The rules of a run: it ends once, what turned back never completes, what is over stays as it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from zhongtai.gateway.run.domain import AgainRefused, Run, RunReason, RunStatus, Wait, WaitStatus

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
RUN = Run(
    run_id="run_1",
    product="gift",
    version=1,
    status=RunStatus.RUNNING,
    outcome="",
    reasons=(),
    given="{}",
    result="",
    business_date=date(2026, 1, 5),
    client_id="app",
    started_by="someone",
    request_id="r1",
    fingerprint="f",
    started_at=NOW,
)
WHY = (RunReason("TOO_LARGE", "Too large.", "过大。"),)


def test_an_end_says_how_long_it_took_and_why() -> None:
    ended, fact = RUN.ends(
        RunStatus.DECLINED, "NO", WHY, result="", now=NOW + timedelta(milliseconds=40), over_budget=False
    )
    assert (ended.status, ended.ended_at) == (RunStatus.DECLINED, NOW + timedelta(milliseconds=40))
    assert (fact.took_ms, fact.reasons) == (40, ("TOO_LARGE",))


def test_a_run_ends_once() -> None:
    ended, _ = RUN.ends(RunStatus.COMPLETED, "YES", (), result="{}", now=NOW, over_budget=False)
    with pytest.raises(AssertionError, match="ends once"):
        ended.ends(RunStatus.FAILED, "NO", WHY, result="", now=NOW, over_budget=False)


def test_what_turned_back_is_never_completed() -> None:
    turned, fact = RUN.turns_back("NO", WHY)
    assert fact.outcome == turned.outcome == "NO"
    with pytest.raises(AssertionError, match="turned back"):
        turned.ends(RunStatus.COMPLETED, "YES", (), result="{}", now=NOW, over_budget=False)


def test_a_run_waits_and_goes_on_with_the_date_of_then() -> None:
    waiting, fact = RUN.waits("review", "subject", NOW)
    assert (waiting.status, waiting.waiting_in, fact.step) == (RunStatus.WAITING, "review", "review")
    working, resumed = waiting.resumes(True, date(2026, 1, 7))
    assert (working.status, working.waiting_in, working.business_date) == (RunStatus.RUNNING, "", date(2026, 1, 7))
    assert resumed.step == "review"


@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.UNDOING, RunStatus.COMPLETED])
def test_only_a_run_at_work_waits_or_turns_back(status: RunStatus) -> None:
    other = replace(RUN, status=status)
    with pytest.raises(AssertionError):
        other.waits("review", "subject", NOW)
    with pytest.raises(AssertionError):
        other.turns_back("NO", WHY)


def test_a_wait_that_is_over_stays_as_it_is() -> None:
    wait = Wait("run_1", "review", "subject", "field", "value", NOW, NOW)
    assert wait.arrives(b"first").arrives(b"second").payload == b"first"
    assert wait.arrives(b"first").lapses().status is WaitStatus.ARRIVED
    assert wait.lapses().arrives(b"late").status is WaitStatus.LAPSED


def test_a_journalled_refusal_says_again_what_it_said() -> None:
    again = AgainRefused.by(WHY[0])
    assert (again.reason, again.sentence("en"), again.sentence("zh-CN")) == ("TOO_LARGE", "Too large.", "过大。")
