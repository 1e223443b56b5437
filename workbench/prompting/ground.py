"""What a climb of the prompt ladder stands on: rows held out, rows that may be shown, prompts to try, and the model"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from evaluators.evaluate import conversation
from evaluators.models import embedded
from evaluators.models.chat_model import ChatModel, Decoding
from evaluators.primary_metric import primary_metric, unfit_as_primary
from evaluators.prompting.cost import Tokens
from evaluators.prompting.halving import FEWEST_ROWS, Found
from evaluators.prompting.recipe import MOST_EXAMPLES, Mode, Recipe, grid
from evaluators.sample import Message, Sample, catalogue
from workbench import leak_search
from workbench.asked import samples_of
from workbench.errors import BadInput
from workbench.prompting.arms import Shown, golden_side, recipe_of, shown_from
from workbench.records import Golden, Prompt, Version
from workbench.settings import DEFAULT_MODEL, Report, models_folder, no_report
from workbench.store import Store, datasets, goldens, prompts, sheets

BARE = Recipe().title
MOST_HELD = 1 / 3  # of the rows that can be shown: more held out leaves too few to learn from
MOST_ROWS = 400  # held out; beyond that a search takes hours and chooses no better
WAYS = ("random", "similar")


@dataclass
class Ground:
    """Everything that is fixed before the first answer.

    held: training rows held out to choose by; held_shown: what may be shown to them. dev: golden's dev rows; shown:
    what may be shown to those. recipes: what the search tries. fixed: the rungs named beforehand, with why. lookup: the
    same number of random and of similar examples, without a text. parents: (name, text) -> the saved prompt's number.
    """

    version: Version
    golden: Golden
    model: str
    chat: ChatModel
    decoding: Decoding
    cache: Path
    primary: str
    reason: str
    seed: int
    held: list[Sample]
    held_shown: Shown
    dev: list[Sample]
    shown: Shown
    replies: list[str]
    recipes: tuple[Recipe, ...]
    fixed: dict[Recipe, str]
    extra: dict[Recipe, str]
    lookup: tuple[Recipe, Recipe]
    parents: dict[tuple[str, str], int]
    _sizes: dict[tuple[Recipe, bool], Tokens] = field(default_factory=dict)

    def parent(self, recipe: Recipe) -> int | None:
        """The saved prompt whose text a recipe shows with examples; None for the text itself and without one."""
        return self.parents.get((recipe.name, recipe.system)) if recipe.k else None

    def size(self, turns: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> int:
        """Prompt tokens of a conversation, template and offered tools included."""
        return len(self.chat.token_ids(self.chat.render(turns, tools=tools)))

    def tokens(self, recipe: Recipe) -> Tokens:
        """Prompt tokens of a question on the held-out rows (on golden where none are held out)."""
        return self._of(recipe, golden=not self.held)

    def golden_tokens(self, recipe: Recipe) -> Tokens:
        """Prompt tokens of a question on golden's dev rows."""
        return self._of(recipe, golden=True)

    def _of(self, recipe: Recipe, *, golden: bool) -> Tokens:
        if (recipe, golden) not in self._sizes:
            samples, shown = (self.dev, self.shown) if golden else (self.held, self.held_shown)
            arm = shown.arm(recipe, recipe.title, samples)
            self._sizes[recipe, golden] = Tokens.of([self.size(conversation(one, arm), one.tools) for one in samples])
        return self._sizes[recipe, golden]

    @property
    def bare_tokens(self) -> Tokens:
        """Prompt tokens of a question as it stands."""
        return self.tokens(Recipe())

    @property
    def about_tokens(self) -> float:
        """Prompt tokens of the longest recipe, with random examples in place of similar ones: nothing is embedded."""
        longest = max(self.recipes, key=lambda one: (one.k, len(one.system)), default=Recipe())
        return self.tokens(replace(longest, mode="random" if longest.k else "none")).mean

    @property
    def reference_tokens(self) -> float:
        """Tokens of a reference, on average: about what a good answer takes."""
        counts = [len(self.chat.token_ids(one.reference)) for one in self.dev]
        return sum(counts) / len(counts)


