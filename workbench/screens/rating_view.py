"""How rounds of blind rating look: an open one (how far, how far people agree) and a closed one (what it found)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from evaluators.sample import catalogue
from evaluators.statistics.estimate import FEWEST_UNITS, Estimate
from workbench.blind.plan import RatingPlan
from workbench.blind.results import RoundFound
from workbench.blind.watch import Watched
from workbench.reports.tables import UNKNOWN, arm_name, p_value
from workbench.screens.escape import badge, esc, plural, table

BAR, LABEL, ROW = 420, 310, 26  # pixels of a chart
MOST_REASONS = 50


def plan_html(plan: RatingPlan) -> str:
    """What a round would take and show, before it is opened."""
    cells = [
        [f"{ties:.0%}", UNKNOWN if share is None else f"{share:.1%} of decided rows"]
        for ties, share in plan.shows.items()
    ]  # fmt: skip
    return (
        f"<p><b>{esc(plural(plan.cards, 'pair'))}</b> on {esc(plural(plan.rows, 'row'))}, {plan.judgements} "
        f"judgements: about <b>{esc(plural(plan.minutes, 'minute'))}</b> a person."
        + (f" {esc(plural(plan.same, 'row'))} with the same answer twice count as even and are not shown." if plan.same
           else "")
        + "</p><details><summary>How small a preference this many rows can show</summary>"
        + table(["share of ties", "found in 4 of 5 rounds, if people prefer one arm on at least"], cells)
        + "</details>"
    )  # fmt: skip


def open_html(seen: Watched) -> str:
    """An open round: nothing here says who is ahead."""
    people = ", ".join(f"{esc(name)} {count}" for name, count in seen.by_rater.items()) or "nobody yet"
    missing = plural(seen.missing, "judgement")
    lines = [
        f"<p><b>{seen.rows} of {esc(plural(seen.all_rows, 'row'))}</b> rated at least once; {esc(missing)} still "
        f"missing. By rater: {people}.</p>",
        f"<p>{esc(seen.agreement.sentence)}</p>",
    ]
    if seen.evidence:
        end = " That ends the round: close it." if seen.evidence.enough else ""
        lines.append(
            f"<p>Evidence that one side is preferred: <b>{seen.evidence.value:,.3g}</b> of the "
            f"{seen.evidence.needed:,.3g} that end the round. It may be watched, since it says nothing of which side, "
            f"and the rule holds however often one looks.{end}</p>"
        )
    for rater, until in seen.away:
        when = datetime.fromtimestamp(until, UTC).strftime("%d %B %Y")
        lines.append(f"<p>A pack is out with {esc(rater)}; its pairs wait until {esc(when)}.</p>")
    return '<div class="round-open">' + "".join(lines) + "</div>"


def found_html(found: RoundFound) -> str:
    """A closed round: the result first, then how far to trust it."""
    from workbench.reports.report import wins_bar_of

    number, first = found.round.id, found.deciding
    parts = [
        f'<h3>Round {number}, closed</h3><p class="lead">{esc(first.sentence)}</p>',
        wins_bar_of(first),
    ]
    parts += [f"<p>{esc(one.sentence)}</p>{wins_bar_of(one)}" for one in found.pairs if one is not first]
    if found.flagged:
        said = next((one.sentence for one in found.without if one.arms == first.arms), "")
        who = ", ".join(found.flagged)
        parts.append(
            f'<div class="note busy">Without {esc(who)}, whose votes the silent checks flagged: '
            f"{esc(said or 'nobody else has rated.')}</div>"
        )
    if found.judged < found.asked:
        parts.append(f"<p>Closed with {found.judged} of {found.asked} pairs judged, fewer than planned.</p>")
    parts += [_trust(found), _raters(found), _ceiling(found), _strengths(found), _disputed(found), _reasons(found)]
    return f'<section class="round">{"".join(parts)}</section>'


def _trust(found: RoundFound) -> str:
    one = found.deciding
    lines = [found.agreement.sentence]
    if found.agreement.two and found.agreement.two.kappa is not None:
        two = found.agreement.two
        lines.append(
            f"{two.names[0]} and {two.names[1]} share {two.cards} pairs: alike in {two.agreed:.0%}, kappa "
            f"{two.kappa:.2f}, AC1 {_number(two.ac1)}."
        )
    if one.left_share.value is not None:
        lines.append(
            f"The answer on the left was preferred in {one.left_share.value:.0%} of the decided votes (p "
            f"{p_value(one.left_p)} against one half)."
        )
    if found.guessed and found.guessed.right.value is not None:
        lines.append(
            f"Asked which answer was the tuned model's, raters were right in {found.guessed.right.value:.0%} of "
            f"{found.guessed.right.n} guesses (p {p_value(found.guessed.p)} against one half)"
            + ("; the answers could be told apart, so the blinding was weak." if found.guessed.p < 0.05 else ".")
        )
    if found.length and found.length.fair.value is not None:
        lines.append(
            f"With ties as half, {arm_name(one.arms[1])} has {found.length.raw:.0%}; were both answers equally long it "
            f"would have {found.length.fair.value:.0%}{_span(found.length.fair)}."
        )
    if found.evidence:
        share = _span(found.sequence) if found.sequence else ""
        lines.append(
            f"Stop rule: e-value {found.evidence.value:,.3g}, needed {found.evidence.needed:,.3g}; interval that "
            f"holds at any look{share}."
        )
    for question, alpha in found.agreement.grades.items():
        means = ", ".join(f"{arm_name(arm)} {mean:.1f}" for arm, mean in found.grades.get(question, {}).items())
        lines.append(f"{question}, 1 to 5: {means} (ordinal alpha {_number(alpha)}).")
    if one.identical:
        lines.append(f"{plural(one.identical, 'row')} with the same answer twice count as even and were not shown.")
    return "<h3>How far to trust it</h3><ul>" + "".join(f"<li>{esc(line)}</li>" for line in lines) + "</ul>"


def _raters(found: RoundFound) -> str:
    names = {one.name: one for one in found.deciding.raters}
    base, other = (arm_name(arm) for arm in found.deciding.arms)
    lines = []
    for one in found.raters:
        own = names.get(one.name)
        flags = " ".join(badge(flag, "warning") for flag in one.flags)
        counts = (own.wins, own.ties, own.losses, own.both_bad, own.skipped) if own else (0, 0, 0, 0, 0)
        lines.append(
            [esc(one.name) + (f'<div class="badges">{flags}</div>' if flags else ""), *(esc(n) for n in counts),
             UNKNOWN if one.left.value is None else f"{one.left.value:.0%}", esc(one.too_fast),
             _of(one.known_right, one.known), _of(one.repeated_alike, one.repeats), _of(one.guessed_right, one.guesses),
             esc(one.reference_opened), UNKNOWN if one.seconds is None else f"{one.seconds:.0f} s"]
        )  # fmt: skip
    head = [
        "rater", f"{other} better", "equal", f"{base} better", "both bad", "skipped", "chose left", "too fast",
        "known right", "same again", "guessed right", "looked at reply", "a card",
    ]  # fmt: skip
    return "<h3>Raters and silent checks</h3>" + table(head, lines)


def _ceiling(found: RoundFound) -> str:
    """Each metric's agreement with people as a bar, and the agreement of people with each other as the line above."""
    judged = {name: share for name, share in found.metrics.items() if share.n >= FEWEST_UNITS}
    if not judged:
        return ""
    names = catalogue()
    bars = sorted(judged.items(), key=lambda one: -(one[1].value or 0.0))
    width, height = LABEL + BAR + 90, ROW * len(bars) + 40
    out = [
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" style="max-width: {width}px">'
        "<title>How often each metric agrees with people</title>"
    ]
    for at, (name, share) in enumerate(bars):
        y, value = 8 + at * ROW, share.value or 0.0
        title = names[name].title if name in names else name
        out.append(
            f'<text x="{LABEL - 10}" y="{y + 14}" text-anchor="end">{esc(title[:48])}</text>'
            f'<rect class="bar" x="{LABEL}" y="{y + 2}" width="{BAR * value:.1f}" height="{ROW - 10}">'
            f"<title>{_span(share)}</title></rect>"
            f'<text x="{LABEL + BAR * value + 6:.1f}" y="{y + 14}">{value:.0%} of {share.n}</text>'
        )
    foot = 8 + len(bars) * ROW
    if (limit := found.agreement.decided.value) is not None:
        x = LABEL + BAR * limit
        out.append(
            f'<line class="zero" x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{foot}"/><text x="{x:.1f}" y="{foot + 16}" '
            f'text-anchor="middle">people with each other: {limit:.0%}</text>'
        )
    return (
        "<h3>Metrics beside people</h3><p>How often a metric prefers the answer that people prefer, where both prefer "
        "one. One half is chance; what people reach with each other is the ceiling.</p>" + "".join(out) + "</svg>"
    )


