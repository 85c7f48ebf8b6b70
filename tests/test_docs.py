"""What the documents say of the code is true: links, commands, files and figures."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocap.cli import parser
from mocap.solve import Weights

ROOT = Path(__file__).parent.parent
EVERY = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").rglob("*.md")]
)
OF_DEVELOPERS = "accuracy.md"  # tells of the benchmark's own options
OF_USERS = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != OF_DEVELOPERS),
]
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def fenced_commands(text: str) -> Iterator[list[str]]:
    """The words of each `mocap` command in blocks of code."""
    for block in FENCED.findall(text):
        for line in block.splitlines()[1:-1]:
            for part in line.split("&&"):
                if part.strip().startswith("mocap "):
                    yield shlex.split(part, comments=True)[1:]


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def options(command: argparse.ArgumentParser) -> Iterator[str]:
    """The options of a command and of its own commands."""
    for action in command._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from options(inner)


@pytest.mark.parametrize("path", EVERY, ids=ids)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    for link in links:
        if "://" not in link:
            assert (path.parent / link).exists(), f"{path.name} leads to {link}"


@pytest.mark.parametrize("path", OF_USERS, ids=ids)
def test_every_command_shown_is_one(path: Path) -> None:
    for words in fenced_commands(path.read_text(encoding="utf-8")):
        assert parser().parse_args(words).command == words[0]


def test_commands_are_found_in_the_readme() -> None:
    shown = {words[0] for words in fenced_commands((ROOT / "README.md").read_text("utf-8"))}
    assert shown == set(commands())


@pytest.mark.parametrize("path", OF_USERS, ids=ids)
def test_every_command_and_option_named_exists(path: Path) -> None:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    known = {o for c in commands().values() for o in options(c)}
    for code in re.findall(r"`([^`\n]+)`", text):
        words = code.split()
        if words[0] == "mocap" and len(words) > 1:
            assert words[1] in commands(), f"{path.name}: {code}"
        if words[0] == "mocap" or words[0].startswith("--"):
            for option in re.findall(r"(?<!\S)--[a-z0-9-]+", code):
                assert option in known, f"{path.name}: {code}"


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "docs/solve.md"])
def test_every_module_named_exists(name: str) -> None:
    text = FENCED.sub("", (ROOT / name).read_text(encoding="utf-8"))
    folders = ("mocap", "exporters", "benchmarks", "docs", "tests")
    every = [p.relative_to(ROOT).as_posix() for f in folders for p in (ROOT / f).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", text)
    assert named
    for module in named:
        assert any(f"/{p}".endswith(f"/{module}") for p in every), f"{name} names {module}"


def solve_table(first: str) -> dict[str, str]:
    """Names and values of a table of docs/solve.md, by the heading of its first column."""
    text = (ROOT / "docs" / "solve.md").read_text(encoding="utf-8")
    rows = text.split(f"| {first} | value |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip(" `") for cell in row.split("|")[1:3]] for row in rows]
    return {name: value for name, value in cells}


def test_the_weights_told_are_those_used() -> None:
    usual = Weights()
    told = {name: float(value.split()[0]) for name, value in solve_table("weight").items()}
    assert told == {n: getattr(usual, n) for n in usual.__dataclass_fields__ if n != "lively"}
    text = (ROOT / "docs" / "solve.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^`lively`.*$", text, re.MULTILINE)
    lively = {name: float(v) for name, v in re.findall(r"`(\w+)` ([\d.]+\d|\d+)", line)}
    assert lively == usual.lively


@pytest.mark.parametrize(("name", "value"), solve_table("constant").items())
def test_the_constants_told_are_those_used(name: str, value: str) -> None:
    module, constant = name.split(".")
    true = getattr(importlib.import_module(f"mocap.solve.{module}"), constant)
    told = [float(v) for v in value.split(" to ")]
    assert told == list(true if isinstance(true, tuple) else [true])