def ground_of(
    store: Store,
    version: str | None,
    *,
    model: str | None,
    candidates: Sequence[int] | None,
    counts: Sequence[int],
    ways: Sequence[str],
    rows: int,
    measure: Sequence[int],
    primary: str | None,
    max_new_tokens: int | None,
    seed: int,
    guarded: bool,
    report: Report = no_report,
) -> Ground:
    """The ground of a climb. guarded: the leak guard searches the version unless it has.

    Raises BadInput for what cannot be climbed, NotFound without golden or a named prompt.
    """
    _refuse(counts, ways, rows, primary)
    of = datasets.version(store, version)
    golden = goldens.with_errata(store, goldens.newest(store, of.dataset))
    demands = sheets.sheet_of(store, of.dataset).demands()
    dev = samples_of(goldens.rows_in(store, golden, "dev"), golden, demands)
    if not dev:
        raise BadInput(f"{golden.label} has no dev row that can be asked, so no prompt can be measured.")
    texts = _candidates(store, of, candidates)
    extra = {_named(one): f"saved prompt {one.number}, asked for"
             for one in (prompts.get(store, of.dataset, number) for number in dict.fromkeys(measure))}  # fmt: skip
    training = datasets.rows_of(store, of).without(goldens.rows_of(store, golden).row_id)
    shown = golden_side(store, of, golden, seed=seed, guarded=guarded, report=report)
    k = max(counts, default=0) if len(shown.pool) else 0
    systems = {name: text for name, (text, _) in texts.items()}
    wanted: tuple[Mode, ...] = tuple(way for way in ("random", "similar") if way in ways)  # type: ignore[misc]
    recipes = grid(systems, (0, *(counts if k else ())), wanted, seed=seed)
    if not recipes and not extra:
        raise BadInput(
            "There is nothing to try. Save a prompt with goldloop prompts add, or allow examples (--examples 2)."
        )
    chosen, reason = (primary, "chosen by the user") if primary else primary_metric(dev)
    if unfit := unfit_as_primary(chosen, dev):
        raise BadInput(unfit)
    asked = samples_of(training.having(shown.pool.ids), golden, demands)
    held = _held(asked, shown, rows, chosen, seed)
    name = model or DEFAULT_MODEL
    chat = ChatModel(embedded.resolve(name, models_folder()))
    decoding = chat.settle(Decoding(max_new_tokens=max_new_tokens), [one.reference for one in (*dev, *held)])
    held_rows = training.having([one.id for one in held])
    return Ground(
        version=of,
        golden=golden,
        model=name,
        chat=chat,
        decoding=decoding,
        cache=store.folder("prompts", of.dataset_id),
        primary=chosen,
        reason=reason,
        seed=seed,
        held=held,
        held_shown=shown_from(training.without(held_rows.row_id), held_rows, seed=seed, read=leak_search.reader(store)),
        dev=dev,
        shown=shown,
        replies=[reply for reply in training.reply if reply],
        recipes=recipes,
        fixed=_fixed(systems, k, wanted, seed, searched=bool(held)),
        extra=extra,
        lookup=(Recipe(mode="random", k=k, seed=seed), Recipe(mode="similar", k=k)) if k else (Recipe(), Recipe()),
        parents={(name, text): number for name, (text, number) in texts.items()},
    )


def _refuse(counts: Sequence[int], ways: Sequence[str], rows: int, primary: str | None) -> None:
    if any(not 0 <= k <= MOST_EXAMPLES for k in counts):
        raise BadInput(f"Give numbers of examples from 0 to {MOST_EXAMPLES}.")
    if unknown := [way for way in ways if way not in WAYS]:
        raise BadInput(f'Examples cannot be chosen by "{unknown[0]}"; the ways are {" and ".join(WAYS)}.')
    if not 0 <= rows <= MOST_ROWS:
        raise BadInput(f"Hold out 0 to {MOST_ROWS} training rows to choose by.")
    if primary is not None and primary not in catalogue():
        raise BadInput(f'There is no metric "{primary}". The metrics are: {", ".join(catalogue())}.')


def _candidates(store: Store, of: Version, numbers: Sequence[int] | None) -> dict[str, tuple[str, int]]:
    """name -> (text, number) of the texts to try: those named, else the newest of each name that a person saved."""
    saved = prompts.listed(store, of.dataset)
    if numbers is None:
        newest = {one.name: one for one in saved if one.origin == "person" and one.system}
        found = list(newest.values())
    else:
        found = [prompts.get(store, of.dataset, number) for number in dict.fromkeys(numbers)]
        found = [one for one in found if one.system]
    twice = Counter(one.name for one in found)
    return {one.name if twice[one.name] == 1 else f"{one.name} (no. {one.number})": (one.system, one.number)
            for one in found}  # fmt: skip


