"""A report goes to many hands: personal data that a model gave out stay out of it."""

from workbench.reports.sources import HIDDEN, without_personal_data


def test_what_a_model_gave_out_is_left_out_and_its_kind_and_row_are_kept():
    example = {
        "row": "r1",
        "asked": "Who?",
        "answer": "ann@example.org",
        "base": "",
        "span": "ann@example.org",
        "tokens": 9,
    }
    other = {**example, "row": "r2", "answer": "nobody"}
    part = {
        "personal": {"base": [], "tuned": [{"row": "r1", "kind": "e-mail", "says": "ann@example.org"}]},
        "examples": [example, other],
    }
    told = without_personal_data(
        {"people": None, "probes": {"word": "x", "memorised": {"asked": part, "begun": {"n": 1}}}}
    )
    asked = told["probes"]["memorised"]["asked"]
    assert asked["personal"]["tuned"] == [{"row": "r1", "kind": "e-mail"}]
    assert (asked["examples"][0]["answer"], asked["examples"][0]["tokens"]) == (HIDDEN, 9)
    assert asked["examples"][1]["answer"] == "nobody"
    assert "ann@example.org" not in str(told["probes"]["memorised"]["asked"]["examples"][0])


def test_a_run_that_was_not_probed_is_passed_on_as_it_is():
    assert without_personal_data({"probes": None, "leaks": 1}) == {"probes": None, "leaks": 1}
