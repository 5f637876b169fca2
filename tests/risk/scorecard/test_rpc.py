"""Scorecards through the door."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from google.protobuf.json_format import ParseDict

from tests.risk.examples import SCORECARD, TERM, publish_scorecard, write_applicants
from zhongtai.risk.scorecard.commands import request_of
from zhongtai.risk.training.train import train
from zhongtai.risk.v1 import scorecard_pb2 as v1
from zhongtai.testing.doors import Door


async def test_a_scorecard_is_published_and_read_back_whole(door: Door) -> None:
    door.today(date(2026, 3, 2))
    request = publish_scorecard()
    reply = await door.call(request)
    assert (reply.scorecard_id, reply.version) == ("application", 1)
    kept = (await door.call(v1.GetScorecardRequest(scorecard_id="application"))).scorecard
    assert (kept.published_on.year, kept.published_on.month, kept.published_on.day) == (2026, 3, 2)
    kept.ClearField("published_on")
    assert kept == request.scorecard


async def test_the_same_content_again_is_no_second_fact_and_other_content_is_refused(door: Door) -> None:
    await door.call(publish_scorecard())
    await door.call(publish_scorecard())
    refusal = await door.refused(publish_scorecard(replace(SCORECARD, initial_points=561)))
    assert refusal.reason == "SCORECARD_VERSION_ALREADY_PUBLISHED"
    assert len(await door.facts(v1.ScorecardPublished)) == 1


async def test_the_newest_version_is_used_unless_one_is_named(door: Door) -> None:
    for version, points in ((1, 560), (10, 500), (2, 530)):
        await door.call(publish_scorecard(replace(SCORECARD, version=version, initial_points=points)))
    inputs = {"term": "18", "housing": "own"}
    newest = await door.call(v1.ScoreApplicantRequest(scorecard_id="application", inputs=inputs))
    assert (newest.version, newest.score, newest.initial_points) == (10, 535, 500)
    named = await door.call(v1.ScoreApplicantRequest(scorecard_id="application", version=2, inputs=inputs))
    assert (named.version, named.score) == (2, 565)
    listed = await door.call(v1.ListScorecardsRequest(scorecard_id="application"))
    assert [card.version for card in listed.scorecards] == [1, 2, 10]


async def test_a_score_is_explained(door: Door) -> None:
    await door.call(publish_scorecard())
    reply = await door.call(
        v1.ScoreApplicantRequest(scorecard_id="application", inputs={"term": "6", "housing": "castle"})
    )
    assert reply.score == 560 + 30 - 5
    assert reply.probability_of_default.value == str(SCORECARD.probability_of_default(585))
    assert [(each.characteristic, each.points, each.points_lost) for each in reply.points] == [
        ("term", 30, 0),
        ("housing", -5, 30),
    ]


async def test_wrong_inputs_are_refused_by_name(door: Door) -> None:
    await door.call(publish_scorecard())

    async def refused(scorecard_id: str = "application", **inputs: str) -> tuple[str, dict[str, str]]:
        refusal = await door.refused(v1.ScoreApplicantRequest(scorecard_id=scorecard_id, inputs=inputs))
        return refusal.reason, refusal.metadata

    assert await refused(term="6", hausing="own") == (
        "ATTRIBUTE_UNKNOWN",
        {"attributes": "hausing", "known": "housing, term"},
    )
    assert await refused() == ("ATTRIBUTES_MISSING", {"attributes": "housing, term"})
    assert await refused("unheard_of") == ("SCORECARD_NOT_FOUND", {"scorecard_id": "unheard_of", "version": "0"})


async def test_bins_with_a_gap_leave_no_trace(door: Door) -> None:
    card = replace(SCORECARD, characteristics=(replace(TERM, bins=(TERM.bins[0], *TERM.bins[2:])),))
    refusal = await door.refused(publish_scorecard(card))
    assert refusal.reason == "BINS_MUST_COVER_EVERY_VALUE_ONCE"
    assert refusal.metadata == {"characteristic": "term", "value": "12", "bins": "0"}
    assert not await door.envelopes()
    assert not (await door.call(v1.ListScorecardsRequest())).scorecards


async def test_figures_that_are_no_plain_decimals_are_refused_before_the_handler(door: Door) -> None:
    request = publish_scorecard()
    request.scorecard.base_odds.value = "1e3"
    request.scorecard.characteristics[0].bins[0].upper.value = "twelve"
    refusal = await door.refused(request)
    assert "base_odds" in str(refusal.metadata)
    assert "upper" in str(refusal.metadata)


async def test_a_trained_scorecard_goes_through_the_door_and_scores_as_it_was_measured(
    door: Door, tmp_path: Path
) -> None:
    card = train(write_applicants(tmp_path / "applicants.csv"), "outcome", "default").scorecard
    await door.call(ParseDict(request_of(card), v1.PublishScorecardRequest()))
    kept = (await door.call(v1.GetScorecardRequest(scorecard_id="application"))).scorecard
    assert card.holdout is not None
    assert Decimal(kept.holdout.area_under_curve.value) == card.holdout.area_under_curve
    assert list(kept.training.excluded) == ["sex"]
    inputs = {"income": "15000.50", "job": "astronaut"}
    reply = await door.call(v1.ScoreApplicantRequest(scorecard_id="application", inputs=inputs))
    assert reply.score == card.score(inputs).score
    (summary,) = (await door.call(v1.ListScorecardsRequest())).scorecards
    assert summary.holdout_area_under_curve == kept.holdout.area_under_curve
