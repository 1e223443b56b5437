"""How the plan of a run looks: four big answers and what stands behind them; after the run, prediction beside fact."""

from __future__ import annotations

from pathlib import Path

from training.forecast.bases import from_memory
from training.forecast.cards import APPLE, Card
from training.forecast.estimate import Quantity
from training.forecast.fit import Fit, Way
from training.forecast.memory import MEANINGS
from training.forecast.money import assumption, said
from training.forecast.sizes import size_words
from workbench.actions.plan_training import Planned
from workbench.records import Run
from workbench.reports.predicted import beside
from workbench.reports.tables import amount, span
from workbench.screens.escape import badge, esc, plural, table

CSS = (Path(__file__).parent / "plan_card.css").read_text(encoding="utf-8")
KNOWN = (
    "Sizes, licences, context and languages of the base models were looked up. From memory stands of them: {}. Read "
    "the licence that comes with the files."
)
MOST_ROWS = 8  # left out rows that are spelled out
SMALL_PART = 5e6  # bytes; smaller parts of the memory are not told
MARKS = {"fits": "ok", "tight": "warn", "too large": "bad"}


def plan_html(done: Planned) -> str:
    """What a run would do and what it would take: time, memory, money and rows first, each with its reasons below."""
    big = f'<div class="plan-big">{_time(done)}{_memory(done)}{_money(done)}{_rows(done)}</div>'
    folds = [
        _fold("Where the memory goes", amount(done.cost.memory.value, "bytes"), _memory_parts(done)),
        _fold("Where the time goes", _measured_words(done), _time_parts(done)),
        _fold("Other machines", "what it would take on common graphics cards", _cards(done)),
        _fold("Advice", done.advice.enough, _advice(done)),
        _fold("All figures", "steps, tokens, speed, disk", _figures(done)),
    ]
    if done.cut or done.left_out:
        folds.append(_fold("Rows cut or left out", f"{len(done.cut) + len(done.left_out):,}", _lost(done)))
    return f'<style>{CSS}</style><div class="plan-card"><h3>The plan</h3>{big}{"".join(folds)}</div>'


def _cell(title: str, big: str, *lines: str, mark: str = "") -> str:
    told = "".join(f"<p>{esc(line)}</p>" for line in lines if line)
    return f'<div class="cell {mark}"><h4>{esc(title)}</h4><b>{esc(big)}</b>{told}</div>'


def _time(done: Planned) -> str:
    cost = done.cost
    bounds = f"{span(cost.seconds.low)} to {span(cost.seconds.high)}"
    if cost.measured is None:
        return _cell("Time", f"about {span(cost.seconds.value)}", f"{bounds}. A guess: measure two steps to know.",
                     mark="warn")  # fmt: skip
    busy = (
        f"Other programs took {cost.measured.others_share:.0%} of the machine while it was measured; "
        f"free of them it takes {span(cost.free)}."
        if cost.measured.busy
        else "Measured on this machine."
    )
    mark = "warn" if cost.measured.busy else "ok"
    return _cell("Time", f"about {span(cost.seconds.value)}", f"{bounds}.", busy, cost.within, mark=mark)


def _memory(done: Planned) -> str:
    cost, where = done.cost, done.here[0].name if done.here else "this machine"
    answer = {"fits": "fits", "tight": "may just fit", "too large": "does not fit"}[done.fits_here]
    way = "" if done.fits_here == "fits" else "Lower the batch size or the longest row, or see Other machines."
    how = "Measured at the largest batch." if cost.parts.measured else "By formula."
    return _cell(
        "Memory", f"{amount(cost.memory.value, 'bytes')}: {answer}",
        f"{amount(done.memory, 'bytes')} free on {where}. {how}", way, mark=MARKS[done.fits_here],
    )  # fmt: skip


def _money(done: Planned) -> str:
    if done.money:
        first, *rest = done.money
        told = [f"{one.name}: {said(one.low, one.high, one.currency)}" for one in rest]
        return _cell("Money", said(first.low, first.high, first.currency), f"{first.name}, by your price.", *told[:2])
    rented = _cheapest(done)
    if rented is None:
        return _cell("Money", "nothing to rent", "On your own machine it costs electricity; give watts and price.")
    fit, way = rented
    low, high = fit.money(way)
    return _cell(
        "Money", "$0 here",
        f"Your own machine: electricity only. Rented, {fit.card.name} by {way.name}: {said(low, high, '$')}, "
        f"supposed rent ({fit.card.rent_known}).",
    )  # fmt: skip


def _cheapest(done: Planned) -> tuple[Fit, Way] | None:
    """The cheapest card on which this fits for sure, by the middle of its price and its time."""
    ways = [(fit, way) for fit in done.cards for way in fit.ways if way.verdict == "fits" and way.name != "full"]
    return min(ways, key=lambda pair: sum(pair[0].money(pair[1])), default=None)


