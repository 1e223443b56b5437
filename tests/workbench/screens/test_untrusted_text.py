"""No row reaches a browser as markup: what every screen's source must keep to.

A template of `gr.HTML` is evaluated in the browser as a script's template text, so what stands in data would run; a
value set as innerHTML would too.
"""

import ast
import re
from pathlib import Path

import pytest

import workbench.screens

FOLDER = Path(workbench.screens.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.js"))
TEMPLATES = [*sorted(FOLDER.glob("*.html"))]
SOURCES = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_writes_texts_and_never_markup(path):
    source = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
    found = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source)
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_place_for_data(path):
    assert re.findall(r"\$\{|\{\{", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_template_in_python_is_made_of_constants(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    for argument in (argument for call in calls for argument in call.keywords):
        if argument.arg in ("html_template", "css_template", "js_on_load"):
            names = {node.id for node in ast.walk(argument.value) if isinstance(node, ast.Name)}
            # the header's template holds the names of the screens
            assert all(name.isupper() for name in names) or names == {"template", "title"}, ast.unparse(argument.value)
        assert not (argument.arg == "datatype" and "html" in ast.unparse(argument.value))
