"""How often the intervals of a data study hold the truth: curves with a known law, rows and seeds drawn at random

    python benchmarks/learning_curve.py [--times 400]

Each line: a law A * D**-beta + E at 25, 50 and 100 % of 400 rows, held-out rows with effects of their own, training
noise per run. Told: how often the 95 % interval of what doubling gains holds the true gain, of the times it was told;
how often "can't tell"; its median width; and how often the interval of the last real step held the truth.
"""

from __future__ import annotations

import argparse

import numpy as np

from evaluators.statistics.learning_curve import learning_curve

SIZES = np.array([100.0, 200.0, 400.0])
# (beta, floor, loss at 400 rows above the floor, spread of the seeds in nats)
LAWS = (
    (0.5, 0.5, 0.60, 0.02),
    (0.5, 0.5, 0.60, 0.05),
    (0.2, 0.2, 0.80, 0.02),
    (1.0, 0.4, 0.20, 0.02),
    (0.5, 0.8, 0.05, 0.02),  # nearly flat
    (0.0, 1.0, 0.00, 0.02),  # flat: more data brings nothing
)
ROWS, SEEDS = (40, 120), (2, 4)
ROW_SPREAD, OWN_SPREAD = 0.6, 0.25  # nats: between rows, and of a row's own way to profit from more data


def draw(law: tuple[float, float, float, float], rows: int, seeds: int, rng: np.random.Generator) -> np.ndarray:
    """(sizes, seeds, rows) of losses under the law."""
    beta, floor, above, noise = law
    curve = above * (SIZES / SIZES[-1]) ** -beta + floor
    level = rng.normal(0, ROW_SPREAD, rows)
    profit = rng.normal(1, OWN_SPREAD / max(curve[0] - floor, 0.25), rows)
    cube = (curve - floor)[:, None, None] * profit + floor + level
    return cube + rng.normal(0, noise, (3, seeds, 1)) + rng.normal(0, 2 * noise, (3, seeds, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=400)
    times = parser.parse_args().times
    print("| beta | floor | seed spread | rows | seeds | true gain | held it | can't tell | width | last step held |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for law in LAWS:
        beta, floor, above, noise = law
        gain, last = above * (1 - 2**-beta), above * (2**beta - 1)
        for rows in ROWS:
            for seeds in SEEDS:
                rng = np.random.default_rng([rows, seeds, int(1000 * beta), int(1000 * noise), int(1000 * above)])
                held, told, widths, steps = 0, 0, [], 0
                for turn in range(times):
                    found = learning_curve(SIZES, draw(law, rows, seeds, rng), draws=600, seed=turn)
                    steps += found.last.low <= last <= found.last.high
                    if found.state == "fitted":
                        told += 1
                        held += found.doubling.low <= gain <= found.doubling.high
                        widths.append(found.doubling.high - found.doubling.low)
                share = f"{100 * held / told:.0f} %" if told else "–"
                width = f"{np.median(widths):.3f}" if widths else "–"
                print(
                    f"| {beta} | {floor} | {noise} | {rows} | {seeds} | {gain:.3f} | {share} | "
                    f"{100 * (times - told) / times:.0f} % | {width} | {100 * steps / times:.0f} % |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
