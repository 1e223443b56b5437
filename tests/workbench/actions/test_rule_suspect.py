"""Suspect pairs stop training until somebody rules, drops or signs; rulings hold by text and can be taken back."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench import history
from workbench.actions.approve_phrase import approve_phrase
from workbench.actions.drop_leaks import drop_leaks
from workbench.actions.edit_golden import edit_golden
from workbench.actions.find_suspects import find_suspects, texts_of
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.override_leaks import override_leaks, take_back_override
from workbench.actions.rule_suspect import rule_suspect, take_back_leak_ruling
from workbench.cli import main
from workbench.errors import BadInput, NotFound, Refused
from workbench.leak_search import PARAPHRASES_OFF, look
from workbench.rows import Rows
from workbench.screens.golden_suspects_view import list_html, pair_html, state_html
from workbench.screens.golden_view import leaks_html
from workbench.store import Store, datasets, goldens, runs
from workbench.store import suspects as kept
from workbench.store.store import now
from workbench.training_side import refuse_leaks

WHY = "asks for another thing"


@pytest.fixture(autouse=True)
def no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words decide here: what the embedding model sees is tested beside the guard."""
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "models"))


def frozen(store: Store, fifty_rows: Rows, *, sealed: float = 0.0) -> Rows:
    """Freezes desk golden 1 and puts a near copy ("near") of its first row and a copy ("same") of its second back."""
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    done = freeze_golden(store, share=0.2, sealed=sealed, calibration=0.0)
    assert done.version is not None
    rows = done.golden_rows
    near = (f"Hello, {rows.prompt[0]}", f"{rows.reply[0]} Thanks")
    back = Rows.of(near, (rows.prompt[1].upper(), rows.reply[1])).renamed(["near", "same"])
    history.commit(store, done.version, datasets.rows_of(store, done.version).plus(back), verb="import", settings={})
    return rows


@pytest.fixture(scope="module")
def made_once(fifty_rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "store"
    store = Store.open(folder)
    frozen(store, fifty_rows)
    store.close()
    return folder


@pytest.fixture
def desk(made_once: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for each test, copied: a freeze takes seconds."""
    store = Store.open(shutil.copytree(made_once, tmp_path / "desk"))
    yield store
    store.close()


def past(moment: str) -> None:
    """Waits until the store's clock, which counts milliseconds, stands after a moment."""
    while now() <= moment:
        time.sleep(0.001)


def key_of(store: Store, row_id: str) -> str:
    return next(one.key for one in find_suspects(store).pairs if one.training_id == row_id)


def refused(store: Store) -> bool:
    version = datasets.version(store)
    try:
        refuse_leaks(store, version, datasets.rows_of(store, version), goldens.newest(store, "desk"))
    except Refused:
        return True
    return False


def test_certain_and_suspect_pairs_are_found_and_remembered(desk: Store) -> None:
    found = find_suspects(desk)
    assert [(one.training_id, one.tier) for one in found.pairs] == [("same", "certain"), ("near", "suspect")]
    assert found.fresh
    assert found.note == PARAPHRASES_OFF
    again = find_suspects(desk)
    assert not again.fresh
    assert again.pairs == found.pairs


def test_without_a_golden_set_there_is_nothing_to_search(store: Store, fifty_rows: Rows) -> None:
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    with pytest.raises(NotFound, match="no golden set"):
        find_suspects(store)


def test_a_ruling_needs_a_reason_and_a_pair_that_is_there(desk: Store) -> None:
    with pytest.raises(BadInput, match="why"):
        rule_suspect(desk, [key_of(desk, "near")], leak=False, reason="  ")
    with pytest.raises(NotFound, match="no pair"):
        rule_suspect(desk, ["000000000000"], leak=False, reason=WHY)


def test_training_goes_on_when_the_copy_is_dropped_and_the_suspect_is_ruled_no_leak(desk: Store) -> None:
    done = rule_suspect(desk, [key_of(desk, "near")], leak=False, reason=WHY, who="Ana")
    assert done.left == 1
    assert refused(desk)
    assert drop_leaks(desk).row_ids == ("same",)
    assert not refused(desk)
    (ruling,) = kept.rulings(desk, "desk")
    assert (ruling.leak, ruling.who, ruling.reason, ruling.training_id) == (False, "Ana", WHY, "near")


def test_no_ruling_helps_a_certain_leak(desk: Store) -> None:
    with pytest.raises(Refused, match="no matter of opinion"):
        rule_suspect(desk, [key_of(desk, "same")], leak=False, reason=WHY)


def test_what_is_ruled_a_leak_stops_training_until_it_is_dropped(desk: Store) -> None:
    rule_suspect(desk, [key_of(desk, "near")], leak=True, reason="the golden question with a greeting")
    assert refused(desk)
    assert set(drop_leaks(desk, preview=True).row_ids) == {"near", "same"}
    drop_leaks(desk)
    assert not refused(desk)
    with pytest.raises(Refused, match="nothing was dropped"):
        drop_leaks(desk)


def test_a_ruling_ends_with_a_change_of_the_text_and_survives_any_other_change(desk: Store) -> None:
    rule_suspect(desk, [key_of(desk, "near")], leak=False, reason=WHY)
    head = datasets.version(desk)
    rows = datasets.rows_of(desk, head).without(["same"])
    other, _ = history.commit(desk, head, rows, verb="fix", settings={})
    assert find_suspects(desk).open == ()
    changed = rows.map_content(lambda text: text.replace("Hello", "Good morning"), [i == "near" for i in rows.row_id])
    history.commit(desk, other, changed, verb="edit", settings={})
    assert [one.training_id for one in find_suspects(desk).open] == ["near"]


def test_a_ruling_taken_back_counts_again(desk: Store) -> None:
    rule_suspect(desk, [key_of(desk, "near")], leak=False, reason=WHY)
    (ruling,) = kept.rulings(desk, "desk")
    assert take_back_leak_ruling(desk, ruling.id)[1] == 1
    assert {one.training_id for one in find_suspects(desk).open} == {"near", "same"}
    assert kept.rulings(desk, "desk") == []


def test_a_second_ruling_replaces_the_first(desk: Store) -> None:
    key = key_of(desk, "near")
    rule_suspect(desk, [key], leak=False, reason=WHY)
    rule_suspect(desk, [key], leak=True, reason="looked again")
    assert [(one.leak, one.reason) for one in kept.rulings(desk, "desk")] == [(True, "looked again")]


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("all", {"near", "same"}),
        ("tier=suspect", {"near"}),
        ("way=near copy,row=near", {"near"}),
        ("above=0.99", {"same"}),
        ("below=0.99", {"near"}),
        ("same=topic", set()),  # the rows put back have no tag
        ("state=open", {"near", "same"}),
        ("state=ruled", set()),
    ],
)
def test_a_filter_means_pairs(desk: Store, where: str, rows: set[str]) -> None:
    from workbench.suspect_filter import pairs_where

    assert {one.training_id for one in pairs_where(desk, find_suspects(desk), where)} == rows


