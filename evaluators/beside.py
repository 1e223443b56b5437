"""What must be measured beside the answers before they are scored: likeness of meaning, spans copied from training

Both need more than a row (a model, the whole training side), so they are measured once for all arms and written into
`Sample.measured`; the metrics read them there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluators.copied_spans import CopiedSpans
from evaluators.metrics.words import words
from evaluators.sample import Sample

Embed = Callable[[Sequence[str]], Any]
"""texts -> (N, d) unit vectors, such as an `Embedder`"""

SHOWN = 160  # characters of a copied span in a remark


def measure_beside(
    answered: Mapping[str, Sequence[Sample]],
    *,
    taught: Iterable[tuple[str, str]] | None = None,
    embed: Embed | None = None,
) -> dict[str, list[Sample]]:
    """The arms' samples with more in `measured`; what cannot be measured is left out, and so is not judged.

    answer_words: words of the output. copied_share, copied_words: 8-word runs of the output found in training replies,
    and its longest span there, each less what the reference shares with the training replies, never below 0; with
    `remarks["copied_words"]` naming the training row. similarity: cosine of output and reference, -1 to 1.
    taught: (row id, reply) of the rows that trained the model; every arm is measured against the same.
    """
    spans = CopiedSpans(taught) if taught is not None else None
    found = {arm: [_copied(s, spans) if spans else _counted(s) for s in samples] for arm, samples in answered.items()}
    return _alike(found, embed) if embed is not None else found


def _counted(sample: Sample) -> Sample:
    if sample.output is None:
        return sample
    return replace(sample, measured={**sample.measured, "answer_words": float(len(words(sample.output)))})


def _copied(sample: Sample, spans: CopiedSpans) -> Sample:
    sample = _counted(sample)
    if sample.output is None or (said := spans.of(sample.output)).share is None:
        return sample
    expected = spans.of(sample.reference)
    measured = {
        **sample.measured,
        "copied_share": max(0.0, said.share - (expected.share or 0.0)),
        "copied_words": float(max(0, said.words - expected.words)),
    }
    if not said.words:
        return replace(sample, measured=measured)
    span = said.span if len(said.span) <= SHOWN else said.span[: SHOWN - 1] + "…"
    remark = f"{said.words} words as in training row {said.row_ids[0]}: {span}"
    return replace(sample, measured=measured, remarks={**sample.remarks, "copied_words": remark})


def _alike(arms: Mapping[str, Sequence[Sample]], embed: Embed) -> dict[str, list[Sample]]:
    """Each text is embedded once, however many arms gave it."""
    said = [s for samples in arms.values() for s in samples if s.output and s.output.strip() and s.reference.strip()]
    texts = list(dict.fromkeys(text for s in said for text in (s.output or "", s.reference)))
    place = {text: at for at, text in enumerate(texts)}
    vectors = embed(texts)

    def likened(s: Sample) -> Sample:
        if not (s.output and s.output.strip() and s.reference.strip()):
            return s
        likeness = float(vectors[place[s.output]] @ vectors[place[s.reference]])
        return replace(s, measured={**s.measured, "similarity": max(-1.0, min(1.0, likeness))})

    return {arm: [likened(s) for s in samples] for arm, samples in arms.items()}
