"""The RPCs of scorecards."""

from zhongtai.risk.scorecard import domain, store
from zhongtai.risk.v1 import scorecard_pb2 as v1
from zhongtai.runtime.convert import date_message, decimal_message, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_scorecard(request: v1.PublishScorecardRequest, unit: Unit) -> v1.PublishScorecardResponse:
    """Publishes a version."""
    asked = value_of(request.scorecard, domain.Scorecard)
    before = store.scorecards.find(unit, asked.scorecard_id, asked.version)
    scorecard, fact = asked.publish(before, unit.business_date)
    if fact is not None:
        store.scorecards.add(unit, scorecard)
        unit.record(fact)
    return v1.PublishScorecardResponse(scorecard_id=scorecard.scorecard_id, version=scorecard.version)


@rpc
def get_scorecard(request: v1.GetScorecardRequest, view: View) -> v1.GetScorecardResponse:
    """One version with its bins, points and measured figures."""
    scorecard = store.load(view, request.scorecard_id, request.version)
    return v1.GetScorecardResponse(scorecard=message_of(scorecard, v1.Scorecard))


@rpc
def list_scorecards(request: v1.ListScorecardsRequest, view: View) -> v1.ListScorecardsResponse:
    """Every version of every scorecard, or of one."""
    wanted = [store.SCORECARD.c.scorecard_id == request.scorecard_id] if request.scorecard_id else []
    found, page = store.scorecards.page(view, request.page, *wanted)
    return v1.ListScorecardsResponse(scorecards=[_summary(scorecard) for scorecard in found], page=page)


@rpc
def score_applicant(request: v1.ScoreApplicantRequest, view: View) -> v1.ScoreApplicantResponse:
    """Scores an applicant and explains the score, keeping nothing."""
    scorecard = store.load(view, request.scorecard_id, request.version)
    domain.check_attributes(request.inputs, scorecard.attributes)
    score = scorecard.score(request.inputs)
    return message_of(
        score, v1.ScoreApplicantResponse, version=scorecard.version, initial_points=scorecard.initial_points
    )


def _summary(scorecard: domain.Scorecard) -> v1.ScorecardSummary:
    measures = scorecard.holdout
    return v1.ScorecardSummary(
        scorecard_id=scorecard.scorecard_id,
        version=scorecard.version,
        name=scorecard.name,
        name_zh=scorecard.name_zh,
        characteristics=len(scorecard.characteristics),
        holdout_area_under_curve=decimal_message(measures.area_under_curve) if measures else None,
        holdout_kolmogorov_smirnov=decimal_message(measures.kolmogorov_smirnov) if measures else None,
        published_on=date_message(scorecard.published_on) if scorecard.published_on else None,
    )
