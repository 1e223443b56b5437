"""How often do the intervals hold the truth, and how often is luck taken for a finding?

    python benchmarks/interval_coverage.py [--runs 2000] [--write docs/statistics.md]

Draws made-up evaluations of which the truth is known and counts. Everything is seeded; 2,000 runs know a rate of 95 %
to one point. With --write the tables replace what stands between the marks in the page on statistics.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluators.compare import compare
from evaluators.guards import judge_guard
from evaluators.sample import Score, catalogue
from evaluators.statistics.adjusted_p import benjamini_hochberg, holm
from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.clustered_rates import clustered_rates
from evaluators.statistics.e_value import e_value
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.looks import alpha_of_look
from evaluators.statistics.paired_difference import paired_difference
from evaluators.statistics.ppi import ppi
from evaluators.statistics.wilson import wilson
from evaluators.verdict import verdict

START, END = "<!-- coverage -->", "<!-- end of coverage -->"
DRAWS = 1_000
Rows = NDArray[np.float64]
Way = Callable[[Rows], Estimate]


def holds(found: Estimate, truth: float) -> bool:
    """Whether the interval holds the truth; without one it claims nothing wrong."""
    return found.low is None or found.high is None or found.low - 1e-12 <= truth <= found.high + 1e-12


def covered(draw: Callable[[np.random.Generator], Rows], truth: float, ways: dict[str, Way], runs: int) -> list[str]:
    """The share of runs in which each way's interval holds the truth, in percent."""
    rng = np.random.default_rng(7)
    hits = dict.fromkeys(ways, 0)
    for _ in range(runs):
        d = draw(rng)
        for name, way in ways.items():
            hits[name] += holds(way(d), truth)
    return [f"{100 * hit / runs:.1f}" for hit in hits.values()]


def t_and_bootstraps(groups: list[int] | None = None) -> dict[str, Way]:
    """Student's t and the two bootstraps, of rows or of groups."""
    return {
        method: lambda d, m=method: paired_difference(d * 0, d, groups=groups, method=m, draws=DRAWS)  # type: ignore[misc]
        for method in ("t", "percentile", "BCa")
    }


def wald(d: Rows) -> Estimate:
    """The textbook interval of a difference of pass rates, for comparison."""
    reach = 1.96 * float(np.sqrt(((d**2).mean() - d.mean() ** 2) / len(d)))
    return Estimate(float(d.mean()), float(d.mean()) - reach, float(d.mean()) + reach, len(d), "Wald")


def as_reported(scorer: str, groups: list[int] | None = None) -> Way:
    """What `compare` says, which allows for rows not seen where few differ."""
    known = catalogue()[scorer]
    held = None if groups is None else {str(n): str(group) for n, group in enumerate(groups)}

    def way(d: Rows) -> Estimate:
        a = {str(n): Score(float(max(0.0, -x))) for n, x in enumerate(d)}
        b = {str(n): Score(float(max(0.0, x))) for n, x in enumerate(d)}
        return compare(a, b, known, names=("a", "b"), groups=held).difference

    return way


def pass_fail(runs: int) -> Iterator[list[str]]:
    """Discordance 10 and 30 %, two wins to a loss."""
    for share in (0.1, 0.3):
        for n in (20, 50, 100):
            chances = [share / 3, 1 - share, 2 * share / 3]
            ways: dict[str, Way] = {
                "as reported": as_reported("stopped"),
                "Bonett-Price": lambda d: bonett_price(int((d > 0).sum()), int((d < 0).sum()), len(d)),
                "Wald": wald,
                **t_and_bootstraps(),
            }
            draw = lambda rng, n=n, p=chances: rng.choice([-1.0, 0.0, 1.0], n, p=p)  # noqa: E731
            yield [f"{100 * share:.0f} %", str(n), *covered(draw, share / 3, ways, runs)]


def continuous(runs: int) -> Iterator[list[str]]:
    """Skewed differences (most rows gain little, some much), and shares with many ties, as fact recall has."""

    def skewed(rng: np.random.Generator, n: int) -> Rows:
        return np.minimum(rng.exponential(0.15, n), 1.0) - 0.1

    def tied(rng: np.random.Generator, n: int) -> Rows:
        return np.where(rng.random(n) < 0.6, 0.0, np.round(rng.normal(0.1, 0.4, n) * 4) / 4).clip(-1, 1)

    for name, kind in (("skewed", skewed), ("60 % ties", tied)):
        truth = float(kind(np.random.default_rng(0), 2_000_000).mean())
        for n in (20, 50, 100):
            ways = {"as reported": as_reported("fact_recall"), **t_and_bootstraps()}
            yield [name, str(n), *covered(lambda rng, n=n, k=kind: k(rng, n), truth, ways, runs)]  # type: ignore[misc]


