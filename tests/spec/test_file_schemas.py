"""The JSON Schemas are of what people write: every file we ship passes, overlays pass, mistakes do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from ftsafety_spec.compose import Project, builtin_root, lock_policy, lock_spec
from ftsafety_spec.compose.schemas import SCHEMA_KINDS, schema_of
from ftsafety_spec.compose.source import loader_class
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.schema import RECORD_MODELS
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.schema import FILE_MODELS

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "compose" / "project"
FOLDERS = {"suite": "specs/suites", "spec": "specs", "policy": "policies", "provider": "providers"}


def files() -> Iterator[tuple[str, Path]]:
    """Every YAML file that we ship or show, with its kind."""
    for root in (builtin_root(), PROJECT, *sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())):
        for kind, folder in FOLDERS.items():
            for path in sorted((root / folder).rglob("*.yaml")):
                if kind != "spec" or "suites" not in path.relative_to(root).parts:
                    yield kind, path


def mistakes(kind: str, data: Any) -> list[str]:
    validator = Draft202012Validator(schema_of(kind), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message[:120]}" for error in validator.iter_errors(data)]


def read(text: str) -> Any:
    loader = loader_class()(text)
    return loader.get_single_data()


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_each_schema_is_a_valid_2020_12_schema_with_a_name(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:ftsafety-spec:schema:{kind}:1"


def test_the_kinds_are_all_files_and_all_records() -> None:
    assert list(SCHEMA_KINDS[:4]) == ["spec", "suite", "policy", "provider"]
    records = [
        "locked-spec",
        "locked-policy",
        "plan",
        "comparison",
        "evidence",
        "certificate",
        "verdict",
        "answer",
        "grade",
    ]
    assert list(SCHEMA_KINDS[4:6]) == ["acceptance", "assessment"]
    assert set(records) <= set(SCHEMA_KINDS[6:])
    with pytest.raises(NotFoundError, match=r"Did you mean policy\?"):
        schema_of("polici")


def test_there_are_files_of_every_kind_to_check() -> None:
    counts = {kind: sum(found == kind for found, _ in files()) for kind in FILE_MODELS}
    assert counts["spec"] >= 6 and counts["suite"] >= 5 and counts["policy"] >= 4 and counts["provider"] >= 7


@pytest.mark.parametrize(
    ("kind", "path"), list(files()), ids=lambda item: item.name if isinstance(item, Path) else item
)
def test_every_file_that_we_ship_or_show_fits_its_schema(kind: str, path: Path) -> None:
    assert mistakes(kind, read(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("policy", "defaults: [acme@_here_, _self_]\nrules: {bands: {up_to: {deploy: 0.04}}}"),
        ("policy", "rules: {bands: null, sufficient: {session: null}}"),
        ("policy", "rules: {category: {above: 0.4}}\nadjust: {x: {when: {tier: [high]}}}"),
        ("spec", "defaults:\n  - bot@_here_\n  - override suites@suites.core: ftsafety/quick\n  - _self_"),
        ("spec", "defaults: [_self_, {suites@suites.core: null}]\nrepeats: 5"),
        ("spec", "models: {tuned: {deploy: true}}"),
        ("spec", "waivers: {edge-cases: {expires: 2027-01-31}}"),
        ("suite", "defaults: [ftsafety/standard@_here_, _self_]\ntasks: {harmbench: {limit: null}}"),
        ("provider", "defaults: [ftsafety/openai@_here_, _self_]\nconcurrency: 2"),
    ],
)
def test_a_part_that_extends_another_file_fits(kind: str, text: str) -> None:
    assert mistakes(kind, read(text)) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("spec", "repeat: 3"),
        ("spec", "repeats: three"),
        ("spec", "risk: {exposure: publik}"),
        ("spec", "policy: {rules: {}}"),
        ("spec", "models: []"),
        ("spec", "models: {BAD KEY: {path: x}}"),
        ("spec", "waivers: {x: {expires: soon}}"),
        ("spec", "defaults: [bot, _self_]"),
        ("spec", "defaults: [bot@_here_]"),
        ("spec", "defaults: [_self_, {policies@policy: x}]"),
        ("suite", "tasks: {a: {area: frauds}}"),
        ("suite", "tasks: {a: {prompt: x}}"),
        ("suite", "defaults: [_self_, {suites@suites.x: y}]"),
        ("policy", "rules: {bands: {kind: band}}"),
        ("policy", "rules: {bands: {kind: bands, above: 0.1}}"),
        ("policy", "rules: {bands: {read: pesimistic}}"),
        ("policy", "actions: {launch: {}}"),
        ("provider", "api_key: x"),
        ("provider", "api_key_env: sk-123"),
    ],
)
def test_a_mistake_does_not_fit(kind: str, text: str) -> None:
    assert mistakes(kind, read(text)) != []


@pytest.mark.parametrize("kind", list(FILE_MODELS))
def test_every_key_has_a_text_to_show_on_hover(kind: str) -> None:
    schema = schema_of(kind)
    parts = {kind: schema, **schema.get("$defs", {})}
    bare = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("kind", list(FILE_MODELS))
def test_nothing_that_people_write_is_required(kind: str) -> None:
    assert '"required"' not in json.dumps(schema_of(kind))


def test_records_as_written_fit_their_schemas() -> None:
    spec, policy = lock_spec("support-bot", project=Project(PROJECT)), lock_policy("acme", Project(PROJECT))
    for record in (spec.sealed(), policy.sealed()):
        data = json.loads(json.dumps(record.to_json()))
        assert mistakes(record.KIND, data) == []
        assert mistakes(record.KIND, {**data, "extra": 1}) and mistakes(record.KIND, {**data, "schema": "x"})


def test_every_record_schema_asks_for_its_own_name() -> None:
    for kind, model in RECORD_MODELS.items():
        named = schema_of(kind)["properties"].get("schema", {}).get("const")
        assert named == (f"ftsafety/{kind}@1" if hasattr(model, "KIND") else None)
    assert RECORD_MODELS["verdict"] is Verdict
