from dataclasses import replace

import pytest

from evaluators.errors import BadScorer
from evaluators.sample import Sample, Score, catalogue

CASES = [(scorer, example) for scorer in catalogue().values() for example in scorer.examples]


@pytest.mark.parametrize(("scorer", "example"), CASES, ids=lambda part: getattr(part, "name", None))
def test_a_scorer_gives_what_its_examples_promise(scorer, example):
    found = scorer([example.sample()])[0].value
    assert found == (None if example.value is None else pytest.approx(example.value))


def test_the_catalogue_holds_every_metric_file_and_no_shared_module():
    assert sorted(catalogue()) == [
        "chrf",
        "copied_share",
        "copied_words",
        "distinct_2",
        "embedding_similarity",
        "exact_match",
        "fact_recall",
        "forbidden_phrases",
        "format_kept",
        "json_schema",
        "json_valid",
        "length_ratio",
        "longest_repeat",
        "nll",
        "persona_leak",
        "refusal",
        "repetition",
        "required_phrases",
        "rouge_l",
        "stock_phrases",
        "stopped",
        "token_f1",
        "token_recall",
        "under_refusal",
        "unsupported_facts",
    ]


@pytest.mark.parametrize("scorer", catalogue().values(), ids=lambda scorer: scorer.name)
def test_every_page_has_a_title_its_limits_and_its_source(scorer):
    assert scorer.title == scorer.page.splitlines()[0]
    assert not scorer.title.endswith(".")
    assert "\nKnown limits\n" in scorer.page
    assert "\nSource\n" in scorer.page


def sample(name: str, output: str | None) -> Sample:
    return Sample(name, ({"role": "user", "content": "?"},), output, "yes")


def test_a_sample_without_output_is_not_judged_and_the_others_keep_their_places():
    found = catalogue()["exact_match"]([sample("1", "no"), sample("2", None), sample("3", "yes")])
    assert found == [Score(0.0), Score(None, "no output"), Score(1.0)]


def test_scores_by_id_are_what_compare_takes():
    assert catalogue()["exact_match"].by_id([sample("7", "Yes!")]) == {"7": Score(1.0)}


@pytest.mark.parametrize("given", [0, 2])
def test_a_scorer_that_loses_or_invents_scores_is_refused(given):
    broken = replace(catalogue()["exact_match"], run=lambda samples: [Score(1.0)] * given)
    with pytest.raises(BadScorer, match="exact_match"):
        broken([sample("1", "yes")])
