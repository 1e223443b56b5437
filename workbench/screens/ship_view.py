"""What the Ship screen shows, as HTML: what would be written, what lies there, parity in words, commands to copy"""

from __future__ import annotations

from workbench.actions.prefer import Preferring
from workbench.records import Run
from workbench.screens.escape import badge, esc, table
from workbench.shipping.hub import PushPlan
from workbench.shipping.shipment import Shipment, in_words

FORMS = (
    ("One whole model (merged)", "merge"),
    ("Ollama's Modelfile", "ollama"),
    ("vLLM's command", "vllm"),
    ("GGUF, by llama.cpp", "gguf"),
)
WRITTEN = {"merge": "merged/", "ollama": "Modelfile", "gguf": "gguf/"}


def run_label(run: Run) -> str:
    """A run in a list: its number, what it was trained on, and of which run it is the second stage."""
    kind = f", second stage of run {run.parent_id}" if run.stage == "dpo" else ""
    return f"Run {run.id}: {run.version}{kind}, {run.when[:16].replace('T', ' ')}"


def planned_html(plan: Shipment) -> str:
    """What would be written, and where."""
    parts = ["the run's weights with their card", *(WRITTEN[form] for form in plan.forms if form in WRITTEN)]
    return (
        f"<p>Would write <b>{esc(', '.join(parts))}</b> and HOW_TO_LOAD.md into <code>{esc(plan.folder)}</code>. "
        "What lies there from an earlier time is replaced.</p>"
    )


def shipped_html(done: Shipment) -> str:
    """A shipment as it lies there."""
    parity = _parity(done)
    files = table(("file", "size"), [(esc(name), esc(in_words(size))) for name, size in done.files])
    commands = "".join(
        f'<p class="below"><span class="who">{esc(one.title)}</span><code class="words">{esc(one.text)}</code></p>'
        for one in done.commands
    )
    notes = "".join(f"<li>{esc(one)}</li>" for one in done.notes)
    return (
        f"{parity}<h3>How to load it</h3>{commands or '<p>From Python, as its card says.</p>'}"
        + (f"<h3>Worth knowing</h3><ul>{notes}</ul>" if notes else "")
        + f"<h3>What lies there</h3><p><code>{esc(done.folder)}</code>, {esc(in_words(done.size))}</p>"
        f"<details><summary>{len(done.files)} files</summary>{files}</details>"
    )


def _parity(done: Shipment) -> str:
    if not done.parity:
        return (
            '<div class="verdict unsure"><strong>Nobody has looked</strong>'
            "whether every form says the same. Ship again with the questions ticked.</div>"
        )
    holds = done.parity["holds"]
    kind, word = ("up", "Says the same") if holds else ("down", "Does not say the same")
    forms = "".join(
        f"<li>{esc(one['sentence'])}{'' if one['counts'] else ' ' + badge('beside, does not count')}</li>"
        for one in done.parity["forms"]
    )
    return f'<div class="verdict {kind}"><strong>{word}</strong>{esc(done.parity["sentence"])}<ul>{forms}</ul></div>'


def push_html(plan: PushPlan) -> str:
    """Exactly what would go."""
    files = table(("file", "size"), [(esc(name), esc(in_words(size))) for name, size in plan.files])
    who = badge("private") if plan.private else badge("public", "bad")
    return f"<p>{who} {esc(plan.sentence)} Rows, golden answers and votes are never among them.</p>{files}"


def preferring_html(planned: Preferring) -> str:
    """How many pairs may be used, why not the others, and what to do."""
    kind = "up" if planned.may else "unsure"
    word = f"{planned.usable.table.height} of {planned.usable.found} pairs may be used"
    steps = "".join(f"<li>{esc(step)}</li>" for step in planned.steps)
    guard = "".join(f"<li>{esc(line)}</li>" for line in planned.guard)
    return (
        f'<div class="verdict {kind}"><strong>{esc(word)}</strong>{esc(planned.sentence)}'
        + (f"<p>The leak guard:</p><ul>{guard}</ul>" if guard else "")
        + (f"<p>What to do:</p><ul>{steps}</ul>" if steps else "")
        + "</div>"
    )
