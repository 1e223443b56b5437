"""What judges a model's answers: metrics, statistics, and the running of a model on golden rows.

Knows nothing of the workbench. Importing this package is light: torch, transformers and datasets are loaded by the
functions that need them.

    sample.py         Sample, Score, Scorer: what every judgement takes and gives
    rules.py          what a row demands of its answer, from its tags and from the dataset
    slices.py         the slices a row counts in: tag, topic, length, language, edge case
    beside.py         what is measured before scoring: likeness of meaning, spans copied from training
    metrics/          one scorer a file
    statistics/       intervals and tests, each with its source
    evaluate.py       run the arms (base, base with a better prompt, tuned) on the same rows
    compare.py        two arms on the same rows -> difference, interval, verdict, one plain sentence
    models/           a chat model with an adapter that can be switched off; an embedder
"""

from evaluators.rules import rules_of
from evaluators.sample import Example, Sample, Score, Scorer, catalogue, scorer

__all__ = ["Example", "Sample", "Score", "Scorer", "catalogue", "rules_of", "scorer"]
