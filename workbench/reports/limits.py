"""What an evaluation cannot show, what was not tested, what to do next, and how to do it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.statistics.wilson import highest_unseen_rate
from workbench.records import Evaluation, Gap, Golden, Run
from workbench.reports.tables import smallest_differences

Step = tuple[str, str]
ROUNDS = "blind rounds"  # how the source of pairs begins where people judged them here


def limits(summary: Mapping[str, Any], run: Run, golden: Golden, rated: bool) -> list[str]:
    """What the evaluation cannot show, each as a sentence."""
    n = summary["rows"]
    said = smallest_differences(summary)
    said += [
        f"A mistake that {n} rows never showed may still happen in {highest_unseen_rate(n):.1%} of such questions.",
        f"One training run with one seed ({run.plan.get('seed', 0)}): another seed gives somewhat other answers.",
        f"The golden rows were drawn from the same data ({golden.share:.0%}, seed {golden.seed}): the result holds for "
        "questions like these, and says nothing of topics that the data do not hold.",
    ]
    primary = summary["primary"]["scorer"]
    left_out = [line for line in summary["comparisons"] if line["scorer"] == primary and line.get("not_judged")]
    if left_out:
        said.append(
            f"{max(line['not_judged'] for line in left_out)} golden rows could not be judged by the deciding metric."
        )
    if not rated:
        said.append("No people have judged the answers; metrics see facts and likelihood, not tone or helpfulness.")
    if len(set(golden.groups.values())) < len(golden.groups):
        said.append(
            "Some golden rows are wordings of the same thing; they are counted as groups, which widens the intervals."
        )
    return said


def not_tested(summary: Mapping[str, Any], told: Mapping[str, Any], run: int) -> list[str]:
    """What nobody looked at, each with the way to do it where there is one."""
    said = []
    if told.get("probes") is None:
        said.append(f"What the model forgot, repeats by heart or says where nobody asked: goldloop probe {run}")
    if not (told.get("people") or {}).get("rounds"):
        said.append("What people prefer: goldloop rate open, then the Rating screen")
    if told.get("prompts") is None:
        said.append("How far prompts alone would get, step by step: goldloop prompts climb")
    if names := summary.get("guards_not_asked"):
        said.append(f"Guards for which no golden row asks: {', '.join(names)}")
    return [*said, "Safety against attacks, long talks, and speed or cost where it will run: not part of this report"]


def next_steps(
    evaluation: int, part: str, summary: Mapping[str, Any], told: Mapping[str, Any], gaps: Sequence[Gap], run: int
) -> list[Step]:
    """(what to do, the command or ""), the most useful first."""
    verdict, steps = summary["verdict"], []
    opened = [one for one in gaps if one.state == "open"]
    golden = told.get("golden") or {}
    rounds = (told.get("people") or {}).get("rounds")
    if verdict["ship"] and part == "dev" and golden.get("parts", {}).get("sealed"):
        steps.append(("Confirm it on the sealed rows, which nobody has read", f"goldloop evaluate {run} --sealed"))
    if verdict["against_prompted"] != "better" and verdict["against_base"] == "better":
        steps.append(("The better prompt does as well or nearly so: weigh using it without training", ""))
    if part == "dev" and not gaps and not verdict["ship"]:
        steps.append(("Group the failures and look for their causes in the data", f"goldloop gaps {evaluation}"))
    if opened:
        rows = sum(len(one.golden_rows) for one in opened)
        steps.append((f"Mend the {len(opened)} open gaps below ({rows} golden rows)", f"goldloop gaps {evaluation}"))
    if part == "dev" and told.get("failures") is None:
        steps.append(("Read failed answers and note the first thing wrong with each", f"goldloop notes {evaluation}"))
    if told.get("probes") is None:
        steps.append(("Look for what was forgotten or learned by heart", f"goldloop probe {run}"))
    if part == "dev" and not rounds:
        steps.append(("Have people judge the answers blind", f"goldloop rate open {evaluation}"))
    if "can't tell" in (verdict["against_base"], verdict["against_prompted"]):
        steps.append(("Add golden rows: these are too few for a difference of this size", "goldloop golden show"))
    return steps


def commands(evaluation: Evaluation, run: Run, golden: Golden) -> list[str]:
    """The command lines that lead to the same result."""
    from training.plan import TrainingPlan

    defaults = {name: field.default for name, field in TrainingPlan.model_fields.items()}
    changed = [f"--set {k}={v}" for k, v in run.plan.items() if k in defaults and k != "model" and v != defaults[k]]
    model = f"--model {run.plan['model']} " if run.plan.get("model") != defaults["model"] else ""
    settings = evaluation.settings
    how = "--prompt prompt.txt " if settings.get("prompt") else ""
    if settings.get("saved_prompt"):
        how = f"--saved-prompt {settings['saved_prompt']} "
    if settings.get("part") == "sealed":
        how += "--sealed"
    trained = " ".join(f"goldloop train {run.version} {model}{' '.join(changed)}".split())
    if run.stage == "dpo":
        trained = _second_stage(run)
    return [
        f"goldloop golden freeze {golden.dataset}@{golden.drawn_from} --share {golden.share:g} --seed {golden.seed}",
        trained,
        f"goldloop evaluate {run.id} {how}".rstrip(),
        *([] if settings.get("part") == "sealed" else [f"goldloop gaps {evaluation.id}"]),
        f"goldloop report {evaluation.id}",
    ]


def _second_stage(run: Run) -> str:
    """The command of a second stage on the run that is its parent; a file of pairs by its name alone."""
    from training.pairs.preferences import PreferencePlan
    from training.plan import TrainingPlan

    plan = TrainingPlan.model_validate(run.plan)
    usual = PreferencePlan.after(plan).training
    told = (run.result or {}).get("preferences") or {}
    own = [f"--set {name}={told[name]}" for name in ("beta", "rewards") if name in told]
    if not str(told.get("source", ROUNDS)).startswith(ROUNDS):
        own.insert(0, shlex.join(["--pairs", str(told["source"])]))
    changed = [
        f"--set {name}={value}" for name, value in plan.model_dump().items() if value != getattr(usual, name)
    ]  # fmt: skip
    return " ".join([f"goldloop prefer {run.parent_id}", *own, *changed])
