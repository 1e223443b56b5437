"""Folders of own probes."""

import shutil
from pathlib import Path

import pytest

from evaluators.errors import BadRequest
from evaluators.probes.items import FOLDER, load


def test_own_probes_without_a_single_question_are_refused_before_a_model_is_asked(tmp_path: Path) -> None:
    for name in ("choices", "instructions", "refusals", "off_domain"):
        shutil.copy(FOLDER / f"{name}.jsonl", tmp_path)
    (tmp_path / "choices.jsonl").write_text("\n")
    with pytest.raises(BadRequest, match=r"choices\.jsonl holds no question"):
        load(tmp_path)
