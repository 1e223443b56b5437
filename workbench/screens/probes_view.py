"""How what the probes found looks: the verdict first, then each kind of probe with its examples, then what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.records import ProbeRun
from workbench.reports.probe_charts import tiers_forest, trade
from workbench.reports.tables import p_value
from workbench.screens.escape import badge, esc, plural, short, table

VERDICTS = {"forgot": "down", "no sign of forgetting": "up", "can't tell": "unsure"}
BADGES = {"forgot": "error", "no sign of forgetting": "ok", "can't tell": "warning"}
ITEMS, LONG = 12, 400  # questions listed, characters of an example

Summary = Mapping[str, Any]


def found_html(found: ProbeRun) -> str:
    """All that a probe run found."""
    summary = found.summary or {}
    return "".join(
        (
            verdict_html(summary),
            helps_html(summary),
            tiers_html(summary),
            items_html(summary),
            kind_html("Instructions", summary["instructions"], "asked"),
            kind_html("Refusals", summary["refusals"], "asked"),
            bleed_html(summary["bleed"]),
            memorised_html(summary["memorised"]),
            ways_html(summary),
            harness_html(summary),
            told_html(found, summary),
        )
    )


def verdict_html(summary: Summary) -> str:
    """The verdict as a box."""
    verdict = summary["verdict"]
    kind = "down" if verdict["also"] else VERDICTS[verdict["word"]]
    word = verdict["word"][:1].upper() + verdict["word"][1:]
    return f'<div class="verdict {kind}"><strong>{esc(word)}</strong>{esc(verdict["sentence"])}</div>'


def tiers_html(summary: Summary) -> str:
    """The tiers as a picture and a table."""
    areas = summary["forgetting"]["areas"]
    lines = []
    for one in areas:
        accuracy, drift = one["accuracy"], one["drift"]
        lines.append(
            [
                esc(one["area"]), esc(one["n"]), f"{accuracy['base']:.0%}", f"{accuracy['tuned']:.0%}",
                f"{accuracy['gained']} : {accuracy['lost']}", p_value(accuracy["p"]), nats(one["log_p"]),
                nats(drift), badge(one["verdict"], BADGES[one["verdict"]]),
            ]
        )  # fmt: skip
    head = ["questions", "n", "base right", "tuned right", "gained : lost", "p", "log P", "drift", "verdict"]
    form = "as plain text" if summary["format"] == "plain" else "under the chat template"
    return (
        "<h3>What it still knows</h3>"
        f'{tiers_forest(areas)}<p class="legend">Change of log P: how much of the probability of all four choices the '
        "right one has, in nats; left of zero it lost. Bars are 95 % intervals.</p>"
        f"{table(head, lines)}"
        f'<p class="quiet">Questions are put {form}, the same for both models. p is McNemar\'s exact test; the verdict '
        "takes both measures after Holm's correction. Drift is the change of log P of the right answer by itself: it "
        "moves with style, too, and never decides.</p>"
        f"<details><summary>Each verdict in words</summary><ul>{sentences(areas)}</ul></details>"
    )


def sentences(areas: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"<li>{esc(one['sentence'])}</li>" for one in areas)


def items_html(summary: Summary) -> str:
    """The questions that lost most, in a part to open."""
    worst = [one for one in summary["forgetting"]["items"] if one["log_p"] < 0][:ITEMS]
    lines = [
        [esc(one["tier"]), esc(one["question"]), esc(one["answer"]), esc(one["base"]), esc(one["tuned"]),
         f"{one['log_p']:+.2f}"]
        for one in worst
    ]  # fmt: skip
    head = ["tier", "question", "right answer", "base says", "tuned says", "log P"]
    return f"<details><summary>Questions that lost most</summary>{table(head, lines)}</details>" if lines else ""


def kind_html(title: str, part: Summary, asked: str) -> str:
    """Instructions or refusals: the sentence, and what changed."""
    lines = [
        [badge(one["what"], "ok" if one["what"] == "gained" else "warning"), words(one[asked]), words(one["base"]),
         words(one["tuned"])]
        for one in part["examples"]
    ]  # fmt: skip
    shown = table(["", "asked", "base says", "tuned says"], lines) if lines else ""
    more = f"<details><summary>{plural(len(lines), 'example')}</summary>{shown}</details>" if lines else ""
    return f"<h3>{esc(title)}</h3><p>{esc(part['sentence'])}</p>{more}"


def bleed_html(part: Summary) -> str:
    """Stock phrases of training that turn up in everyday answers."""
    phrases = [
        [esc(one["text"]), esc(one["place"]), f"{one['share']:.0%}", esc(one["base"]), esc(one["tuned"])]
        for one in part["phrases"]
    ]
    head = ["phrase", "stands as", "of training replies", "base answers", "tuned answers"]
    listed = (
        f"<details><summary>{plural(len(phrases), 'stock phrase')} of the training replies</summary>"
        f"{table(head, phrases)}</details>"
        if phrases
        else ""
    )
    lines = [
        [esc(one["what"]), words(one["asked"]), words(one["tuned"]), words(one["base"])] for one in part["examples"]
    ]
    shown = (
        f"<details><summary>{plural(len(lines), 'example')}</summary>"
        f"{table(['carries', 'asked', 'tuned says', 'base says'], lines)}</details>"
        if lines
        else ""
    )
    return f"<h3>The training's style where nobody asked</h3><p>{esc(part['sentence'])}</p>{listed}{shown}"


def memorised_html(part: Summary) -> str:
    """What was copied word for word from training rows."""
    asked, begun = part["asked"], part["begun"]
    lines = [
        ["asked a training question", esc(asked["n"]), *pair(asked["flagged"]), *shares(asked), *longest(asked)],
        ["given half of a reply", esc(begun["n"]), *pair(begun["flagged"]), *shares(begun), *longest(begun)],
    ]
    head = [
        "",
        "rows",
        "20+ tokens copied: base",
        "tuned",
        "8-word runs copied: base",
        "tuned",
        "longest: base",
        "tuned",
    ]
    examples = [
        [
            esc(f"{one['tokens']} tokens"),
            esc(f"row {one['source']}"),
            words(one["asked"]),
            marked(one["answer"], one["span"]),
        ]
        for one in asked["examples"]
    ]
    shown = (
        f"<details><summary>{plural(len(examples), 'example')}, the longest first</summary>"
        f"{table(['copied', 'from', 'asked', 'tuned says'], examples)}</details>"
        if examples
        else ""
    )
    personal = [*asked["personal"]["tuned"], *begun["personal"]["tuned"]]
    named = "".join(f"<li>{esc(one['kind'])}, asked about row {esc(one['row'])}</li>" for one in personal[:ITEMS])
    told = f"<p>Personal data repeated from training:</p><ul>{named}</ul>" if personal else ""
    return (
        f"<h3>Learned by heart</h3><p>{esc(part['sentence'])}</p>{told}{table(head, lines)}"
        '<p class="quiet">Runs of words that three or more training replies share are house style and not counted.</p>'
        f"{shown}"
    )


def pair(found: Summary) -> tuple[str, str]:
    return esc(found["base"]), esc(found["tuned"])


def shares(part: Summary) -> list[str]:
    return ["–" if part["share"][arm] is None else f"{part['share'][arm]:.1%}" for arm in ("base", "tuned")]


def longest(part: Summary) -> tuple[str, str]:
    return esc(part["longest"]["base"]), esc(part["longest"]["tuned"])


def ways_html(summary: Summary) -> str:
    """Base, tuned and what else was measured, with the picture of the trade."""
    ways = summary["ways"]
    lines = [
        [
            esc(one["name"]), f"{one['accuracy']:.0%}", f"{one['gained']} : {one['lost']}", nats(one["log_p"]),
            nats(one["drift"]), "–" if one["held_out"] is None else f"{one['held_out']:.2f}",
            "" if one["name"] == "base" else badge(one["verdict"], BADGES[one["verdict"]]),
        ]
        for one in ways
    ]  # fmt: skip
    head = ["adapter", "right", "gained : lost", "log P", "drift", "held-out loss", "verdict"]
    more = "" if len(ways) > 2 else "<p>Measure smaller scales above to see what less of the adapter would cost.</p>"
    rows = ways[0]["held_out_rows"]
    return (
        f"<h3>Less of the same adapter</h3>{trade(ways)}{table(head, lines)}{more}"
        f'<p class="quiet">Held-out loss: nats a token on {plural(rows, "row")} of the training side that no step was '
        "taken on. Scale 0.5 is half of what the adapter changes; 0 is the base model.</p>"
    )


def harness_html(summary: Summary) -> str:
    """Results of lm-eval tasks, where there are any."""
    lines = [
        [esc(one["task"]), esc(one["metric"]), esc(one["n"]), f"{one['base']:.4f}", f"{one['tuned']:.4f}",
         "–" if one["rows"] is None else f"{one['rows']['gained']} : {one['rows']['lost']}",
         "–" if one["rows"] is None else p_value(one["rows"]["p"])]
        for one in summary["harness"]
    ]  # fmt: skip
    head = ["task", "metric", "rows", "base", "tuned", "gained : lost", "p"]
    return f"<h3>lm-evaluation-harness</h3>{table(head, lines)}" if lines else ""


def helps_html(summary: Summary) -> str:
    """What helps, with its evidence."""
    lines = "".join(
        f"<li><b>{esc(one['what'])}</b> "
        f"{badge('measured', 'ok') if one['measured'] else badge('not measured here')}<br>"
        f"{esc(one['evidence'])}" + (f" <code>{esc(one['do'])}</code>" if one["do"] else "") + "</li>"
        for one in summary["proposals"]
    )
    return f"<h3>What helps</h3><ul>{lines}</ul>" if lines else ""


def told_html(found: ProbeRun, summary: Summary) -> str:
    """How it was measured."""
    probes, precision = summary["probes"], summary["precision"]
    return (
        f'<p class="quiet">Probe run {found.id} of run {found.run_id} by {esc(found.who)}, '
        f"{esc(found.when[:16].replace('T', ' '))} UTC. {probes['questions']} questions, {probes['instructions']} "
        f"instructions, {probes['refusal_pairs']} pairs of requests, {probes['off_domain']} everyday chats "
        f"(edition {esc(probes['digest'][:12])}); likelihoods in {esc(precision['likelihoods'])}, greedy answers in "
        f"{esc(precision['answers'])}.</p>"
    )


def nats(found: Summary) -> str:
    """A change in nats with its interval."""
    if found["low"] is None:
        return f"{found['difference']:+.2f}".replace("-", "\u2212")
    told = f"{found['difference']:+.2f} [{found['low']:+.2f}, {found['high']:+.2f}]"
    return told.replace("-", "\u2212")


def words(text: str) -> str:
    """A text of a row or a model, escaped and cut."""
    return f'<span class="words">{esc(text[:LONG])}</span>'


def marked(text: str, span: str) -> str:
    """A model's answer with the copied span marked."""
    before, found, after = text.partition(span) if span else (text, "", "")
    return f'<span class="words">{esc(before)}<mark>{esc(found)}</mark>{esc(after)}</span>' if found else words(text)


def run_title(found: ProbeRun) -> str:
    """A probe run in a list."""
    word = (found.summary or {}).get("verdict", {}).get("word", "not finished")
    return short(f"Probes {found.id} · run {found.run_id} · {word} · {found.when[:16].replace('T', ' ')}")