def clusters(runs: int) -> Iterator[list[str]]:
    """Groups of five rows at an intraclass correlation of .5, taken as rows and taken as groups."""
    for count in (10, 20):
        groups = np.repeat(np.arange(count), 5).tolist()

        def normal(rng: np.random.Generator, count: int = count) -> Rows:
            return np.sqrt(0.5) * (np.repeat(rng.normal(size=count), 5) + rng.normal(size=count * 5))

        def passes(rng: np.random.Generator, count: int = count) -> Rows:
            whole = rng.random(count * 5) < np.sqrt(0.5)  # rows that follow their group: ICC .5
            chances = [0.1, 0.7, 0.2]
            mine = rng.choice([-1.0, 0.0, 1.0], count * 5, p=chances)
            theirs = np.repeat(rng.choice([-1.0, 0.0, 1.0], count, p=chances), 5)
            return np.where(whole, theirs, mine)

        alone: dict[str, Way] = {"as rows": lambda d: paired_difference(d * 0, d)}
        yield [f"continuous, {count} x 5", *covered(normal, 0.0, {**alone, **t_and_bootstraps(groups)}, runs), "–", "–"]
        rates: dict[str, Way] = {
            "as rows": lambda d: bonett_price(int((d > 0).sum()), int((d < 0).sum()), len(d)),
            **t_and_bootstraps(groups),
            "Bonett-Price, clustered": lambda d, g=groups: clustered_rates(d, g),  # type: ignore[misc]
            "as reported": as_reported("stopped", groups),
        }
        yield [f"pass/fail, {count} x 5", *covered(passes, 0.1, rates, runs)]


def same_twice(runs: int) -> Iterator[list[str]]:
    """A/A: two draws of one model; how often the verdict is better or worse."""
    rng = np.random.default_rng(5)
    for scorer in ("fact_recall", "stopped"):
        for n in (20, 50, 100):
            decided = 0
            for _ in range(runs):
                level = rng.beta(1, 1, n)  # each row has its own difficulty
                arms = [
                    {str(k): Score(float(v)) for k, v in enumerate(
                        rng.binomial(4, level) / 4 if scorer == "fact_recall" else rng.random(n) < level)}
                    for _ in range(2)
                ]  # fmt: skip
                found = compare(arms[0], arms[1], catalogue()[scorer], names=("a", "b"))
                decided += verdict(found) in ("better", "worse")
            yield [scorer, str(n), f"{100 * decided / runs:.1f}"]


def at_the_margin(runs: int) -> Iterator[list[str]]:
    """A guard that is truly lost by exactly its margin of 5 points; how often it is called no worse."""
    rng, scorer = np.random.default_rng(6), catalogue()["stopped"]
    for share in (0.1, 0.3):
        for n in (50, 100, 200):
            called = 0
            for _ in range(runs):
                d = rng.choice([-1.0, 0.0, 1.0], n, p=[(share + 0.05) / 2, 1 - share, (share - 0.05) / 2])
                arms = [{str(k): Score(float(max(0.0, s * x))) for k, x in enumerate(d)} for s in (-1, 1)]
                found = compare(arms[0], arms[1], scorer, names=("a", "b"))
                called += judge_guard(found, 0.05, scorer, base=arms[0], tuned=arms[1]).verdict == "no worse"
            yield [f"{100 * share:.0f} %", str(n), f"{100 * called / runs:.1f}"]


def peeking(runs: int) -> Iterator[list[str]]:
    """Looking after every vote from the 10th to the 200th, both arms alike: how often a winner is declared."""
    rng = np.random.default_rng(8)
    votes = np.arange(1, 201)
    wins = (rng.random((runs, 200)) < 0.5).cumsum(1)
    low = np.minimum(wins, votes - wins)
    p = np.minimum(1, 2 * stats.binom.cdf(low, votes, 0.5))
    table = np.array([[e_value(int(w), int(n - w)) if w <= n else 0.0 for w in range(201)] for n in votes])
    e = np.take_along_axis(table, wins.T, 1).T
    yield ["p below .05 at any look", f"{100 * (p[:, 9:] < 0.05).any(1).mean():.1f}"]
    yield ["p below .05 once, at 200 votes", f"{100 * (p[:, -1] < 0.05).mean():.1f}"]
    yield ["e-value of 20 at any look", f"{100 * (e >= 20).any(1).mean():.1f}"]