def _rows(done: Planned) -> str:
    side, work = done.prepared, done.cost.work
    lost = len(done.cut) + len(done.left_out)
    return _cell(
        "Trained on", plural(work.rows, "row"),
        f"of {side.version.label}, {work.validation_rows:,} kept aside to see when to stop; "
        f"{work.trained:,.0f} tokens are learned in {plural(work.steps, 'step')}.",
        f"{plural(lost, 'row')} cut or left out: see below." if lost else "",
        f"{plural(len(done.no_end), 'row')} cut inside a reply, so not teaching where to stop: raise the longest row."
        if done.no_end
        else "",
        f"Result measured on {side.golden.label} ({side.golden.size:,} rows), which stays out.",
        mark="warn" if lost else "ok",
    )  # fmt: skip


def _fold(title: str, short: str, inside: str) -> str:
    return f"<details><summary>{esc(title)} <span>· {esc(short)}</span></summary>{inside}</details>"


def _memory_parts(done: Planned) -> str:
    parts = [(at, name, size) for at, (name, size) in enumerate(done.cost.parts.parts) if size >= SMALL_PART]
    total = done.cost.parts.total or 1
    bar = "".join(
        f'<i class="part-{at}" style="width:{100 * size / total:.1f}%" '
        f'title="{esc(name)}: {esc(amount(size, "bytes"))}"></i>'
        for at, name, size in parts
    )
    lines = [
        [f'<i class="plan-key part-{at}"></i>{esc(name)}', f'<span class="num">{esc(amount(size, "bytes"))}</span>',
         f"{100 * size / total:.0f} %", esc(MEANINGS[name])]
        for at, name, size in parts
    ]  # fmt: skip
    formula = done.cost.parts.formula
    told = (
        f"A real step on the largest batch took {amount(total, 'bytes')}; the formula alone says "
        f"{amount(formula, 'bytes')}. How the sum divides among the parts is by formula."
        if done.cost.parts.measured
        else "By formula, fitted to measured runs of a small model; it may be off by a third. Measure to know."
    )
    return (
        f'<div class="plan-bar">{bar}</div>{table(["part", "memory", "share", "what it is"], lines)}<p>{esc(told)}</p>'
    )


def _measured_words(done: Planned) -> str:
    found = done.cost.measured
    return (
        "a guess, nothing was measured" if found is None else f"steps timed on {found.when[:16].replace('T', ' ')} UTC"
    )


def _time_parts(done: Planned) -> str:
    times = done.cost.times
    lines = [
        ["loading", esc(span(times.loading)), "the libraries and the base model"],
        ["training", esc(span(times.training)), esc(f"{plural(done.cost.work.steps, 'step')}")],
        ["evaluating", esc(span(times.evaluating)),
         esc(f"{done.cost.work.evaluations} times over {plural(done.cost.work.validation_rows, 'row')}")],
        ["saving", esc(span(times.saving)), esc(plural(done.cost.work.saves, "checkpoint"))],
        ["ending", esc(span(times.ending)), "putting what was learned in place, and looking whether it is whole"],
    ]  # fmt: skip
    found = done.cost.measured
    told = "Divided by published or earlier figures of other machines; wrong by a factor of two easily."
    if found is not None:
        each = ", ".join(
            f"{sum(part.tokens for part in one.parts):,} tokens in {one.seconds:.1f} s" for one in found.steps
        )
        told = (
            f"{plural(len(found.steps), 'step')} timed after a warm-up on {found.machine}, {found.precision}: {each}. "
            f"Other programs took {found.others_share:.0%} of the processors meanwhile."
        )
    return f"{table(['what', 'about', 'for'], lines)}<p>{esc(told)}</p>"


def _cards(done: Planned) -> str:
    own = done.own_card
    lines = []
    for fit in done.cards:
        ways = [_way(fit, way) for way in fit.ways]
        best = next((way for way in fit.ways if way.verdict == "fits"), None)
        time = f"{span(best.seconds_low)} to {span(best.seconds_high)}" if best else "–"
        money = said(*fit.money(best), "$") if best else "–"
        mine = badge("yours", "ok") if own == fit.card else ""
        lines.append([f"{_named(fit.card)} {mine}", *ways, esc(time), esc(money), _rent(fit.card),
                      esc(f"${730 * fit.card.price_low:,.0f} to ${730 * fit.card.price_high:,.0f}")])  # fmt: skip
    head = ["card", "LoRA", "QLoRA", "full", "time", "the run", "rent an hour", "hosting a month"]
    told = (
        "By formula, tried on none of them: memory may be off by a third, and time depends on the libraries more than "
        "on the card. Time and money are of the first way that fits. Rents are supposed, from the cheapest listing to "
        "the usual rate on demand. Hosting: day and night; a model as small as the embedded one is served by any "
        "computer."
    )
    return f"{table(head, lines)}<p>{esc(told)}</p><p>{esc(APPLE)}</p>"


