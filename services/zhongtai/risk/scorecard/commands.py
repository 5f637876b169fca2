"""`zhongtai risk scorecard …`: makes a scorecard from a file of applicants and writes the request that publishes it."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table

from zhongtai.kernel.refusals import Refusal
from zhongtai.risk.scorecard.domain import SampleMeasures, Scorecard
from zhongtai.risk.training.train import train as train_scorecard
from zhongtai.risk.v1 import scorecard_pb2 as v1
from zhongtai.runtime.convert import message_of

app = typer.Typer(add_completion=False, help="Make scorecards and measure them.", no_args_is_help=True)


@app.callback()
def scorecard() -> None:
    """Make scorecards and measure them."""


@app.command()
def train(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file in UTF-8 with a header.")],
    *,
    target: Annotated[str, typer.Option(help="The column that tells good from bad.")],
    bad: Annotated[str, typer.Option(help="The value of that column that means bad.")],
    exclude: Annotated[list[str] | None, typer.Option(help="A column that must take no part; may be repeated.")] = None,
    keep_protected: Annotated[
        list[str] | None, typer.Option(help="A column to use although its name sounds protected; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides who is in which half.")] = 1,
    scorecard_id: Annotated[str, typer.Option("--id", help="The scorecard's id.")] = "application",
    version: Annotated[int, typer.Option(min=1, help="The scorecard's version.")] = 1,
    name: Annotated[str, typer.Option(help="Its name in English.")] = "Application scorecard",
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese.")] = "申请评分卡",
    labels: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help='JSON: {"column": ["name", "名称"]}, for reasons.')
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write the PublishScorecardRequest as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print that request instead of tables.")] = False,
) -> None:
    """Train on one half of FILE, measure on the other half, which it never saw, and print what was measured."""
    try:
        trained = train_scorecard(
            file,
            target,
            bad,
            exclude or (),
            seed,
            scorecard_id=scorecard_id,
            version=version,
            name=name,
            name_zh=name_zh,
            keep_protected=keep_protected or (),
            labels=_labels(labels),
        )
    except Refusal as refusal:
        raise typer.BadParameter(refusal.sentence()) from refusal
    text = json.dumps(request_of(trained.scorecard), ensure_ascii=False, indent=2)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        show(trained.scorecard, Console())


def _labels(path: Path | None) -> dict[str, tuple[str, str]]:
    """The names of columns in English and Chinese that a file gives."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path else {}
        return {str(column): (str(name), str(name_zh)) for column, (name, name_zh) in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise typer.BadParameter(f'{path} must be JSON such as {{"income": ["monthly income", "月收入"]}}.') from error


def request_of(card: Scorecard) -> dict[str, object]:
    """The request that publishes a scorecard, as proto JSON. Its id follows from its content: sending it twice
    is once.
    """
    message = message_of(card, v1.Scorecard)
    content = hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()
    request = v1.PublishScorecardRequest(request_id=f"publish-{content}", scorecard=message)
    return MessageToDict(request, preserving_proto_field_name=True)


def show(card: Scorecard, console: Console) -> None:
    """Prints what a scorecard rests on and what was measured of it."""
    assert card.development is not None, "a trained scorecard was measured"
    assert card.holdout is not None, "a trained scorecard was measured"
    assert card.training is not None, "a trained scorecard knows where it came from"
    rests_on = Table("characteristic", "bins", "points", "information value", "stability index", title=card.name)
    for each in card.characteristics:
        points = [found.points for found in each.bins]
        rests_on.add_row(
            each.name,
            str(len(each.bins)),
            f"{min(points)} … {max(points)}",
            f"{each.information_value:.3f}",
            f"{each.population_stability_index:.3f}",
        )
    console.print(rests_on)
    console.print(_measured(card.development, card.holdout))
    console.print(_calibration(card.holdout))
    for title, lines in (("Kept out", card.training.excluded), ("Not taken", card.training.not_taken)):
        console.print(f"{title}: {'; '.join(lines) or 'none'}")
    console.print(f"Stability index of the score: {card.population_stability_index}")


def _measured(development: SampleMeasures, holdout: SampleMeasures) -> Table:
    table = Table("measure", "development", "holdout (never seen)", title="Measured")
    for title, name in (
        ("goods", "goods"),
        ("bads", "bads"),
        ("area under the curve", "area_under_curve"),
        ("Gini", "gini"),
        ("Kolmogorov–Smirnov", "kolmogorov_smirnov"),
        ("Brier score", "brier_score"),
        ("mean predicted", "mean_predicted"),
    ):
        table.add_row(title, *(str(getattr(sample, name)) for sample in (development, holdout)))
    for title, name in (
        ("goods accepted", "goods_accepted"),
        ("goods declined", "goods_declined"),
        ("bads accepted", "bads_accepted"),
        ("bads declined", "bads_declined"),
    ):
        at = f"{title} from {development.confusion.cut_off}"
        table.add_row(at, *(str(getattr(sample.confusion, name)) for sample in (development, holdout)))
    return table


def _calibration(holdout: SampleMeasures) -> Table:
    table = Table("band", "scores", "applicants", "predicted", "observed", title="Calibration on the holdout")
    for band in holdout.calibration:
        scores = f"{band.lowest_score} … {band.highest_score}"
        table.add_row(str(band.band), scores, str(band.applicants), f"{band.predicted:.3f}", f"{band.observed:.3f}")
    return table