def judges(runs: int) -> Iterator[list[str]]:
    """A pass rate of 60 %: a judge on 200 rows, people on 50 of them, and PPI++ of both; coverage and width."""
    for name, tpr, tnr in (("agreeable: TPR .95, TNR .40", 0.95, 0.40), ("decent: TPR .90, TNR .85", 0.90, 0.85)):
        rng = np.random.default_rng(9)
        hits, widths = np.zeros(3), np.zeros(3)
        for _ in range(runs):
            truth = rng.random(200) < 0.6
            judged = np.where(truth, rng.random(200) < tpr, rng.random(200) > tnr).astype(float)
            human = truth[:50].astype(float)
            found = (wilson(int(judged.sum()), 200), wilson(int(human.sum()), 50), ppi(human, judged[:50], judged[50:]))
            hits += [holds(one, 0.6) for one in found]
            widths += [2 * (one.half_width or 0) for one in found]
        cells = [f"{100 * hit / runs:.1f} (width {width / runs:.2f})" for hit, width in zip(hits, widths, strict=True)]
        yield [name, *cells]


def many_metrics(runs: int) -> Iterator[list[str]]:
    """Twenty metrics that do not differ, correlated .5, on 100 rows: how often any is called significant."""
    rng = np.random.default_rng(10)
    raw = held = discovered = 0
    for _ in range(runs):
        d = np.sqrt(0.5) * (rng.normal(size=(100, 1)) + rng.normal(size=(100, 20)))
        p = stats.ttest_1samp(d, 0).pvalue
        raw += bool((p < 0.05).any())
        held += min(holm(p)) < 0.05
        discovered += min(benjamini_hochberg(p)) < 0.05
    yield [*(f"{100 * count / runs:.1f}" for count in (raw, held, discovered))]


def looks(runs: int) -> Iterator[list[str]]:
    """Five changes without effect, each evaluated on the same 100 sealed rows: how often any is called better."""
    rng, known = np.random.default_rng(11), catalogue()["fact_recall"]
    for name, alpha in (("each at .05", 0.05), ("each at .05 / 5", alpha_of_look(5))):
        lucky = 0
        for _ in range(max(200, runs // 5)):
            level = rng.beta(1, 1, 100)
            draw = lambda level=level: {str(k): Score(v / 4) for k, v in enumerate(rng.binomial(4, level))}  # noqa: E731
            base = draw()
            lucky += any(
                verdict(compare(base, draw(), known, names=("a", "b"), alpha=alpha)) == "better" for _ in range(5)
            )
        yield [name, f"{100 * lucky / max(200, runs // 5):.1f}"]


SECTIONS: tuple[tuple[str, list[str], Callable[[int], Iterator[list[str]]]], ...] = (
    (
        "Pass/fail: nominal 95 % intervals, per cent of runs that hold the truth",
        ["rows that differ", "n", "as reported", "Bonett-Price", "Wald", "t", "percentile", "BCa"],
        pass_fail,
    ),
    (
        "Continuous: nominal 95 % intervals, per cent of runs that hold the truth",
        ["differences", "n", "as reported", "t", "percentile", "BCa"],
        continuous,
    ),
    (
        "Rows in groups of five, intraclass correlation .5: per cent of runs that hold the truth",
        ["", "as rows", "t, clustered", "percentile by groups", "BCa by groups", "Bonett-Price, clustered",
         "as reported"],
        clusters,
    ),
    ("The same model twice: per cent of runs called better or worse", ["metric", "n", "called"], same_twice),
    (
        "A guard truly lost by its whole margin (5 points): per cent of runs called no worse",
        ["rows that differ", "n", "called no worse"],
        at_the_margin,
    ),
    ("Looking after every vote, both arms alike: per cent of rounds with a winner", ["rule", "winner"], peeking),
    (
        "A model as judge: per cent of runs that hold the true pass rate",
        ["judge", "judge alone, 200 rows", "people alone, 50 rows", "PPI++ of both"],
        judges,
    ),
    ("Twenty metrics without a difference: per cent of runs with a finding", ["raw", "Holm", "BH"], many_metrics),
    ("Five changes without effect on the same sealed rows: any called better", ["level", "per cent"], looks),
)  # fmt: skip


def page(runs: int) -> str:
    """All tables as Markdown."""
    parts = []
    for title, head, section in SECTIONS:
        lines = [f"| {' | '.join(line)} |" for line in section(runs)]
        parts += [f"**{title}**\n", f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""]
        print(parts[-len(lines) - 4].strip("*\n"), *lines, sep="\n", flush=True)
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    told = page(given.runs)
    if given.write:
        text = given.write.read_text(encoding="utf-8")
        before, _, rest = text.partition(START)
        after = rest.partition(END)[2]
        given.write.write_text(f"{before}{START}\n{told}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
