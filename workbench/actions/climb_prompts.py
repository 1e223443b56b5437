"""Climb the prompt ladder: what the best prompt reaches before anything is trained, and what is left to gain."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluators.compare import compare, groups_of
from evaluators.evaluate import Arm
from evaluators.evaluate import evaluate as answer
from evaluators.prompting import ladder
from evaluators.prompting.cost import Speed, Timing, speed
from evaluators.prompting.halving import Found, Values, answers_needed, search
from evaluators.prompting.knowledge import untaught
from evaluators.prompting.need import needed
from evaluators.prompting.recipe import TARGET, Recipe
from evaluators.sample import Sample, Score, catalogue
from workbench.prompting.ground import BARE, Ground, ground_of, rungs_of, settings_of
from workbench.records import Climb
from workbench.settings import Report, no_report, user_name
from workbench.store import Store, prompts

TIMED_ROWS = 4  # answered without a prompt and with the longest one, to tell how many minutes a climb will take
SHARES = (0.03, 0.5, 0.97)  # of the progress: loaded and timed, searched, measured on golden
NLL = "nll"


@dataclass
class Asking:
    """The model and what it took so far; everything it answers is kept in the dataset's cache."""

    ground: Ground
    timings: list[Timing]

    def ask(self, arms: Sequence[Arm], samples: Sequence[Sample], report: Report, *, fully: bool) -> dict[str, Any]:
        """Samples by arm with their answers; `fully` False asks for no more than the deciding metric needs."""
        ground = self.ground
        only: Any = None if fully and ground.primary == NLL else "likelihoods" if ground.primary == NLL else "answers"
        found = answer(ground.chat, None, samples, arms, ground.decoding, cache=ground.cache, only=only, report=report)
        for said in found.values():
            for one in said:
                if "seconds" in one.measured:
                    self.timings.append(
                        Timing(ground.size(one.prompt), one.measured["output_tokens"], one.measured["seconds"])
                    )
        return found


def climb_prompts(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    candidates: Sequence[int] | None = None,
    counts: Sequence[int] = (2, 4),
    ways: Sequence[str] = ("random", "similar"),
    rows: int = 24,
    measure: Sequence[int] = (),
    primary: str | None = None,
    target: float = TARGET,
    max_new_tokens: int | None = None,
    seed: int = 0,
    preview: bool = False,
    time_it: bool = True,
    report: Report = no_report,
    job_id: int | None = None,
) -> Climb:
    """Tries prompts on rows held out of the training side, measures the best one and the plain rungs on golden's dev
    rows against the question as it stands, and answers whether fine-tuning is needed at all.

    candidates: numbers of saved prompts whose texts are tried, by default the newest of each name that a person saved;
    each is tried alone and with every number of examples in `counts` (1 to 8) chosen in every way of `ways` ("random",
    "similar"). rows: how many training rows are held out to choose by; golden rows never choose. measure: numbers of
    further saved prompts to measure on golden. primary: the metric that decides, by default read off the references.
    target: share of rows that has to be right for a prompt to be enough. Every tried prompt is saved with its score,
    its parent and its cost in tokens. preview: only what it will take (`settings["budget"]`), nothing is saved; with
    time_it the model answers a few rows for it, so that minutes are told. With the job_id of an earlier try that one
    goes on: what was answered is not asked again. Raises BadInput, NotFound.
    """
    began = time.monotonic()
    report(0.0, "reading the rows")
    ground = ground_of(
        store, version, model=model, candidates=candidates, counts=counts, ways=ways, rows=rows, measure=measure,
        primary=primary, max_new_tokens=max_new_tokens, seed=seed, guarded=time_it or not preview,
        report=lambda done, line: report(0.01 * done, line),
    )  # fmt: skip
    asking = Asking(ground, [])
    exact = time_it or not preview
    rates = _timed(asking, report) if exact else None
    settings = settings_of(ground, target=target, budget=_budget(ground, rates, exact=exact))
    if preview:
        return Climb(0, ground.version.dataset, ground.version.id, ground.golden.id, settings, None, user_name(), "")
    climb = prompts.add_climb(store, ground.version, ground.golden.id, settings, user_name(), job_id)
    found = _search(asking, report)
    rungs = rungs_of(ground, found)
    scores, spent = _measure(asking, rungs, report)
    report(SHARES[2], "comparing the rungs")
    summary = _summary(asking, climb, found, rungs, scores, spent)
    summary["took_minutes"] = round((time.monotonic() - began) / 60, 1)  # of this try, where it was resumed
    _save(store, climb, ground, found, rungs, summary)
    report(1.0, summary["need"]["sentence"][:200])
    return prompts.finish_climb(store, climb.id, summary)


