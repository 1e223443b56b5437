"""Votes that were given elsewhere: lines of other tools, and results of offline packs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from workbench.actions import rate
from workbench.actions.close_round import close_round
from workbench.actions.import_votes import import_votes
from workbench.actions.open_round import open_round
from workbench.actions.rating_pack import rating_pack
from workbench.blind.pack import mark
from workbench.blind.plan import Design
from workbench.errors import BadInput, Refused
from workbench.store import evaluations, rating_packs, ratings


def votes_file(tmp_path: Path, lines: list[dict[str, object]]) -> Path:
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_votes_by_arm_name_are_imported_as_a_closed_round(store, evaluated, tmp_path):
    rows = [a.row_id for a in evaluations.answers_of(store, evaluated.id, "tuned")]
    lines = [{"row": row, "rater": "Ann", "choice": "tuned" if place else "tie"} for place, row in enumerate(rows[:4])]
    lines.append({"row": "x", "rater": "A", "choice": "tie"})
    done = import_votes(store, evaluated.id, votes_file(tmp_path, lines))
    assert (done.imported, done.refused, done.found.deciding.rate.wins) == (4, 1, 3)
    assert done.reasons == ('line 5: the evaluation has no answers to a row "x"',)
    assert done.found.deciding.left_share.value is None  # nobody knows which side the answers stood on


def test_votes_by_side_from_a_csv_need_the_arm_on_side_a(store, evaluated, tmp_path):
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    path = tmp_path / "votes.csv"
    path.write_text(f"row,rater,choice,left\n{row},Ann,b,tuned\n")
    assert import_votes(store, evaluated.id, path).found.deciding.rate.losses == 1
    path.write_text(f"row,rater,choice\n{row},Ann,b\n")
    with pytest.raises(BadInput, match=r'line 2 of votes\.csv chooses "b" but not which arm'):
        import_votes(store, evaluated.id, path)


def test_a_table_with_semicolons_is_read_and_one_with_broken_lines_is_refused(store, evaluated, tmp_path):
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    path = tmp_path / "excel.csv"
    path.write_text(f"row;rater;choice;reason\n{row};Zoë;tuned;gut, kurz\n", encoding="utf-8-sig")
    assert import_votes(store, evaluated.id, path).imported == 1
    path.write_bytes(f"row,rater,choice\r{row},Ann,tuned\r".encode())
    with pytest.raises(BadInput, match="no CSV line"):
        import_votes(store, evaluated.id, path)


def test_a_bad_line_keeps_nothing_and_the_same_file_is_taken_once(store, evaluated, tmp_path):
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    good = {"row": row, "rater": "Ann", "choice": "tuned"}
    with pytest.raises(BadInput, match=r'line 2 of votes\.jsonl has no "rater"'):
        import_votes(store, evaluated.id, votes_file(tmp_path, [good, {"row": row, "choice": "tie"}]))
    assert ratings.rounds_of(store, evaluated.id) == []
    import_votes(store, evaluated.id, votes_file(tmp_path, [good]))
    with pytest.raises(Refused, match="was brought in already"):
        import_votes(store, evaluated.id, votes_file(tmp_path, [good]))


def packed(store, evaluated, tmp_path, rater="Ben", **design):
    """A round and the content of a pack for a rater."""
    settings = {"raters": 1, "repeats": 0.12, "known": 0.12, **design}
    this = open_round(store, evaluated.id, seed=5, design=Design(**settings))
    done = rating_pack(store, this.id, rater, tmp_path)
    page = done.path.read_text(encoding="utf-8")
    found = re.search(r'id="pack">(.*?)</script>', page, re.S)
    assert found is not None
    return this, json.loads(found[1]), page


def rated(pack, choice="a", **over):
    """The result that the pack's page saves when a rater pressed one key for all."""
    votes = [
        {"key": card["key"], "choice": choice, "nonce": f"n-{place}", "ms": 5000, "note": "", "tags": [],
         "opened": False, "shown": f"{mark(card['a'])}-{mark(card['b'])}"}
        for place, card in enumerate(pack["cards"])
    ]  # fmt: skip
    return {"goldloop": "rating-result", "edition": 1, "round": pack["round"], "seal": pack["seal"],
            "rater": pack["rater"], "whole": True, "votes": votes, **over}  # fmt: skip


def saved(tmp_path, result):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    return path


def test_a_pack_names_no_arm_no_row_and_no_check_and_asks_for_nothing_from_outside(store, evaluated, tmp_path):
    this, pack, page = packed(store, evaluated, tmp_path)
    kinds = {card.kind for card in ratings.cards_of(store, this.id)}
    assert kinds == {"pair", "same", "known", "repeat", "guess"}
    assert len(pack["cards"]) == 11
    told = json.dumps({**pack, "cards": [], "guesses": []})
    assert not re.search(r"base|tuned|prompted", told)
    for card in [*pack["cards"], *pack["guesses"]]:
        assert set(card) <= {"key", "prompt", "a", "b", "reference", "of"}
    for card in ratings.cards_of(store, this.id):
        assert card.key not in page
        assert card.row_id not in page
    assert not re.search(r"https?://|src=|@import|url\(", re.sub(r'id="pack">.*?</script>', "", page, flags=re.S))
    assert "default-src 'none'" in page


