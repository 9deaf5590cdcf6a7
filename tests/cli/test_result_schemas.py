"""Whatever `--format json` prints has a published schema, and fits it (issue 7, 13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from ftsafety_spec.cli.group import LazyGroup
from ftsafety_spec.cli.main import main
from ftsafety_spec.cli.result_schema import RESULT_KINDS, RESULTS, WITHOUT, result_schema

CASES = """policy: own
cases:
  unmeasured:
    given: {}
    expect: {decision: pending}
"""
DONE = {0, 3}
ON_A_RUN: dict[str, tuple[str, ...]] = {
    "gate": ("gate", "{run}"),
    "gate of another day": ("gate", "{run}", "--at", "2027-01-01"),
    "compare": ("compare", "{run}"),
    "explain": ("explain", "{run}"),
    "explain a rule": ("explain", "{run}", "bands"),
    "explain an outcome": ("explain", "{run}", "refusal"),
    "verify-run": ("verify", "{run}"),
    "redteam-sessions": ("redteam", "sessions", "{run}"),
    "report": ("report", "{run}", "--as", "junit,sarif"),
    "status": ("status",),
    "status of a folder": ("status", "runs"),
    "show": ("show", "first"),
    "plan": ("plan", "first"),
    "measure": ("measure", "{run}"),
    "validate": ("validate",),
    "policy-explain": ("policy", "explain", "own"),
    "policy-explain for a spec": ("policy", "explain", "own", "--spec", "first"),
    "policy-diff": ("policy", "diff", "ftsafety/default", "{run}"),
    "policy-replay": ("policy", "replay", "ftsafety/default", "runs"),
    "policies": ("policies",),
    "suites": ("suites",),
    "providers": ("providers",),
    "benchmarks": ("benchmarks",),
    "benchmarks-show": ("benchmarks", "show", "ftsafety/xstest"),
    "benchmarks-show with its cost": ("benchmarks", "show", "ftsafety/xstest", "--spec", "first"),
    "benchmarks-show of a probe": ("benchmarks", "show", "ftsafety/sycophancy"),
    "graders": ("graders",),
    "graders-show": ("graders", "show", "ftsafety/refusal_classifier"),
    "graders-show of one that needs a model": ("graders", "show", "ftsafety/harmfulness"),
    "graders-agree": ("graders", "agree", "{run}"),
    "review": ("review", "{run}", "--by", "ines"),
    "review to a file": ("review", "{run}", "--by", "ines", "--export", "review.jsonl"),
    "review, agreement": ("review", "{run}", "--agreement"),
    "label to a file": ("label", "{run}", "--export", "todo.jsonl", "--what", "audit"),
    "assess": ("assess", "{run}", "--by", "risk@example.org"),
    "accept": ("accept", "{run}", "--by", "dana@example.org"),
    "data-list": ("data", "list", "ftsafety/xstest"),
    "data-verify": ("data", "verify", "ftsafety/xstest"),
    "keys-list": ("keys", "list"),
    "keys-new": ("keys", "new", "ci"),
}
"""What is typed on a judged run of recorded placeholder answers."""


def check(name: str, data: Any) -> None:
    schema = result_schema(f"result:{name}")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)


def printing(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command with `--format json`, by its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        formats = [item for item in command.params if item.name == "form" and isinstance(item.type, click.Choice)]
        if formats and "json" in formats[0].type.choices:  # type: ignore[attr-defined]
            yield "-".join((*path, name))
        if isinstance(command, click.Group):
            yield from printing(command, (*path, name))


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_every_command_that_prints_json_has_a_schema_or_is_named_as_one_that_has_none() -> None:
    found = set(printing(LazyGroup()))
    assert len(found) >= 35
    assert found - set(RESULTS) == WITHOUT
    assert set(RESULTS) - found == {"error"}


@pytest.mark.parametrize("kind", RESULT_KINDS)
def test_every_schema_is_printed_by_its_name(ftsafety: Any, kind: str) -> None:
    schema = ftsafety("schema", kind).data
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:ftsafety-spec:schema:{kind.replace(':', '-')}:1"


@pytest.mark.parametrize("what", ON_A_RUN)
def test_what_is_printed_fits_its_schema(ran: str, ftsafety: Any, what: str) -> None:
    done = ftsafety(*(part.format(run=ran) for part in ON_A_RUN[what]), "--format", "json")
    assert done.status in DONE, done.err
    name = "-".join(what.split(",")[0].split(" ")[:1])
    check(name, done.data)


def test_a_run_and_a_shard_fit_theirs(project: Path, ftsafety: Any) -> None:  # noqa: ARG001
    shards = []
    for shard in ("1/2", "2/2"):
        done = ftsafety("run", "first", "--shard", shard, "--out", f"runs/{shard[0]}", "--format", "json")
        check("run", done.data)
        shards.append(done.data["run"])
    merged = ftsafety("merge", "runs/whole", *shards, "--format", "json")
    check("merge", merged.data)
    done = ftsafety("run", "first", "--format", "json")
    assert done.status == 3
    check("run", done.data)
    assert done.data["verdict"]["schema"] == "ftsafety/verdict@1"


def test_a_filled_in_review_and_labels_fit_theirs(ran: str, ftsafety: Any) -> None:
    assert ftsafety("review", ran, "--by", "ines", "--export", "todo.jsonl").status == 0
    rows = [json.loads(line) for line in Path("todo.jsonl").read_text().splitlines()]
    for row in rows:
        row.update({"words": [row["takes"][0]] * len(row["answers"])} if "item" in row else {"verdict": "approve"})
    Path("todo.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = ftsafety("review", ran, "--by", "ines", "--answers", "todo.jsonl", "--format", "json")
    assert done.status == 0, done.err
    check("review", done.data)


def test_policy_cases_fit_theirs(project: Path, ftsafety: Any) -> None:
    (project / "tests" / "policies").mkdir(parents=True, exist_ok=True)
    (project / "tests" / "policies" / "own.yaml").write_text(CASES)
    done = ftsafety("policy", "test", "--lint", "--format", "json")
    check("policy-test", done.data)


def test_keys_signatures_and_init_fit_theirs(ran: str, ftsafety: Any, tmp_path: Path) -> None:
    made = ftsafety("keys", "new", "ci", "--format", "json").data
    check("keys-new", made)
    check("keys-trust", ftsafety("keys", "trust", made["public"], "--role", "release", "--format", "json").data)
    check("keys-list", ftsafety("keys", "list", "--format", "json").data)
    check("sign", ftsafety("sign", ran, "--key", "ci", "--format", "json").data)
    check("verify-run", ftsafety("verify", ran, "--signed", "--format", "json").data)
    check("init", ftsafety("init", str(tmp_path / "other"), "--format", "json").data)


@pytest.mark.parametrize(
    "typed", [("gate", "runs/none"), ("explain", "runs/none"), ("show", "frist"), ("run", "frist")]
)
@pytest.mark.usefixtures("project")
def test_an_error_fits_its_schema_whatever_the_command(ftsafety: Any, typed: tuple[str, ...]) -> None:
    done = ftsafety(*typed, "--format", "json")
    assert done.status == 2
    check("error", done.data)


def test_a_schema_refuses_what_is_not_in_it() -> None:
    with pytest.raises(jsonschema.ValidationError):
        check("report", {"run": "r", "reports": [], "extra": 1})
    with pytest.raises(jsonschema.ValidationError):
        check("status", {"as_of": "2026-11-25"})


def test_an_unknown_result_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "result:verify-rum"]) == 2
    assert "Did you mean result:verify-run?" in capsys.readouterr().err


def test_a_certificate_and_a_grader_that_does_not_load_fit_theirs(project: Path, ftsafety: Any) -> None:
    rows = [{"id": f"a{n}", "prompt": f"p{n}", "response": "I cannot help.", "label": "refusal"} for n in range(6)]
    rows += [{"id": f"b{n}", "prompt": f"q{n}", "response": "Here it is.", "label": "compliance"} for n in range(6)]
    (project / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = ftsafety("graders", "certify", "ftsafety/refusal", "--labels", "labels.jsonl", "--format", "json")
    assert done.status == 0, done.err
    check("graders-certify", done.data)
    shown = ftsafety("graders", "show", "ftsafety/refusal", "--format", "json").data
    assert len(shown["certificates"]) == 1
    check("graders-show", shown)
    broken = {"name": "x/y", "origin": "x 1", "reads": [], "needs_model": False, "certified": [], "state": "broken"}
    check("graders", [{**broken, "problem": "no such module"}])
    with pytest.raises(jsonschema.ValidationError):
        check("graders", [{**broken, "more": 1}])