def _timed(asking: Asking, report: Report) -> Speed | None:
    """Answers a few held-out rows without a prompt and with the longest one, and gives what tokens take here."""
    ground = asking.ground
    report(0.01, f"loading {ground.model}")
    _ = ground.chat.network  # or loading would count as answering
    longest = max(ground.recipes, key=lambda one: (one.k, len(one.system)), default=Recipe())
    sample = (ground.held or ground.dev)[:TIMED_ROWS]
    shown = ground.held_shown if ground.held else ground.shown
    for recipe in dict.fromkeys((Recipe(), longest)):
        arm = shown.arm(recipe, recipe.title, sample)
        asking.ask([arm], sample, lambda done, line: report(0.02, f"timing this machine: {line}"), fully=False)
    return speed(asking.timings)


def _budget(ground: Ground, rates: Speed | None, *, exact: bool) -> dict[str, Any]:
    """How many answers a climb asks for, and the minutes that they take at the measured speed (None: not measured)."""
    searching = answers_needed(len(ground.recipes), len(ground.held))
    rungs = len(ground.fixed) + 2 * bool(ground.held)
    measuring = rungs * len(ground.dev)
    longest = max((ground.tokens(one).mean for one in ground.recipes), default=0.0) if exact else ground.about_tokens
    mean = (ground.bare_tokens.mean + longest) / 2
    new = min(float(ground.decoding.max_new_tokens or 0), ground.reference_tokens)
    seconds = None if rates is None else rates.seconds(searching + measuring, mean, new)
    return {
        "answers": searching + measuring,
        "search_answers": searching,
        "golden_answers": measuring,
        "recipes": len(ground.recipes),
        "held_rows": len(ground.held),
        "golden_rows": len(ground.dev),
        "prompt_tokens": round(mean, 1),
        "minutes": None if seconds is None else round(seconds / 60, 1),
        "timed_on": 0 if rates is None else rates.measured,
    }


def _search(asking: Asking, report: Report) -> Found | None:
    """The recipes in the order of their worth on the held-out rows; None where nothing could be held out."""
    ground = asking.ground
    if not ground.held or not ground.recipes:
        return None
    samples = {one.id: one for one in ground.held}
    scorer = catalogue()[ground.primary]
    total, done = answers_needed(len(ground.recipes), len(ground.held)), 0
    known: dict[Recipe, set[str]] = {}

    def ask(recipes: Sequence[Recipe], row_ids: Sequence[str]) -> Mapping[Recipe, Values]:
        nonlocal done
        found = {}
        asked = [samples[row_id] for row_id in row_ids]
        for number, recipe in enumerate(recipes, 1):
            fresh = len(set(row_ids) - known.get(recipe, set()))
            start, share = SHARES[0], (SHARES[1] - SHARES[0]) / max(1, total)
            line = f"search on {len(row_ids)} training rows, prompt {number} of {len(recipes)}: {recipe.title}"

            def tell(part: float, _: str, base: int = done, fresh: int = fresh, start: float = start,
                     share: float = share, line: str = line) -> None:  # fmt: skip
                report(start + share * (base + part * fresh), line)

            arm = ground.held_shown.arm(recipe, recipe.title, asked)
            said = asking.ask([arm], asked, tell, fully=False)[recipe.title]
            found[recipe] = {row_id: one.value for row_id, one in scorer.by_id(said).items()}
            done += fresh
            known[recipe] = set(row_ids)
        return found

    return search(
        ground.recipes,
        [one.id for one in ground.held],
        ask,
        cost={recipe: ground.tokens(recipe).mean for recipe in ground.recipes},
        higher_is_better=scorer.higher_is_better,
    )


def _measure(
    asking: Asking, rungs: Mapping[Recipe, str], report: Report
) -> tuple[dict[str, dict[str, dict[str, Score]]], dict[str, dict[str, float]]]:
    """rung -> scorer -> row id -> score on golden's dev rows; and what an answer took on each rung."""
    ground = asking.ground
    arms = [ground.shown.arm(recipe, recipe.title, ground.dev) for recipe in rungs]
    start, share = SHARES[1], SHARES[2] - SHARES[1]
    said = asking.ask(arms, ground.dev, lambda done, line: report(start + share * done, f"golden, {line}"), fully=True)
    spent = {
        name: {
            key: round(sum(values) / len(values), 2)
            for key in ("output_tokens", "seconds")
            if (values := [one.measured[key] for one in samples if key in one.measured])
        }
        for name, samples in said.items()
    }
    return ladder.scored(said, ladder.wanted(ground.primary)), spent


