"""What a version is measured in, what is taken over from the version before, and what people ruled out."""

import json
from dataclasses import replace

import pytest

from workbench.actions.apply_fix import apply_fix
from workbench.actions.edit_row import edit_row
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.rule_out import rule_out
from workbench.actions.run_checks import check_file, checked_as_json, run_checks
from workbench.actions.set_limit import set_limit
from workbench.checks.check import catalogue
from workbench.checks.run import run_catalogue
from workbench.known_beside import context_of
from workbench.rows import Rows, message
from workbench.sheet import EdgeCase, Sheet
from workbench.store import Store, datasets, findings, measured, sheets

BROKEN = ("Where is my cafÃ©?", "It is here, beside the cafÃ©.")
NO = "I'm sorry, but I can't help with that."


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store")


def put(store, rows, name="desk"):
    return datasets.add_version(store, name, rows, parent=None, verb="import", settings={}, counts={}, who="Ann")


def desk() -> Rows:
    usual = [(f"Where is shelf {n}?", f"Shelf {n} stands behind door {n * 7}.") for n in range(30)]
    return Rows.of(*usual, BROKEN, ("May I?", NO), ("And then?", "We open at nine and"), ("Hello?", ""))


def per_row(store, version, check):
    return findings.of_check(store, version, check).select("row", "measure", "note", "flagged").to_dicts()


def test_after_a_fix_what_is_taken_over_equals_a_fresh_measurement(store):
    put(store, desk())
    names = [one.name for one in catalogue().values() if one.scope == "row"] + ["exact_copy", "refusal_share"]
    run_checks(store, only=names)
    fixed = apply_fix(store, "repair_mojibake").after
    edit_row(store, "row-3", [message("user", "Hi"), message("assistant", NO)])
    newest = run_checks(store, only=names).version
    assert fixed is not None
    assert newest.number == 3
    rows = datasets.rows_of(store, newest)
    fresh = {one.check.name: one for one in run_catalogue(rows, only=names, context=context_of(store, newest, rows))}
    for name, one in fresh.items():
        if one.findings is not None:
            there = one.findings.measure.is_not_null().arg_true().to_list()
            kept = per_row(store, newest, name)
            assert [(r["row"], r["measure"], r["flagged"]) for r in kept] == [
                (row, one.findings.measure[row], one.findings.flagged[row]) for row in there
            ], name
            assert [r["note"] for r in kept] == [one.findings.note[row] for row in there], name


def test_unchanged_rows_are_not_measured_again(store):
    put(store, desk())
    before = run_checks(store, only=["refusal"]).version
    frame = findings.of_check(store, before, "refusal").with_columns(note=findings.pl.lit("as measured before"))
    runs = findings.runs(store, before)
    findings.save(store, before, runs, {"refusal": frame})
    apply_fix(store, "repair_mojibake")
    after = run_checks(store, only=["refusal"]).version
    notes = {row["row"]: row["note"] for row in per_row(store, after, "refusal")}
    assert notes[0] == "as measured before"
    assert notes[30] == ""  # the mended row


def test_another_knob_or_sheet_means_measuring_anew(store):
    put(store, desk())
    names = ["repetition", "banned_words"]
    first = run_checks(store, only=names).version
    bases = [measured.of_check(store, first, name).basis for name in names]
    sheets.save(store, "desk", Sheet(banned=("door",)), "Ann")
    run_checks(store, only=names, knobs={"repetition": {"size": 3}})
    again = [measured.of_check(store, first, name).basis for name in names]
    assert [old != new for old, new in zip(bases, again, strict=True)] == [True, True]