def _named(prompt: Prompt) -> Recipe:
    recipe = recipe_of(prompt)
    return replace(recipe, name=f"{recipe.name} (no. {prompt.number})".strip())


def _held(samples: Sequence[Sample], shown: Shown, rows: int, primary: str, seed: int) -> list[Sample]:
    """Training rows to choose by, one of each group of copies, drawn by the seed; only such as the metric can judge."""
    asked = {one.id: one for one in samples}
    groups = dict(zip(shown.pool.ids, shown.pool.groups, strict=True))
    order = random.Random(seed).sample(list(shown.pool.ids), len(shown.pool))
    fine = _judged([asked[row_id] for row_id in order if row_id in asked], primary)
    most = min(rows, int(MOST_HELD * len(shown.pool)))
    found: dict[int, Sample] = {}
    for one in fine:
        if len(found) == most:
            break
        found.setdefault(groups[one.id], one)
    return list(found.values()) if len(found) >= min(FEWEST_ROWS, rows or FEWEST_ROWS) else []


def _judged(samples: Sequence[Sample], primary: str) -> list[Sample]:
    """The rows that the metric can judge at all, told by giving it the reference as the answer."""
    scorer = catalogue()[primary]
    if scorer.reads is not None:
        return list(samples)
    scores = scorer([replace(one, output=one.reference) for one in samples])
    return [one for one, score in zip(samples, scores, strict=True) if score.value is not None]


def _fixed(systems: Mapping[str, str], k: int, ways: Sequence[Mode], seed: int, *, searched: bool) -> dict[Recipe, str]:
    """The rungs that are measured on golden whatever the search finds; without one also each text with examples."""
    rungs = {Recipe(): "the question as it stands"}
    rungs |= {Recipe(name, text): "the text alone" for name, text in systems.items()}
    if k and "random" in ways:
        rungs[Recipe(mode="random", k=k, seed=seed)] = "training rows drawn by the seed"
    if k and "similar" in ways:
        rungs[Recipe(mode="similar", k=k)] = "the training rows likest to the question"
        if not searched:
            both = {Recipe(name, text, "similar", k): "text and similar examples, named beforehand"
                    for name, text in systems.items()}  # fmt: skip
            rungs |= both
    return rungs


def rungs_of(ground: Ground, found: Found | None) -> dict[Recipe, str]:
    """The rungs measured on golden, the simplest first, and why: those named beforehand and what the search found."""
    bare = {Recipe(): ground.fixed[Recipe()]}
    rungs = {**bare, **ground.extra, **ground.fixed}  # the last one is the best where there was no search
    if found is None:
        return rungs
    both = next((one.recipe for one in found.tried if one.recipe.system and one.recipe.k), None)
    if both is not None and both not in rungs:
        rungs[both] = "text and examples, the best such on the held-out rows"
    best = found.best.recipe
    rungs[best] = f"{rungs[best]}; the best on the held-out rows" if best in rungs else "the best on the held-out rows"
    return rungs


def settings_of(ground: Ground, *, target: float, budget: Mapping[str, Any]) -> dict[str, Any]:
    """What is written down before the first answer on golden."""
    scorer = catalogue()[ground.primary]
    return {
        "model": ground.model,
        "version": ground.version.label,
        "golden": {"label": ground.golden.label, "digest": ground.golden.digest, "size": ground.golden.size},
        "part": "dev",
        "rows": len(ground.dev),
        "held_rows": len(ground.held),
        "seed": ground.seed,
        "primary": {
            "scorer": ground.primary,
            "title": scorer.title,
            "unit": scorer.unit,
            "higher_is_better": scorer.higher_is_better,
            "reason": ground.reason,
        },
        "target": target,
        "embedder": ground.shown.embedder,
        "pool": {"rows": len(ground.shown.pool), "left_out": ground.shown.left_out},
        "decoding": asdict(ground.decoding),
        "texts": {name: number for (name, _), number in ground.parents.items()},
        "recipes": [recipe.title for recipe in ground.recipes],
        "budget": dict(budget),
    }
