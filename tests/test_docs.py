"""The documents say what is true: commands, options, files and pictures that they name are there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from workbench.checks.check import catalogue
from workbench.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Every command with its words, such as "golden freeze"."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[f"{before}{name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
    return found


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_stands_in_the_readme(name: str) -> None:
    group, _, verb = name.partition(" ")
    pattern = rf"`{group}\b" if not verb else rf"`{group} (?:[\w\\|]*\|)?{verb}\b"
    assert re.search(pattern, README), name


def test_every_option_that_the_readme_names_exists() -> None:
    known = {
        option
        for command in commands(main).values()
        for one in command.params
        for option in (*one.opts, *one.secondary_opts)
    }
    known |= {option for one in main.params for option in one.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    assert named <= known, named - known


def test_every_picture_and_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_the_readme_counts_the_checks_right() -> None:
    assert f"{len(catalogue())} checks over" in README


@pytest.mark.parametrize("package", ["workbench", "evaluators", "training"])
def test_every_room_is_drawn_in_the_architecture(package: str) -> None:
    rooms = [path for path in (ROOT / package).iterdir() if not path.name.startswith("_")]
    missing = [path.name for path in rooms if path.name.removesuffix(".py") not in ARCHITECTURE]
    assert missing == []


def test_the_two_commands_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:", makefile, re.M)
    assert re.search(r"^test:", makefile, re.M)
