"""Save a prompt of a dataset: a system text, examples, or both; a new text is a new number."""

from __future__ import annotations

from evaluators.prompting.recipe import MOST_EXAMPLES
from workbench.errors import BadInput
from workbench.records import Prompt
from workbench.settings import LONGEST_NAME, user_name
from workbench.store import Store, datasets, prompts

LONGEST_TEXT = 20_000  # characters, as on the evaluation screen
WAYS = ("random", "similar")


def save_prompt(
    store: Store,
    name: str,
    system: str = "",
    *,
    version: str | None = None,
    examples: int = 0,
    choose: str = "similar",
    seed: int = 0,
    parent: int | None = None,
) -> Prompt:
    """The saved prompt; saving the same text under the same name again gives the one that is there.

    examples: how many training rows stand before the question, 0 to 8; choose: "similar" to the question, or "random"
    by the seed. parent: the number that it was made from; by default the newest one of that name. Raises BadInput.
    """
    of = datasets.version(store, version)
    name, text = " ".join(name.split()), system.strip()
    if not name and text:
        raise BadInput("Give the prompt a name, so that it can be told from others.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name is longer than {LONGEST_NAME} characters.")
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"The prompt is longer than {LONGEST_TEXT:,} characters.")
    if not 0 <= examples <= MOST_EXAMPLES:
        raise BadInput(f"Give 0 to {MOST_EXAMPLES} examples.")
    if choose not in WAYS:
        raise BadInput(f'Examples cannot be chosen by "{choose}"; the ways are {" and ".join(WAYS)}.')
    if not text and not examples:
        raise BadInput("There is nothing to save: write a text, or give some examples.")
    if parent is None:
        written = (one for one in prompts.listed(store, of.dataset) if one.origin == "person")
        same = [one.number for one in written if one.name == name and name]
        parent = same[-1] if same else None
    else:
        prompts.get(store, of.dataset, parent)
    return prompts.add(
        store,
        of,
        name=name,
        system=text,
        examples_mode=choose if examples else "none",
        k=examples,
        seed=seed if examples and choose == "random" else 0,
        parent=parent,
        origin="person",
        who=user_name(),
    )