def test_the_sheet_the_golden_rows_and_the_benchmark_file_reach_the_checks(store, tmp_path):
    question = "How many days do I have to send the blue lamp back to you, and who pays for the parcel?"
    (tmp_path / "exam.jsonl").write_text(json.dumps({"prompt": question, "reply": "Thirty days."}) + "\n")
    put(store, desk().plus(Rows.of((question, "Thirty.")).renamed(["asked"])))
    sheet = Sheet(refusal_share=0.01, benchmark=str(tmp_path / "exam.jsonl"))
    sheets.save(store, "desk", sheet, "Ann")
    frozen = freeze_golden(store, share=0.2)
    assert frozen.version is not None
    leaked = frozen.golden_rows.frame.head(1)
    datasets.add_version(
        store, "desk", datasets.rows_of(store, frozen.version).plus(Rows(leaked)), parent=frozen.version, verb="edit",
        settings={}, counts={}, who="Ann",
    )  # fmt: skip
    runs = {run.check: run for run in run_checks(store, only=["golden_leak", "benchmark_leak", "refusal_share"]).runs}
    assert runs["golden_leak"].flagged == 1
    assert runs["refusal_share"].not_run == ""
    context = context_of(store, datasets.version(store), datasets.rows_of(store, datasets.version(store)))
    assert (context.benchmark_name, context.benchmark_problem) == ("exam.jsonl", "")


def test_a_benchmark_file_that_is_gone_is_told_by_the_check_that_needs_it(store):
    put(store, desk())
    sheets.save(store, "desk", Sheet(benchmark="nowhere/exam.jsonl"), "Ann")
    run = run_checks(store, only=["benchmark_leak"]).runs[0]
    assert run.not_run.startswith("The benchmark file nowhere/exam.jsonl could not be read: ")


def test_what_is_true_of_the_dataset_as_a_whole_is_kept_and_printed(store):
    put(store, desk())
    sheets.save(store, "desk", Sheet(edge_cases=(EdgeCase(name="abroad", words=("abroad",)),)), "Ann")
    checked = run_checks(store, only=["edge_case_coverage"])
    sentence = '"abroad": nothing covers it; 3 are wanted, so write 3 more.'
    assert measured.about(store, checked.version, checked.runs) == {"edge_case_coverage": (sentence,)}
    assert checked_as_json(store, checked)["findings"][0]["about"] == [sentence]


def test_a_ruled_row_is_not_flagged_again_by_a_new_measurement_nor_by_another_limit(store):
    put(store, desk())
    run_checks(store, only=["refusal"])
    rule_out(store, "refusal", ["row-32"], reason="wanted")
    run = run_checks(store, only=["refusal"]).runs[0]
    assert (run.flagged, run.ruled) == (0, 1)
    moved = set_limit(store, "refusal", 0.2)
    assert (moved.flagged, moved.ruled) == (0, 1)


def test_a_file_is_checked_against_a_sheet_and_a_benchmark(tmp_path):
    question = "How many days do I have to send the blue lamp back to you, and who pays for the parcel?"
    (tmp_path / "exam.jsonl").write_text(json.dumps({"prompt": question, "reply": "Thirty days."}) + "\n")
    (tmp_path / "rows.jsonl").write_text(json.dumps({"prompt": question.upper(), "reply": NO}) + "\n")
    said = check_file(
        tmp_path / "rows.jsonl", only=["benchmark_leak", "refusal_share"], sheet=Sheet(refusal_share=0.5),
        benchmark=tmp_path / "exam.jsonl",
    )  # fmt: skip
    assert [(one["check"], one["flagged"]) for one in said["findings"]] == [("benchmark_leak", 1), ("refusal_share", 1)]
    assert said["findings"][1]["about"][0].startswith("100.0% of the replies decline (1 of 1)")


def test_what_a_costly_check_found_stays_when_all_others_are_measured_again(store):
    rows = desk()
    before = put(store, rows)
    one = {"check": ["semantic_copy"], "row": [1], "measure": [0.95], "note": ["means the same"]}
    found = findings.pl.DataFrame(one).with_columns(flagged=True, spans=None)
    run = run_checks(store, only=["missing_reply"]).runs[0]
    findings.save(
        store, before, [replace(run, check="semantic_copy", flagged=1, not_run="")],
        {"semantic_copy": found},
    )  # fmt: skip
    checked = run_checks(store)
    assert {run.check: run.flagged for run in checked.runs}["semantic_copy"] == 1
    assert per_row(store, checked.version, "semantic_copy")[0]["note"] == "means the same"