def test_a_filter_that_is_none_says_what_there_is(desk: Store) -> None:
    with pytest.raises(BadInput, match="tier=suspect"):
        rule_suspect(desk, where="everything", leak=False, reason=WHY)


def test_many_are_ruled_in_one_press_but_for_certain_ones(desk: Store) -> None:
    done = rule_suspect(desk, where="all", leak=False, reason=WHY)
    assert [one.training_id for one in done.pairs] == ["near"]


def test_a_signature_lets_training_pass_and_every_report_says_so(desk: Store) -> None:
    signed = override_leaks(desk, reason="a drill; nobody will use this model", who="Ana")
    assert signed.counts == {"certain": 1, "suspect": 1}
    assert not refused(desk)
    run = runs.add(desk, datasets.version(desk), goldens.newest(desk, "desk"), {}, "Ben", None)
    past(run.when)
    told = kept.told(desk, run)
    assert told is not None
    assert json.loads(json.dumps(told)) == told
    assert told["overrides"][0] | {"when": ""} == {
        "who": "Ana", "when": "", "reason": "a drill; nobody will use this model", "pairs": 2,
        "counts": {"certain": 1, "suspect": 1},
    }  # fmt: skip
    assert told["paraphrases"] == {"checked": False, "model": ""}
    assert "Ana let it pass in spite of 2 open pairs" in told["sentence"]
    assert take_back_override(desk, signed.id)
    assert refused(desk)
    later = kept.told(desk, run)
    assert later is not None
    assert later["overrides"] == told["overrides"]  # it held when the run began


def test_a_signature_does_not_cover_what_comes_later(desk: Store) -> None:
    override_leaks(desk, reason="a drill", who="Ana")
    head = datasets.version(desk)
    history.commit(desk, head, datasets.rows_of(desk, head), verb="import", settings={})
    assert refused(desk)


def test_an_approved_phrase_is_searched_anew_and_passes(desk: Store) -> None:
    golden = goldens.newest(desk, "desk")
    reply = goldens.rows_of(desk, golden).reply[2]
    head = datasets.version(desk)
    rows = Rows.of(("What else is there to know?", reply)).renamed(["stock"])
    history.commit(desk, head, datasets.rows_of(desk, head).plus(rows), verb="import", settings={})
    assert "stock" in {one.training_id for one in find_suspects(desk).open}
    approve_phrase(desk, reply, reason="the policy page")
    assert look(desk, datasets.version(desk), golden) is None
    assert "stock" not in {one.training_id for one in find_suspects(desk).pairs}


