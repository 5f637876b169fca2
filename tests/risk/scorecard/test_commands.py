"""`zhongtai risk scorecard train`: what it prints, and the request it writes."""

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from typer.testing import CliRunner

from tests.risk.examples import write_applicants
from zhongtai.risk.scorecard.commands import app
from zhongtai.risk.v1 import scorecard_pb2 as v1


@pytest.fixture
def applicants(tmp_path: Path) -> Path:
    return write_applicants(tmp_path / "applicants.csv")


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["train", *map(str, arguments)])
    return result.exit_code, result.output


def test_training_prints_what_was_measured_and_writes_the_request(applicants: Path, tmp_path: Path) -> None:
    output = tmp_path / "publish.json"
    labels = tmp_path / "labels.json"
    labels.write_text('{"income": ["monthly income", "月收入"]}', encoding="utf-8")
    target = ("--target", "outcome", "--bad", "default", "--seed", 3)
    code, printed = run(applicants, *target, "--id", "payday", "--version", 2, "--labels", labels, "--output", output)
    assert code == 0, printed
    for word in ("income", "Kolmogorov–Smirnov", "holdout (never seen)", "Kept out: sex", "Not taken: colour"):
        assert word in printed
    request = ParseDict(json.loads(output.read_text(encoding="utf-8")), v1.PublishScorecardRequest())
    card = request.scorecard
    assert (card.scorecard_id, card.version, card.training.seed) == ("payday", 2, 3)
    texts = {each.name: each.reason_text_zh for each in card.characteristics}
    assert texts["income"] == "得分偏低：月收入。"
    assert card.holdout.area_under_curve.value in printed


def test_the_same_training_is_the_same_request_and_another_is_not(applicants: Path) -> None:
    target = ("--target", "outcome", "--bad", "default", "--json")
    (code, first), (_, again), (_, other) = (run(applicants, *target, *more) for more in ((), (), ("--exclude", "job")))
    assert code == 0
    assert first == again
    assert json.loads(first)["request_id"] != json.loads(other)["request_id"]


def test_a_mistake_is_told_in_one_sentence_and_nothing_is_written(applicants: Path, tmp_path: Path) -> None:
    output = tmp_path / "publish.json"
    code, printed = run(applicants, "--target", "creditability", "--bad", "default", "--output", output)
    assert code == 2
    assert "The file has no column creditability" in printed
    assert not output.exists()


@pytest.mark.parametrize("labels", ["[]", '{"income": "月收入"}', "{", '{"income": ["only one"]}'])
def test_labels_of_another_shape_are_told_how_to_look(applicants: Path, tmp_path: Path, labels: str) -> None:
    file = tmp_path / "labels.json"
    file.write_text(labels, encoding="utf-8")
    code, printed = run(applicants, "--target", "outcome", "--bad", "default", "--labels", file)
    assert code == 2
    assert "must be JSON such as" in printed.replace("\n", " ")
