"""The report: one file that tells the verdict first, reaches nothing and runs nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluators.json_schema import check_schema, faults
from workbench.actions import rate
from workbench.actions.close_round import close_round
from workbench.actions.edit_golden import edit_golden
from workbench.actions.find_gaps import find_gaps
from workbench.actions.open_round import open_round
from workbench.actions.write_report import _knobs, _tuned, gather, write_report
from workbench.errors import BadInput, StoreError
from workbench.reports import report
from workbench.reports.cautions import cautions
from workbench.reports.report import LARGEST, as_html, as_json
from workbench.store import evaluations, goldens, runs

VOID = {"meta", "br", "img", "line", "path", "circle", "rect", "polyline", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects tags, attributes and text of a page, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page(store, evaluated) -> Page:
    return Page(as_html(gather(store, evaluated.id), "now"))


def test_every_tag_is_closed(page):
    assert page.open == []


def test_the_verdict_stands_first_and_the_sections_follow_in_their_order(page):
    body = page.text[page.text.index("evaluation 1 of training run") :]
    order = ["Measured by", "1 · What was compared", "2 · The result that decides", "3 · What must not be lost",
             "4 · Slices", "5 · Answers side by side", "Where tuned does worse", "Where tuned does better",
             "Where neither is good", "6 · What it forgot", "7 · What it repeats by heart", "8 · Model judges",
             "9 · The training data", "10 · What this report cannot tell", "11 · What to mend next", "All numbers",
             "Row by row", "How to do it again"]  # fmt: skip
    places = [body.find(words) for words in order]
    assert places == sorted(places)
    assert 0 < places[0] < 100


def test_no_script_no_handler_and_no_address_is_in_the_page(page, store, evaluated):
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "srcset", "action"})
    assert all(value and value.startswith("#") for name, value in page.attributes if name == "href")
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "url(" not in as_html(gather(store, evaluated.id), "now")


def test_a_policy_forbids_every_source(page):
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes


def test_a_hostile_answer_shows_as_its_text(page):
    assert '<script>window.__xss=1</script><img src=x onerror="window.__xss=1">' in page.text


def test_hostile_names_tags_and_reasons_show_as_text(store, evaluated):
    hostile = '</style></td><script>alert("x")</script>'
    data = gather(store, evaluated.id)
    case = replace(data.wins[0], tags=(hostile,), prompt=hostile, row_id=hostile)
    summary = {**data.summary, "model": hostile, "slices": [{**data.summary["slices"][0], "tag": hostile}]}
    told = replace(data, dataset=hostile, regressions=(case,), summary=summary, sources=((hostile, 3),), who=hostile)
    found = Page(as_html(told, hostile))
    assert "script" not in found.tags
    assert found.text.count('<script>alert("x")</script>') >= 8


def test_the_same_facts_give_the_same_page_but_for_the_stamp(store, evaluated):
    first, second = (as_html(gather(store, evaluated.id), stamp) for stamp in ("then", "now"))
    assert first != second
    assert first.replace("Written then", "Written now") == second


def test_regressions_are_shown_with_every_arms_answer(store, evaluated):
    data = gather(store, evaluated.id)
    assert [round(one.change, 2) for one in data.regressions] == [-1.0]
    assert set(data.regressions[0].answers) == {"base", "prompted", "tuned"}


def test_wins_and_rows_where_neither_is_good_are_picked_by_a_rule_that_is_told(store, evaluated):
    data = gather(store, evaluated.id)
    assert data.counts == {"rows": 10, "regressions": 1, "wins": 6, "both_bad": 3}
    assert len(data.wins) == 4
    assert [one.scores["tuned"] for one in data.both_bad] == [0.0, 0.0, 0.0]
    assert data.both_bad_rule.startswith("neither better nor worse than base, and below half")


def test_without_raters_it_says_so_and_with_a_closed_round_it_gives_the_win_rate(store, evaluated):
    assert "No people have rated these answers." in as_html(gather(store, evaluated.id), "")
    this = open_round(store, evaluated.id, seed=1)
    rate.vote(store, this.id, "Ann <b>", rate.next_pairs(store, this.id, "Ann <b>")[0].key, "a")
    assert "A blind round is open" in as_html(gather(store, evaluated.id), "")
    close_round(store, this.id)
    page = as_html(gather(store, evaluated.id), "")
    assert "Rated blind by 1 person on 2 of 10 golden rows" in page
    assert "Ann &lt;b&gt;" in page


def test_from_the_first_blind_vote_until_the_round_is_closed_no_answer_is_named(store, evaluated):
    outputs = [one.output for one in evaluations.answers_of(store, evaluated.id, "tuned")]
    this = open_round(store, evaluated.id, seed=1)
    before = gather(store, evaluated.id)
    assert (len(before.regressions), len(before.both_bad), len(before.wins)) == (1, 3, 4)
    rate.vote(store, this.id, "Ann", rate.next_pairs(store, this.id, "Ann")[0].key, "a")
    during = gather(store, evaluated.id)
    assert (during.regressions, during.both_bad, during.wins) == ((), (), ())
    page, twin = Page(as_html(during, "")), json.loads(as_json(during, ""))
    assert page.text.count("the rows with the answers are left out") == 1
    assert during.rows == ()
    assert "On no golden row did tuned do" not in page.text
    assert not [text for text in outputs if text in page.text or text in json.dumps(twin, ensure_ascii=False)]
    close_round(store, this.id)
    assert gather(store, evaluated.id).regressions == before.regressions


def test_a_report_written_while_an_open_round_has_no_votes_says_that_its_readers_cannot_rate(store, evaluated):
    told = "nobody had voted in it. The report says whose answer is whose"
    assert told not in Page(as_html(gather(store, evaluated.id), "")).text
    this = open_round(store, evaluated.id, seed=1)
    assert told in Page(as_html(gather(store, evaluated.id), "")).text
    rate.vote(store, this.id, "Ann", rate.next_pairs(store, this.id, "Ann")[0].key, "a")
    assert told not in Page(as_html(gather(store, evaluated.id), "")).text


def test_the_limits_name_the_smallest_detectable_effect_and_the_seed(store, evaluated):
    told = " ".join(gather(store, evaluated.id).limits)
    assert "10 rows find a difference of" in told
    assert "one seed (0)" in told
    assert "may still happen in 25.9%" in told  # 1 - .05 ** (1 / 10)


def test_gaps_and_commands_stand_in_it(store, evaluated):
    found = find_gaps(store, evaluated.id)
    page = Page(as_html(gather(store, evaluated.id), ""))
    assert found[0].action in page.text
    assert "goldloop golden freeze desk@1 --share 0.2 --seed 0\ngoldloop train desk@2 --model toy-model" in page.text


def test_a_page_of_huge_answers_stays_below_the_limit(store, evaluated):
    answers = evaluations.answers_of(store, evaluated.id)
    evaluations.finish(store, evaluated.id, [replace(a, output="<&>" * 20_000) for a in answers], evaluated.summary)
    assert len(as_html(gather(store, evaluated.id), "").encode()) <= LARGEST


def test_the_twin_holds_the_same_facts(store, evaluated):
    twin = json.loads(as_json(gather(store, evaluated.id), "now"))
    assert twin["written"] == "now"
    assert twin["summary"]["verdict"] == dict(evaluated.summary["verdict"])
    assert twin["golden"] == "desk golden 1"
    assert re.fullmatch(r"[0-9a-f]{64}", twin["golden_digest"])


def test_it_is_written_beside_the_run_or_where_it_is_wanted(store, evaluated, tmp_path):
    done = write_report(store, evaluated.id)
    assert done.html == store.root / "runs" / "1" / "evaluation-1" / "report.html"
    assert done.json.is_file()
    done = write_report(store, evaluated.id, tmp_path / "mine.html")
    assert (done.html, done.json) == (tmp_path / "mine.html", tmp_path / "mine.json")


def test_a_path_that_cannot_be_written_is_told_in_words(store, evaluated, tmp_path):
    with pytest.raises(StoreError, match="could not be written"):
        write_report(store, evaluated.id, tmp_path / "no-such-folder" / "x.html")
    with pytest.raises(BadInput, match=r"should end in \.html"):
        write_report(store, evaluated.id, tmp_path / "x.pdf")


def test_an_unfinished_evaluation_has_no_report(store, evaluated):
    evaluations.add(store, 1, evaluated.golden_id, {}, "Ann")
    with pytest.raises(BadInput, match="is not finished"):
        write_report(store, 2)


def test_three_figures_recomputed_from_the_stored_answers_agree_with_the_page(store, evaluated, page):
    answers = {arm: evaluations.answers_of(store, evaluated.id, arm) for arm in ("base", "tuned")}
    scores = {arm: {one.row_id: one.scores["fact_recall"] for one in said} for arm, said in answers.items()}
    gained = [scores["tuned"][row] - scores["base"][row] for row in scores["base"]]
    mean = 100 * sum(scores["tuned"].values()) / len(gained)
    assert (mean, sum(one > 0 for one in gained), sum(one < 0 for one in gained)) == (60, 6, 1)
    assert "tuned 60 %" in page.text
    assert "6 better" in page.text
    assert "1 worse" in page.text
    assert "+50 [" in page.text  # 100 * mean(gained)
    assert round(100 * sum(gained) / len(gained)) == 50


def test_the_twin_fits_the_schema_that_is_shipped(store, evaluated):
    schema = json.loads((Path(report.__file__).parent / "report.schema.json").read_text())
    check_schema(schema)
    twin = json.loads(as_json(gather(store, evaluated.id), "now"))
    assert faults(twin, schema) == []
    assert faults({**twin, "part": "all", "surprise": 1}, schema) != []
    assert faults({key: value for key, value in twin.items() if key != "told"}, schema) != []
    assert schema["properties"]["layout"]["const"] == report.EDITION


def test_a_store_read_twice_gives_the_same_bytes_but_for_the_stamp(store, evaluated):
    find_gaps(store, evaluated.id)
    first, second = gather(store, evaluated.id), gather(store, evaluated.id)
    assert as_html(first, "now") == as_html(second, "now")
    assert as_json(first, "now") == as_json(second, "now")


def test_a_section_without_material_says_what_was_not_done_and_how_to_do_it(page):
    for command in ("goldloop rate open 1", "goldloop probe 1", "goldloop judges add NAME", "goldloop golden suspects",
                    "goldloop gaps 1", "goldloop notes 1", "goldloop prompts climb"):  # fmt: skip
        assert f"Do it with {command}" in page.text
    assert page.text.count("unknown") >= 2  # licence, forgetting


def test_a_report_on_sealed_rows_holds_no_row_and_says_the_look(store, evaluated):
    look = {"number": 2, "budget": 5, "over": False, "why": "",
            "ladder": {"improved": False, "sentence": "No change proven."}}  # fmt: skip
    summary = {**evaluated.summary, "part": "sealed", "look": look}
    rows = [one.row_id for one in evaluations.answers_of(store, evaluated.id, "tuned")]
    evaluations.finish(store, evaluated.id, evaluations.answers_of(store, evaluated.id), summary)
    data = gather(store, evaluated.id)
    assert (data.regressions, data.wins, data.both_bad, data.rows) == ((), (), (), ())
    text = as_html(data, "now") + as_json(data, "now")
    assert not [row for row in rows if row in text]
    assert "Look 2 of 5 at the sealed rows" in text
    assert "No change proven." in data.cautions[-1]


def test_a_signed_override_stands_in_the_verdict_and_in_the_data(store, evaluated):
    data = gather(store, evaluated.id)
    signed = {"who": "Ann", "when": "2026-01-02T03", "reason": "form letters <b>", "pairs": 3, "counts": {"suspect": 3}}
    leaks = {"sentence": "Searched.", "overrides": [signed], "ruled": [], "paraphrases": {"checked": True}}
    told = {**data.told, "leaks": leaks}
    found = Page(as_html(replace(data, told=told, cautions=cautions(data.summary, told, part="dev")), "now"))
    assert found.text.count("form letters <b>") == 2
    assert "Signed override by Ann, 2026-01-02, over 3 pairs (3 suspect)" in found.text


def test_errors_found_in_golden_since_are_named_with_the_version_that_mended_them(store, evaluated):
    row = goldens.by_id(store, evaluated.golden_id).ids()[0]
    before = gather(store, evaluated.id)
    assert not [one for one in before.cautions if "has replaced" in one]
    edit_golden(store, row, reply="Eleven days, no more.", reason="the desk changed its rule")
    after = gather(store, evaluated.id)
    assert any(one.startswith("desk golden 2 has replaced") for one in after.cautions)
    assert [(one.golden, one.row_id, one.reason) for one in after.errata_since] == [
        ("desk golden 2", row, "the desk changed its rule")
    ]
    assert "the desk changed its rule" in as_html(after, "now")


@pytest.mark.parametrize(
    ("plan", "stage", "said"),
    [
        ({}, "sft", "The same model with the adapter of run 1"),
        ({"method": "full"}, "sft", "The model of run 1, whose every weight was tuned"),
        ({"quantization": "4bit"}, "sft", "The same model with the adapter of run 1, which was trained on it in 4 bit; "
         "here all arms are in full precision"),
        ({}, "dpo", "The same model with the adapter of run 1, a second stage on run 7"),
    ],
)  # fmt: skip
def test_the_tuned_arm_is_called_what_it_is(store, evaluated, plan, stage, said):
    run = runs.get(store, evaluated.run_id)
    made = replace(run, plan={**run.plan, **plan}, stage=stage, parent_id=7 if stage == "dpo" else None)
    assert _tuned(made) == said


@pytest.mark.parametrize(("method", "named"), [("full", set()), ("dora", {"rank", "alpha", "dropout"})])
def test_only_the_knobs_that_acted_are_listed(store, evaluated, method, named):
    run = runs.get(store, evaluated.run_id)
    knobs = _knobs(replace(run, plan={**run.plan, "method": method}))
    assert knobs.keys() & {"rank", "alpha", "dropout"} == named
    assert knobs["method"] == method
    assert "epochs" in knobs