def _summary(
    asking: Asking,
    climb: Climb,
    found: Found | None,
    rungs: Mapping[Recipe, str],
    scores: Mapping[str, Mapping[str, Mapping[str, Score]]],
    spent: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    ground, groups = asking.ground, groups_of(asking.ground.dev)
    scorer, recall = catalogue()[ground.primary], catalogue()["fact_recall"]
    best = found.best.recipe if found else list(rungs)[-1]
    lines = ladder.against(scores, BARE, ground.primary, groups, chosen=best.title)
    held = {} if found is None else {one.recipe: one for one in found.tried}
    told = []
    for recipe, why in rungs.items():
        tried = held.get(recipe)
        told.append(
            {
                "number": None,  # filled in when it is saved
                "title": recipe.title,
                "how": why,
                "chosen": recipe == best,
                "name": recipe.name,
                "examples": {"mode": recipe.mode, "k": recipe.k},
                "held": None if tried is None else tried.mean,
                "tokens": ground.golden_tokens(recipe).plain(),
                **spent.get(recipe.title, {}),
                **lines[recipe.title],
            }
        )
    random, similar = ground.lookup
    lookup = None
    if random in rungs and similar in rungs:
        one, other = scores[random.title]["fact_recall"], scores[similar.title]["fact_recall"]
        lookup = compare(one, other, recall, names=("random examples", "similar examples"), groups=groups)
    rates = speed(asking.timings)
    return {
        **{key: value for key, value in climb.settings.items() if key != "recipes"},
        "rungs": told,
        "search": None if found is None else _told_search(ground, found),
        "need": needed(
            scorer=scorer,
            bare=scores[BARE][ground.primary],
            best=scores[best.title][ground.primary],
            title=best.title,
            against_bare=compare(
                scores[BARE][ground.primary], scores[best.title][ground.primary], scorer,
                names=("zero-shot", "the best prompt"), groups=groups,
            ) if best.title != BARE else None,
            tokens=(ground.golden_tokens(Recipe()), ground.golden_tokens(best)),
            untaught=untaught(ground.dev, ground.replies),
            lookup=lookup,
            held=len(ground.held) if found else 0,
            groups=groups,
            target=climb.settings["target"],
        ),
        "speed": None if rates is None else asdict(rates),
    }  # fmt: skip


def _told_search(ground: Ground, found: Found) -> dict[str, Any]:
    """The search as plain values, the best first."""
    return {
        "rows": len(ground.held),
        "tried": [
            {
                "number": None,
                "title": one.recipe.title,
                "parent": ground.parent(one.recipe),
                "mean": one.mean,
                "rows": one.rows,
                "judged": one.judged,
                "heats": one.heats,
                "tokens": ground.tokens(one.recipe).plain(),
            }
            for one in found.tried
        ],
    }


def _save(
    store: Store,
    climb: Climb,
    ground: Ground,
    found: Found | None,
    rungs: Mapping[Recipe, str],
    summary: dict[str, Any],
) -> None:
    """Every tried prompt as a saved one, with what was measured of it; fills their numbers into the summary."""
    tried = [] if found is None else list(zip(found.tried, summary["search"]["tried"], strict=True))
    measured = dict(zip(rungs, summary["rungs"], strict=True))
    for recipe in dict.fromkeys([*(one.recipe for one, _ in tried), *rungs]):
        if recipe.zero_shot:
            continue
        saved = prompts.add(
            store, ground.version, name=recipe.name, system=recipe.system, examples_mode=recipe.mode, k=recipe.k,
            seed=recipe.seed, parent=ground.parent(recipe), origin="search",
            who=user_name(),
        )  # fmt: skip
        held = next((line for one, line in tried if one.recipe == recipe), None)
        rung = measured.get(recipe)
        for line in (held, rung):
            if line is not None:
                line["number"] = saved.number
        keys = ("mean", "low", "high", "n", "right")
        prompts.note_measured(
            store,
            saved.id,
            {
                "climb": climb.id,
                "model": ground.model,
                "scorer": ground.primary,
                "tokens": ground.tokens(recipe).plain() if rung is None else rung["tokens"],
                "held": None if held is None else {"mean": held["mean"], "rows": held["rows"]},
                "dev": None if rung is None else {key: rung[key] for key in keys},
            },
        )