def _strengths(found: RoundFound) -> str:
    if found.strengths is None:
        return ""
    lines = [
        [esc(arm_name(arm)), _number(one.value), _span(one).strip(" ()") or UNKNOWN]
        for arm, one in zip(found.strengths.arms, found.strengths.strength, strict=True)
    ]  # fmt: skip
    return "<h3>All three</h3>" + table(["arm", "strength (Davidson, log)", "95 % interval"], lines)


def _disputed(found: RoundFound) -> str:
    if not found.disputed:
        return ""
    lines = [
        [esc(one.row_id), esc(" and ".join(map(arm_name, one.arms))), esc(_said(one.said)), f"{one.apart:.0%}"]
        for one in found.disputed
    ]  # fmt: skip
    return "<h3>Most disputed rows</h3>" + table(["golden row", "between", "preferred", "pairs of raters apart"], lines)


def _reasons(found: RoundFound) -> str:
    counted = [[esc(_about(arm)), esc(tag), esc(times)] for arm, tag, times in found.reasons]
    notes = "".join(
        f"<li><b>{esc(_about(arm))}</b>: {esc(why)}</li>" for one in found.pairs for _, arm, why in one.reasons
    )
    said = f"<details><summary>Notes</summary><ul>{notes}</ul></details>" if notes else ""
    tags = (
        "<h3>Reasons given</h3>" + table(["not preferred", "reason", "times"], counted[:MOST_REASONS])
        if counted
        else ""
    )
    return tags + said


def _about(arm: str) -> str:
    return {"tie": "equal", "bad": "both bad"}.get(arm, arm_name(arm))


def _said(said: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {_about(arm)}" for name, arm in said.items())


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else UNKNOWN


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _span(one: Estimate) -> str:
    return "" if one.low is None or one.high is None else f" ({one.low:.2f} to {one.high:.2f})"


def results_html(found: Sequence[RoundFound]) -> str:
    """The closed rounds, newest first."""
    return "".join(found_html(one) for one in found)
