from evaluators.primary_metric import primary_metric, unfit_as_primary
from evaluators.sample import Sample


def row(name: str, reference: str, **rules) -> Sample:
    return Sample(name, ({"role": "user", "content": "?"},), None, reference, rules=rules)


def test_phrases_that_people_demanded_row_by_row_decide():
    rows = [row("1", "in 30 days", must=("30 days",)), row("2", "by post", must=("post",)), row("3", "gladly")]
    assert primary_metric(rows) == ("required_phrases", "2 of 3 rows say which phrases a right answer must hold.")


def test_one_phrase_demanded_of_every_row_alike_decides_nothing():
    rows = [row("1", "in 30 days", must=("Regards",)), row("2", "in 3 weeks", must=("Regards",))]
    assert primary_metric(rows)[0] == "fact_recall"


def test_likeness_of_meaning_can_never_decide():
    assert "ranks a near copy with a wrong fact" in unfit_as_primary("embedding_similarity", [row("1", "in 30 days")])


def test_a_metric_that_judges_none_of_the_rows_cannot_decide():
    rows = [row("1", "gladly")]
    assert "judges none of these rows" in unfit_as_primary("required_phrases", rows)
    assert unfit_as_primary("token_f1", rows) == unfit_as_primary("nll", rows) == ""


def test_a_metric_that_does_not_judge_short_answers_cannot_decide():
    rows = [row("1", "one two three four five six seven eight nine ten eleven")]
    for name in ("distinct_2", "copied_share", "copied_words"):
        assert "judges only answers of" in unfit_as_primary(name, rows)
