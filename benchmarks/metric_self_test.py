"""What each metric can and cannot tell, how fast it is, and whether chrF and ROUGE-L agree with their usual packages.

    python -m benchmarks.metric_self_test [--models FOLDER] [--oracle PYTHON] [--write]

FOLDER: where the embedded models lie, for embedding_similarity. PYTHON: an interpreter with sacrebleu and rouge-score,
in an environment of its own; without it that part is left as it is told: not compared. --write: into docs/metrics.md.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from evaluators.beside import Embed
from evaluators.copied_spans import CopiedSpans
from evaluators.metrics.chrf import character_f
from evaluators.metrics.rouge_l import common_line
from evaluators.sample import Sample, catalogue
from evaluators.self_test import VARIANTS, Line, Triple, answers, self_test, triples

PAGE = Path(__file__).parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
LANGUAGES = {"en": "English", "de": "German", "ru": "Russian", "zh": "Chinese"}
LATIN = ("en",)  # rouge-score knows ASCII letters only
SEED, REPLIES, ANSWERS, LENGTH, WORDS = 0, 20_000, 10_000, 50, 5_000
PEER = """
import json, sys
from rouge_score import rouge_scorer
from sacrebleu.metrics import CHRF
rouge, chrf = rouge_scorer.RougeScorer(["rougeL"]), CHRF()
pairs = json.load(sys.stdin)
print(json.dumps([[rouge.score(b, a)["rougeL"].fmeasure, chrf.sentence_score(a, [b]).score] for a, b in pairs]))
"""


def measured(embed: Embed | None, oracle: str | None) -> str:
    """The measured part of the page."""
    items = triples()
    speed = speeds(items)  # first, while no text has been read yet
    lines = self_test(items, embed=embed)
    parts = [
        *summary_of(items, lines),
        "",
        *self_test_table(lines),
        "",
        *by_language(items, embed),
        "",
        *agreement(items, oracle),
        "",
        *speed,
    ]
    return "\n".join(parts)


def shown(line: Line, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if line.unit == "points of 100" else f"{value:.2f}"


def summary_of(items: Sequence[Triple], lines: Sequence[Line]) -> list[str]:
    counts = ", ".join(f"{sum(item.language == code for item in items)} {name}" for code, name in LANGUAGES.items())
    blind = [line.name for line in lines if line.prefers is not None and line.prefers <= 0.07 and line.ties != 1]
    return [
        f"## The self-test: {len(items)} questions ({counts}), eight answers to each",
        "",
        "Means by kind of answer. **P**: share of the questions in which the right paraphrase scores better than the",
        "near copy with a wrong fact (in brackets: the same). **AUC**: how well right answers are told from wrong",
        "ones; .50 is chance. As good as never do these prefer the paraphrase: "
        f"{', '.join(f'`{name}`' for name in blind)}.",
    ]


def self_test_table(lines: Sequence[Line]) -> list[str]:
    head = ["| metric | | " + " | ".join(VARIANTS) + " | P (same) | AUC |", "|---" * (len(VARIANTS) + 4) + "|"]
    return head + [
        f"| `{line.name}` | {'↑' if line.higher_is_better else '↓'} | "
        + " | ".join(shown(line, line.means[variant]) for variant in VARIANTS)
        + f" | {100 * (line.prefers or 0):.0f} % ({100 * (line.ties or 0):.0f} %) | {line.auc or 0:.2f} |"
        for line in lines
    ]


def by_language(items: Sequence[Triple], embed: Embed | None) -> list[str]:
    names = ["fact_recall", "unsupported_facts", "token_recall", "rouge_l", "chrf", "embedding_similarity"]
    found = {
        code: {line.name: line for line in self_test([i for i in items if i.language == code], embed=embed)}
        for code in LANGUAGES
    }
    names = [name for name in names if name in found["en"]]
    return [
        "P and AUC by language (8 German, 4 Russian and 4 Chinese questions: read the direction only):",
        "",
        "| metric | " + " | ".join(LANGUAGES.values()) + " |",
        "|---" * (len(LANGUAGES) + 1) + "|",
        *(
            f"| `{name}` | "
            + " | ".join(
                f"{100 * (found[code][name].prefers or 0):.0f} %, {found[code][name].auc or 0:.2f}"
                for code in LANGUAGES
            )
            + " |"
            for name in names
        ),
    ]


def agreement(items: Sequence[Triple], oracle: str | None) -> list[str]:
    if oracle is None:
        return ["Own chrF and ROUGE-L were not compared with sacrebleu and rouge-score in this run."]
    pairs = [
        (text, item.reference)
        for item, other in zip(items, [*items[1:], items[0]], strict=True)
        if item.language in LATIN
        for text in answers(item, other).values()
    ]
    said = subprocess.run([oracle, "-c", PEER], input=json.dumps(pairs), capture_output=True, text=True, check=True)
    theirs = json.loads(said.stdout)
    rouge = max(abs(common_line(a, b) - line) for (a, b), (line, _) in zip(pairs, theirs, strict=True))
    chrf = max(abs(character_f(a, b) - score) for (a, b), (_, score) in zip(pairs, theirs, strict=True))
    # Without their digits, which are all that rouge-score sees of such texts.
    foreign = [(re.sub("[ -~]", "", item.reference),) * 2 for item in items if item.language in ("ru", "zh")]
    lost = subprocess.run([oracle, "-c", PEER], input=json.dumps(foreign), capture_output=True, text=True, check=True)
    best = max(line for line, _ in json.loads(lost.stdout))
    return [
        f"Against sacrebleu 2.6.0 and rouge-score 0.1.2 on {len(pairs)} English pairs the largest difference is "
        f"{chrf:.1e} of 100",
        f"for chrF and {rouge:.1e} for ROUGE-L. Identical Russian and Chinese texts",
        f"get {best:.0f} from rouge-score, which sees only their digits and Latin letters, and 1 here.",
    ]


def speeds(items: Sequence[Triple]) -> list[str]:
    samples = []
    for item, other in zip(items, [*items[1:], items[0]], strict=True):
        prompt = ({"role": "user", "content": item.question},)
        rules = {"must": ("30 days",), "must_not": ("guarantee",), "format": ("at most 3 sentences", "no markdown")}
        samples += [
            Sample(f"{item.id} {kind}", prompt, text, item.reference, rules=rules)
            for kind, text in answers(item, other).items()
        ]
    told = []
    for scorer in catalogue().values():
        if scorer.reads is None:
            began = time.process_time()
            judged = sum(score.value is not None for score in scorer(samples))
            if judged > 0.9 * len(samples):
                told.append((judged / (time.process_time() - began), scorer.name))
    index, fresh, copied = copying()
    slow, fast = min(told), max(told)
    return [
        f"Rows a CPU second, on a busy machine: from {slow[0]:,.0f} (`{slow[1]}`) to {fast[0]:,.0f}",
        f"(`{fast[1]}`). Copied spans: {REPLIES:,} training replies of {LENGTH} words are indexed in {index:.1f} "
        f"CPU s; then {fresh:,.0f} fresh and",
        f"{copied:,.0f} partly copied answers are looked up in one.",
    ]


def copying() -> tuple[float, float, float]:
    """Seconds to index, and answers looked up a second: fresh ones, and ones of which half is copied."""
    chance = random.Random(SEED)
    known = [f"word{number}" for number in range(WORDS)]
    replies = [(str(n), " ".join(chance.choices(known, k=LENGTH))) for n in range(REPLIES)]
    fresh = [" ".join(chance.choices(known, k=LENGTH)) for _ in range(ANSWERS)]
    half = LENGTH // 2
    copied = [
        " ".join([*reply.split()[:half], *text.split()[half:]])
        for (_, reply), text in zip(replies, fresh, strict=False)
    ]
    began = time.process_time()
    spans = CopiedSpans(replies)
    taken = [time.process_time() - began]
    for texts in (fresh, copied):
        began = time.process_time()
        for text in texts:
            spans.of(text)
        taken.append(len(texts) / (time.process_time() - began))
    return taken[0], taken[1], taken[2]


def listed() -> list[str]:
    """Every metric on a line."""
    lines = ["| metric | | unit | what it tells |", "|---|---|---|---|"]
    return lines + [
        f"| `{one.name}` | {'↑' if one.higher_is_better else '↓'} | {one.unit} | {one.title} |"
        for one in catalogue().values()
    ]


def main() -> None:
    """Measures and prints, or writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--oracle")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    embed = None
    if given.models is not None:
        from evaluators.models.embedder import embedder

        found = embedder(given.models / "minilm", corpus=["none"])
        embed = found if found.meaning else None
    text = "\n".join([*listed(), "", measured(embed, given.oracle)])
    if not given.write:
        print(text)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
