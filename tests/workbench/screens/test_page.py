"""Handlers end in words, never in a traceback."""

import logging

import gradio as gr

from workbench.errors import BadInput
from workbench.screens.page import _handler


def skipped(value):
    return value == gr.skip()


def test_a_known_mistake_is_told_in_the_message_line_and_changes_nothing_else():
    def do(look):
        raise BadInput("line 3 has no <messages>.")

    first, said = _handler(do, 1, 2, 1, False)("")
    assert skipped(first)
    assert 'role="alert"' in said
    assert "line 3 has no &lt;messages&gt;." in said


def test_a_defect_is_logged_under_a_number_and_tells_no_detail(caplog):
    def do(look):
        raise RuntimeError("secret path /home/anna")

    with caplog.at_level(logging.ERROR, logger="goldloop.screens"):
        first, said = _handler(do, 1, 2, 1, False)("")
    assert skipped(first)
    assert "secret" not in said
    number = caplog.records[0].args[0]
    assert number in said


def test_the_look_comes_from_the_query_and_the_message_line_is_cleared():
    assert _handler(lambda look, box: look.get("row") + box, 1, 2, 1, False)("?row=7", "!") == ("7!", "")


def test_what_happens_by_itself_leaves_the_message_standing():
    shown, said = _handler(lambda look: "fresh", 1, 2, 1, True)("")
    assert shown == "fresh"
    assert skipped(said)


def test_an_event_brings_its_data_as_a_plain_dict():
    handler = _handler(lambda look, event: event["id"], 1, 2, 1, False)
    assert handler(gr.EventData(None, {"id": 7}), "") == (7, "")
    forged = _handler(lambda look, event: len(event), 1, 2, 1, False)
    assert forged(gr.EventData(None, "no dict"), "") == (0, "")