def test_of_a_sealed_golden_row_nothing_is_told_but_that_it_is_there(store: Store, fifty_rows: Rows) -> None:
    golden_rows = frozen(store, fifty_rows, sealed=0.9)
    golden = goldens.newest(store, "desk")
    parts = [golden.parts[row_id] for row_id in golden_rows.row_id[:2]]
    assert parts == ["sealed", "sealed"]
    found = find_suspects(store)
    version = datasets.version(store)
    with pytest.raises(Refused) as refusal:
        refuse_leaks(store, version, datasets.rows_of(store, version), golden)
    shown = CliRunner().invoke(main, ["--store", str(store.root), "golden", "suspects", "--texts"]).output
    said = [str(refusal.value), str(refusal.value.pairs), shown, list_html(store, found, found.pairs)]
    said += [pair_html(store, found, one, 1, 2) for one in found.pairs]
    for row_id, prompt in zip(golden_rows.row_id[:2], golden_rows.prompt[:2], strict=True):
        assert not [text for text in said if row_id in text]
        # the near copy holds the golden words itself; what must not be there is the golden row's own text
        assert not [text for text in said if f'"{prompt[:40]}' in text]
    assert all("sealed" in text for text in said)


def test_the_screen_says_whether_training_waits(desk: Store) -> None:
    found = find_suspects(desk)
    assert "training waits" in state_html(found, "desk@3")
    assert "paraphrase check off" in state_html(found, "desk@3")
    assert "not searched" in state_html(None, "desk@3")
    near = next(one for one in found.pairs if one.training_id == "near")
    assert "<mark>" in pair_html(desk, found, near, 1, 2)


def test_the_command_line_rules_drops_and_lists(desk: Store) -> None:
    def golden(*words: str) -> str:
        done = CliRunner().invoke(main, ["--store", str(desk.root), "golden", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "2 pairs (2 rows) stop training" in golden("suspects")
    assert "1 pair would be ruled" in golden("rule", "--where", "tier=suspect", "--no-leak", "--preview")
    assert "1 pair still stops" in golden("rule", key_of(desk, "near"), "--no-leak", "--reason", WHY)
    assert WHY in golden("rule", "--list")
    assert "1 ruling is taken back" in golden("rule", "--take-back", "1")
    assert "1 row dropped" in golden("suspects", "--drop")
    assert "in spite of 1 pair (1 suspect)" in golden("override", "--reason", "a drill")
    assert "Nothing stops training" in golden("suspects")
    assert "is taken back" in golden("override", "--take-back", "1")
    assert "The next search" in golden("approve", "within thirty days", "--reason", "policy")


def test_an_erratum_in_the_golden_row_ends_a_ruling_on_it_and_its_former_wording_is_told_apart(desk: Store) -> None:
    pair = next(one for one in find_suspects(desk).pairs if one.training_id == "near")
    rule_suspect(desk, [pair.key], leak=False, reason=WHY)
    former = goldens.readable(desk, goldens.newest(desk, "desk")).having([pair.golden_id])
    edit_golden(desk, pair.golden_id, reply=f"{former.reply[0]} Ask for a receipt.", reason="the receipt was missing")
    found = find_suspects(desk)
    known = {one.golden_text: one for one in found.pairs if one.training_id == "near"}
    assert known[former.text_digests[0]].ruling is not None
    assert known[former.text_digests[0]].how.endswith("in its wording before an erratum")
    (fresh,) = (one for text, one in known.items() if text != former.text_digests[0])
    assert fresh.ruling is None
    assert fresh.stops
    golden = goldens.newest(desk, "desk")
    shown = [texts_of(desk, datasets.version(desk), golden, one)[1] for one in (known[former.text_digests[0]], fresh)]
    assert [rows.reply[0].endswith("receipt.") for rows in shown if rows is not None] == [False, True]


def test_the_set_says_what_still_stops_training_and_not_what_was_ruled_on(desk: Store) -> None:
    version, golden = datasets.version(desk), goldens.newest(desk, "desk")
    assert "training waits" in leaks_html(desk, version, golden)
    override_leaks(desk, reason="a drill")
    told = leaks_html(desk, version, golden)
    assert "nothing stops training" in told
    assert "2 pairs were ruled on or signed for" in told


def test_a_filter_of_certain_pairs_alone_says_why_no_opinion_helps(desk: Store) -> None:
    with pytest.raises(Refused, match="means are certain"):
        rule_suspect(desk, where="tier=certain", leak=False, reason=WHY)
    done = rule_suspect(desk, where="all", leak=False, reason=WHY)
    assert (len(done.pairs), done.certain) == (1, 1)


def test_a_report_tells_the_search_and_the_phrases_from_before_the_run(desk: Store) -> None:
    approve_phrase(desk, "within thirty days", reason="policy", who="Ann")
    before = find_suspects(desk).search
    version, golden = datasets.version(desk), goldens.newest(desk, "desk")
    run = runs.add(desk, version, golden, {"model": "toy"}, "Ann", None)
    past(run.when)
    approve_phrase(desk, "at the counter of your town", reason="policy", who="Bob")
    assert find_suspects(desk, anew=True).search.id != before.id
    told = kept.told(desk, run)
    assert told is not None
    assert told["searched"] == before.when
    assert [one["phrase"] for one in told["approved"]] == ["within thirty days"]
    assert "1 phrase is approved, and may be repeated." in told["sentence"]
