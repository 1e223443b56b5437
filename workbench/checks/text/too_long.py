"""Too long for the model

What stands past the longest row of a training run is cut off: the reply loses its end, and the model learns to stop in
the middle or never sees the reply at all. Counted in the model's own tokens. The limit is the one that training has by
default, 1,024 tokens; where you train with another "Longest row" (max_length), set the same here.

Known limits
    The chat template is not rendered: every turn is charged its role and four tokens for its marks, which is exact
    for the ChatML family and within a few tokens for others. A system text that a template adds is not counted.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from training.plan import TrainingPlan
from workbench.checks.check import Findings, above, check
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.settings import DEFAULT_MODEL, models_folder

# <|im_start|> and, behind the role, a line break before the content; <|im_end|> and a line break after it.
TURN_MARKS = 4
LONGEST_ROW: int = TrainingPlan.model_fields["max_length"].default
BATCH = 2_000  # rows handed to the tokenizer at a time, so that 50,000 long rows need no great memory


@check(
    severity="error",
    flags=Rows.of("open the lid and wait " * 210),
    passes=Rows.of("Open the lid and wait.", "open the lid and wait " * 190),
)
def too_long(rows: Rows, *, limit: int = LONGEST_ROW, model: str = "") -> Findings:
    """Measure: tokens of the whole conversation, the contents and, for each turn, its role and four marks.

    `model` is the folder of the model (or its tokenizer.json); "" is the embedded model. Raises NotRun when no
    tokenizer is there: tokens are not guessed from words.
    """
    tokenizer = _tokenizer(str(tokenizer_file(model)))
    totals, notes = [], []
    for start in range(0, len(rows), BATCH):
        for turns in _turn_tokens(tokenizer, rows.messages[start : start + BATCH]):
            totals.append(float(sum(turns)))
            notes.append(_note(turns, limit))
    return above(totals, limit, notes)


def tokenizer_file(model: str = "") -> Path:
    """Where the tokenizer of a model lies; NotRun with the way out when it is not there."""
    folder = Path(model).expanduser() if model else models_folder() / DEFAULT_MODEL
    path = folder if folder.name == "tokenizer.json" else folder / "tokenizer.json"
    if path.is_file():
        return path
    if model:
        raise NotRun(f'There is no tokenizer.json in "{folder}". Give the folder of the model as `model`.')
    raise NotRun(
        f'The tokenizer of the embedded model is not at "{folder}". Run "goldloop models fetch", or give the folder of '
        "the model to be trained as `model`."
    )


@lru_cache(maxsize=2)
def _tokenizer(path: str) -> Any:
    from tokenizers import Tokenizer

    try:
        found = Tokenizer.from_file(path)
    except Exception as error:  # the library raises a bare Exception for any file that it cannot read
        raise NotRun(f'"{path}" cannot be read as a tokenizer ({error}).') from error
    found.no_truncation()  # a saved limit would hide just the rows that are looked for
    found.no_padding()
    return found


def _turn_tokens(tokenizer: Any, batch: list[list[dict[str, Any]]]) -> list[list[int]]:
    """Tokens of each turn, row by row."""
    contents = [turn["content"] or "" for turns in batch for turn in turns]
    roles = [turn["role"] or "" for turns in batch for turn in turns]
    marks = {role: TURN_MARKS + len(tokenizer.encode(role, add_special_tokens=False).ids) for role in set(roles)}
    found = tokenizer.encode_batch_fast(contents, add_special_tokens=False)
    counts = iter([len(content.ids) + marks[role] for content, role in zip(found, roles, strict=True)])
    return [[next(counts) for _ in turns] for turns in batch]


def _note(turns: list[int], limit: int) -> str:
    over = sum(turns) - limit
    if over <= 0:
        return ""
    lost = "nothing of the last turn would be left" if over >= turns[-1] else "the end of the reply would be cut off"
    return f"{sum(turns):,} tokens, {over:,} over the limit of {limit:,}: {lost}"
