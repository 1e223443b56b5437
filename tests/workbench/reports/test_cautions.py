"""What stands beside the verdict: everything signed, forgotten or done otherwise."""

from workbench.reports.cautions import cautions

SUMMARY = {"verdict": {"ship": True, "against_base": "better"}, "plan_hash": "ab", "deviations": []}
CLEAN = {"overrides": [], "paraphrases": {"checked": True}}
FINE = {"leaks": CLEAN, "golden": {"parts": {"dev": 40, "sealed": 0}, "sign_off": {"objected": 0}}}


def told(summary=SUMMARY, part="sealed", newer="", **areas) -> tuple[str, ...]:
    return cautions(summary, {**FINE, **areas}, part=part, newer_golden=newer)


def test_nothing_is_said_where_nothing_stands_against_the_verdict():
    assert told() == ()


def test_a_signed_override_is_named_with_its_reason():
    signed = {"who": "Ann", "when": "2026-01-02T03", "pairs": 3, "reason": "all are form letters"}
    assert told(leaks={**CLEAN, "overrides": [signed]}) == (
        "Signed override: Ann let training pass on 2026-01-02 in spite of 3 pairs that may give golden rows away: "
        "all are form letters",
    )


def test_people_who_prefer_base_against_the_metric_are_told():
    pair = {"net": {"low": -0.6, "high": -0.1}}
    people = {"rounds": [{"pairs": [pair], "deciding": 0, "flagged": []}]}
    assert told(people=people) == (
        "People and the deciding metric disagree: blind raters prefer the base model's answers.",
    )


def test_forgetting_and_personal_data_are_told():
    probes = {"verdict": {"word": "forgot", "sentence": "Forgot in logic."}, "memorised": {"word": "personal data"}}
    first, second = told(probes=probes)
    assert first.endswith("Forgot in logic.")
    assert second == "The tuned model gives out personal data from training replies."


def test_dev_rows_are_said_to_have_been_read():
    assert "only a look at the sealed rows confirms" in told(part="dev", golden={"parts": {"sealed": 9}})[0]
    assert "no sealed part" in told(part="dev")[0]


def test_a_look_past_its_budget_deviations_and_a_newer_golden_version_are_told():
    ladder = {"improved": False, "sentence": "The old figure stands."}
    late = {
        **SUMMARY,
        "deviations": ["a", "b"],
        "look": {"number": 6, "budget": 5, "over": True, "why": "audit", "ladder": ladder},
    }
    said = told(late, newer="desk golden 2")
    assert said[0] == "2 deviations from the plan: listed under What was compared."
    assert said[1] == "This is look 6 at the sealed rows, past their budget of 5: audit"
    assert said[2] == "By the Ladder rule no new best is claimed. The old figure stands."
    assert said[3].startswith("desk golden 2 has replaced this golden version since")


def test_without_a_plan_or_a_leak_search_that_is_said():
    said = told({**SUMMARY, "plan_hash": None}, leaks=None)
    assert said[0].startswith("The leak guard was not run")
    assert said[1].startswith("No plan was stored")
