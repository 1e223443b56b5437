"""Command on the metrics of answers: the list, a metric's page with its examples, and the self-test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import BadInput
from workbench.reports.tables import UNKNOWN, number, plain, table

if TYPE_CHECKING:
    from evaluators.sample import Example, Scorer
    from evaluators.self_test import Line


@click.command()
@click.argument("name", required=False)
@click.option("--self-test", "test", is_flag=True, help="What each metric can tell, on answers known right or wrong.")
@click.option("--items", type=click.Path(), help="Your own items for the self-test, one JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def metrics(name: str | None, test: bool, items: str | None, as_json: bool) -> None:
    """List the metrics of answers, or print the page of the metric NAME with its worked examples."""
    from evaluators.sample import catalogue

    if items is not None and not test:
        raise BadInput("--items belongs to --self-test.")
    known = catalogue()
    if name is not None and name not in known:
        raise BadInput(f'There is no metric "{plain(name)}". The metrics are: {", ".join(known)}.')
    if test:
        tell_self_test(name, items, as_json)
    elif as_json:
        shown = [told(one) for one in known.values() if name in (None, one.name)]
        click.echo(json.dumps(shown if name is None else shown[0], ensure_ascii=False, indent=2))
    elif name is not None:
        click.echo(page(known[name]))
    else:
        lines = [(one.name, "↑" if one.higher_is_better else "↓", one.unit, one.title) for one in known.values()]
        click.echo(table(("metric", "", "unit", "what it tells"), lines))
        click.echo("\n↑ higher is better, ↓ lower is better. Its page and examples: goldloop metrics NAME")


def told(one: Scorer) -> dict[str, Any]:
    """A metric as plain values."""
    return {
        "name": one.name,
        "title": one.title,
        "unit": one.unit,
        "higher_is_better": one.higher_is_better,
        "pass_fail": one.pass_fail,
        "reads": one.reads,
        "page": one.page,
    }


def page(one: Scorer) -> str:
    """A metric's page with its worked examples, as text."""
    better = "higher is better" if one.higher_is_better else "lower is better"
    examples = "\n".join(example_line(example, one.reads) for example in one.examples)
    return f"{one.name}: {one.page}\n\nUnit\n    {one.unit}, {better}\nExamples\n{examples}"


def example_line(example: Example, reads: str | None) -> str:
    """What an answer scores and why, on one line."""
    value = "not judged" if example.value is None else f"{example.value:.3g}"
    if reads is not None:
        seen = example.measured.get(reads)
        return f"    {value:>10}  {reads} of {seen:g}" if seen is not None else f"    {value:>10}  {reads} not measured"
    rules = ", ".join(f"{name}: {_short(rule)}" for name, rule in example.rules.items())
    given = f'"{_short(example.output)}" for "{_short(example.reference)}"'
    asked = f', asked "{_short(example.prompt)}"' if example.prompt else ""
    return f"    {value:>10}  {given}{asked}" + (f"  [{rules}]" if rules else "")


def _short(value: Any) -> str:
    shown = plain(" | ".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return shown if len(shown) <= 60 else shown[:59] + "…"


def tell_self_test(name: str | None, items: str | None, as_json: bool) -> None:
    """Prints the self-test, of all metrics or of one."""
    from dataclasses import asdict

    from evaluators.errors import BadRequest
    from evaluators.models.embedder import embedder
    from evaluators.self_test import FILE, self_test, triples
    from workbench.settings import EMBEDDER, models_folder

    path = Path(items) if items else FILE
    if not path.is_file():
        raise BadInput(f"{path} is not there. Name a file of items, one JSON object a line.")
    try:
        given = triples(path)
    except (BadRequest, UnicodeDecodeError) as error:
        raise BadInput(f"The self-test cannot be run: {error}") from None
    if not given:
        raise BadInput(f"{path} holds no items.")
    embed = embedder(models_folder() / EMBEDDER, corpus=["none"])
    lines = [line for line in self_test(given, embed=embed if embed.meaning else None) if name in (None, line.name)]
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2))
        return
    click.echo(self_test_table(lines))
    counted = "1 question" if len(given) == 1 else f"{len(given)} questions"
    click.echo(
        f"\n{counted}. P: share in which the right paraphrase scores better than a near copy with a wrong fact.\n"
        "AUC: how well right answers are told from wrong ones; 0.50 is chance."
    )
    if not embed.meaning:
        click.echo("embedding_similarity needs the embedded model of sentence vectors, which is not here.")


def self_test_table(lines: list[Line]) -> str:
    """The self-test as aligned text."""
    from evaluators.self_test import VARIANTS

    rows = [
        (
            line.name,
            *(number(line.means[variant], line.unit) for variant in VARIANTS),
            UNKNOWN if line.prefers is None else f"{100 * line.prefers:.0f} %",
            UNKNOWN if line.auc is None else f"{line.auc:.2f}",
        )
        for line in lines
    ]
    return table(("metric", *VARIANTS, "P", "AUC"), rows)