def test_hostile_answers_cannot_leave_the_packs_data(store, evaluated, tmp_path):
    _, pack, page = packed(store, evaluated, tmp_path)
    assert any("<script>window.__xss=1</script>" in card["a"] + card["b"] for card in pack["cards"])
    assert "<script>window.__xss" not in page


def test_a_packs_cards_wait_for_its_rater(store, evaluated, tmp_path):
    this, _, _ = packed(store, evaluated, tmp_path)
    assert rate.next_cards(store, this.id, "Ann").over == "held"
    with pytest.raises(Refused, match="nothing is left to pack"):
        rating_pack(store, this.id, "Ann", tmp_path)


def test_the_result_of_a_pack_comes_into_its_round_with_its_checks(store, evaluated, tmp_path):
    this, pack, _ = packed(store, evaluated, tmp_path)
    done = import_votes(store, evaluated.id, saved(tmp_path, rated(pack)))
    assert (done.imported, done.round_id, done.rater, done.found) == (11, this.id, "Ben", None)
    assert rating_packs.of_round(store, this.id)[0].brought
    found = close_round(store, this.id)
    [ben] = found.raters
    assert (ben.choices, ben.known, ben.repeats, ben.repeated_alike) == (9, 1, 1, 0)
    assert found.deciding.rated == 9


def test_sides_of_a_pack_are_the_sides_of_the_round(store, evaluated, tmp_path):
    this, pack, _ = packed(store, evaluated, tmp_path, repeats=0.0, known=0.0)
    tuned = {a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    result = rated(pack)
    for card, vote in zip(pack["cards"], result["votes"], strict=True):
        vote["choice"] = "a" if card["a"] in tuned else "b"
    import_votes(store, evaluated.id, saved(tmp_path, result))
    assert close_round(store, this.id).deciding.rate.wins == 9


def test_a_result_is_taken_once_and_a_part_of_it_may_come_before_the_whole(store, evaluated, tmp_path):
    this, pack, _ = packed(store, evaluated, tmp_path)
    whole = rated(pack)
    part = {**whole, "whole": False, "votes": whole["votes"][:3]}
    assert import_votes(store, evaluated.id, saved(tmp_path, part)).imported == 3
    with pytest.raises(Refused, match="is here already"):
        import_votes(store, evaluated.id, saved(tmp_path, part))
    assert import_votes(store, evaluated.id, saved(tmp_path, whole)).imported == 8
    with pytest.raises(Refused, match="was brought in already"):
        import_votes(store, evaluated.id, saved(tmp_path, whole))
    assert len(ratings.votes_of(store, this.id)) == 11


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seal": "0" * 32}, "did not make"),
        ({"round": "0" * 32}, "another round"),
        ({"rater": "Ann"}, "another rater"),
        ({"votes": []}, "no choice"),
        ({"edition": 2}, "edition 2"),
        ({"whole": "yes"}, "whole is missing or wrong"),
    ],
)
def test_a_result_that_does_not_fit_is_refused_with_the_reason(store, evaluated, tmp_path, change, reason):
    this, pack, _ = packed(store, evaluated, tmp_path)
    with pytest.raises((Refused, BadInput), match=reason):
        import_votes(store, evaluated.id, saved(tmp_path, rated(pack, **change)))
    assert ratings.votes_of(store, this.id) == []


def test_a_result_with_a_choice_told_twice_or_no_number_of_milliseconds_is_refused(store, evaluated, tmp_path):
    this, pack, _ = packed(store, evaluated, tmp_path)
    twice = rated(pack)
    twice["votes"][1]["nonce"] = twice["votes"][0]["nonce"]
    with pytest.raises(Refused, match="the same choice twice"):
        import_votes(store, evaluated.id, saved(tmp_path, twice))
    endless = rated(pack)
    endless["votes"][0]["ms"] = float("inf")
    with pytest.raises(BadInput, match="ms is missing or wrong"):
        import_votes(store, evaluated.id, saved(tmp_path, endless))
    assert ratings.votes_of(store, this.id) == []


def test_answers_on_swapped_sides_are_refused_and_nothing_is_kept(store, evaluated, tmp_path):
    this, pack, _ = packed(store, evaluated, tmp_path)
    result = rated(pack)
    left, right = result["votes"][4]["shown"].split("-")
    result["votes"][4]["shown"] = f"{right}-{left}"
    with pytest.raises(Refused, match=r"Choice 5 of result\.json was made on other answers than were packed"):
        import_votes(store, evaluated.id, saved(tmp_path, result))
    assert ratings.votes_of(store, this.id) == []


def test_a_pack_of_another_evaluation_is_named_as_such(store, evaluated, tmp_path):
    other = evaluations.add(store, evaluated.run_id, evaluated.golden_id, {}, "Ann").id
    _, pack, _ = packed(store, evaluated, tmp_path)
    with pytest.raises(Refused, match=f"belongs to round 1 of evaluation {evaluated.id}, not to evaluation {other}"):
        import_votes(store, other, saved(tmp_path, rated(pack)))


def test_the_pack_itself_is_no_result(store, evaluated, tmp_path):
    _, pack, _ = packed(store, evaluated, tmp_path)
    with pytest.raises(BadInput, match="is a pack, not its result"):
        import_votes(store, evaluated.id, saved(tmp_path, pack))


def test_a_mark_is_that_of_fowler_noll_and_vo():
    assert mark("") == "811c9dc5"
    assert mark("a") == "e40c292c"
    assert mark("foobar") != mark("foobaz")