def _named(card: Card) -> str:
    """The card's name; how its figures are known is told by the tip, what of them stands from memory below the name."""
    memory = f'<br><span class="quiet">from memory: {esc(card.remembered)}</span>' if card.remembered else ""
    return f'<span title="Memory and speed: {esc(card.known)}">{esc(card.name)}</span>{memory}'


def _rent(card: Card) -> str:
    return (
        f"{esc(f'${card.price_low:.2f} to ${card.price_high:.2f}')}<br>"
        f'<span class="quiet">{esc(card.rent_known)}</span>'
    )


def _way(fit: Fit, way: Way) -> str:
    kind = {"fits": "fits", "tight": "tight", "too large": "large"}[way.verdict]
    return (
        f'<span class="{kind}">{esc(way.verdict)}</span> <span class="quiet">{esc(amount(way.memory, "bytes"))}</span>'
    )


def _advice(done: Planned) -> str:
    found = done.advice
    languages = ", ".join(f"{code} {share:.0%}" for code, share in done.languages.items()) or "could not be told"
    task = {"simple task": "a simple task", "style": "a style or tone", "knowledge": "new knowledge",
            "cannot tell": "nothing that can be told for sure"}[found.task.kind]  # fmt: skip
    told = f"Your rows teach {task}: {' '.join(found.task.reasons)} Language of the replies: {languages}."
    methods = [[f"<b>{esc(one.name)}</b>", esc(one.why)] for one in found.methods]
    bases = [[f"<b>{esc(one.name)}</b>", esc(one.why)] for one in found.bases]
    against = [[esc(one.name), esc(one.why)] for one in found.against]
    return (
        f"<p>{esc(found.enough)}</p><p>{esc(told)}</p>"
        + table(["method", "why"], methods)
        + (table(["base model to try next", "why"], bases) if bases else "")
        + f"<details><summary>Why not the others</summary>{table(['', 'because'], against)}</details>"
        + f'<p class="quiet">{esc(KNOWN.format(from_memory()))}</p>'
    )


def _figures(done: Planned) -> str:
    work = done.cost.work
    lines = [[esc(one.name), quantity_words(one), esc(one.formula)] for one in done.cost.quantities()]
    lines += [
        ["tokens learned", esc(f"{work.trained:,.0f}"), "those of the replies, over all epochs"],
        ["padding", f"{work.padding_share:.0%}", "of what is computed; rows of like length share a batch"],
        [
            "base model",
            esc(size_words(done.size.parameters)),
            "supposed size" if done.supposed else "from its config.json",
        ],
    ]
    own = done.own_card
    if own is not None:
        lines.append(["price", "", esc(assumption(own))])
    for one in done.money:
        lines.append([esc(one.name), esc(said(one.low, one.high, one.currency)), esc(one.formula)])
    return table(["what", "about", "how it is reckoned"], lines)


def _lost(done: Planned) -> str:
    cut = "".join(f"<li>row {esc(row)} loses {lost:,} tokens</li>" for row, lost in done.cut[:MOST_ROWS])
    out = "".join(f"<li>row {esc(row)}: {esc(reason)}</li>" for row, reason in done.left_out[:MOST_ROWS])
    parts = []
    if done.cut:
        most = done.prepared.plan.max_length
        parts.append(f"<p>{plural(len(done.cut), 'row')} would be cut at {most:,} tokens:</p><ul>{cut}</ul>")
    if done.no_end:
        parts.append(f"<p>{plural(len(done.no_end), 'row')} of these would lose the end of a reply.</p>")
    if done.left_out:
        parts.append(f"<p>{plural(len(done.left_out), 'row')} cannot be trained on:</p><ul>{out}</ul>")
    return "".join(parts)


def beside_html(run: Run) -> str:
    """What was predicted of a run beside what it took; empty where nothing was predicted or it is not finished."""
    found = beside(run.predicted, run.result)
    if found is None:
        return ""
    lines = [[esc(one.name), esc(one.predicted), esc(one.actual), badge(one.off, "ok" if one.good else "warning")]
             for one in found.lines]  # fmt: skip
    notes = "".join(f"<p>{esc(note)}</p>" for note in found.notes)
    return f"<h3>Predicted and taken</h3>{table(['what', 'predicted', 'taken', 'off by'], lines)}{notes}"


def quantity_words(one: Quantity) -> str:
    """A figure of an estimate with its bounds, in a unit that a person knows."""
    low, high = amount(one.low, one.unit), amount(one.high, one.unit)
    bounds = f' <span class="quiet">({esc(low)} to {esc(high)})</span>' if low != high else ""
    return f"{esc(amount(one.value, one.unit))}{bounds}"
