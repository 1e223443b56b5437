"""Every scorer as a metric of Hugging Face's `evaluate`, for those who script with it

    suite = evaluate.combine([as_evaluate_metric(scorer) for scorer in (catalogue()["rouge_l"], catalogue()["chrf"])])
    suite.compute(predictions=outputs, references=references)

Never `evaluate.load(name)`: its wheel carries no metric scripts, so every name needs the hub, and a bare name also
runs a script of that name from the working directory. Statistics need a score a row: for those call the scorer itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evaluators.sample import Sample, Scorer

if TYPE_CHECKING:
    import evaluate


def as_evaluate_metric(scorer: Scorer, *, rules: Mapping[str, Any] | None = None) -> evaluate.Metric:
    """The scorer as an `evaluate.Metric` that needs neither network nor disk.

    predictions: the outputs; for a scorer that reads a measured value (nll, stopped) the measured numbers. references:
    the references. `compute` returns {name: mean over the judged rows, or None; name_judged: how many were judged}.
    A scorer that also looks at the prompt (unsupported_facts) sees none here. rules: what every answer owes, for the
    scorers that judge by it: {"must": ["30 days"]} for required_phrases (see `evaluators.rules_of`).
    """
    import datasets
    import evaluate

    class OfScorer(evaluate.Metric):  # type: ignore[misc]
        def _info(self) -> evaluate.MetricInfo:
            given = datasets.Value("float64" if scorer.reads else "string")
            features = datasets.Features({"predictions": given, "references": datasets.Value("string")})
            return evaluate.MetricInfo(description=scorer.page, citation="", inputs_description="", features=features)

        def _build_data_dir(self) -> str:
            return ""  # kept in memory: the default makes a folder in the home directory all the same

        def _compute(self, predictions: list[Any], references: list[str]) -> dict[str, float | int | None]:
            return mean_of(scorer, predictions, references, rules)

    OfScorer.__name__ = "".join(part.title() for part in scorer.name.split("_"))
    return OfScorer(keep_in_memory=True)


def mean_of(
    scorer: Scorer, predictions: list[Any], references: list[str], rules: Mapping[str, Any] | None = None
) -> dict[str, float | int | None]:
    """Mean of a scorer over plain lists, as Python numbers (numpy's do not go into JSON)."""
    samples = [
        Sample(
            str(i),
            (),
            None if scorer.reads else output,
            reference,
            measured={scorer.reads: float(output)} if scorer.reads else {},
            rules=rules or {},
        )
        for i, (output, reference) in enumerate(zip(predictions, references, strict=True))
    ]
    values = [score.value for score in scorer(samples) if score.value is not None]
    return {scorer.name: float(sum(values) / len(values)) if values else None, f"{scorer.name}_judged": len(values)}
