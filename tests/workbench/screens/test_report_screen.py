"""The report screen: what was written is shown, but never whose answer is whose while people rate."""

import pytest

from workbench.actions import rate
from workbench.actions.close_round import close_round
from workbench.actions.open_round import open_round
from workbench.actions.write_report import write_report
from workbench.screens.address import Look
from workbench.screens.report import _screen


@pytest.fixture
def shown(store, evaluated, tmp_path, monkeypatch):
    """The preview and whether the two downloads are offered, as the screen would draw them now."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    def draw() -> tuple[str, list[bool]]:
        _, _, html, twin, _, preview = _screen(store, Look({"evaluation": str(evaluated.id)}))
        return preview, [html.visible, twin.visible]

    return draw


def test_a_report_that_names_the_answers_is_not_shown_once_people_rate_them(store, evaluated, shown):
    write_report(store, evaluated.id)
    this = open_round(store, evaluated.id, seed=1)
    preview, offered = shown()
    assert "<iframe" in preview
    assert offered == [True, True]
    rate.vote(store, this.id, "Ann", rate.next_pairs(store, this.id, "Ann")[0].key, "a")
    preview, offered = shown()
    assert "<iframe" not in preview
    assert "it says whose answer is whose" in preview
    assert offered == [False, False]
    write_report(store, evaluated.id)
    preview, offered = shown()
    assert "the rows with the answers are left out" in preview
    assert offered == [True, True]


def test_after_the_round_is_closed_the_report_is_shown_again(store, evaluated, shown):
    write_report(store, evaluated.id)
    this = open_round(store, evaluated.id, seed=1)
    rate.vote(store, this.id, "Ann", rate.next_pairs(store, this.id, "Ann")[0].key, "a")
    close_round(store, this.id)
    assert "<iframe" in shown()[0]


def test_the_preview_has_no_link_and_the_file_has_links_to_its_own_sections_only(store, evaluated, shown):
    done = write_report(store, evaluated.id)
    assert 'href="#slices"' in done.html.read_text()
    assert "href=" not in shown()[0]


@pytest.mark.parametrize(
    ("kind", "said"), [("time", "evaluations over time"), ("data", "pretty_name"), ("x", "no report")]
)
def test_over_time_and_the_dataset_card_are_shown_without_being_written(
    store, evaluated, tmp_path, monkeypatch, kind, said
):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    *_, preview = _screen(store, Look({"evaluation": "1", "show": kind}))
    assert said in preview
    assert not (store.root / "reports").exists()
