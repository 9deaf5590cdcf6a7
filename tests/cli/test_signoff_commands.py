"""`ftsafety accept` and `assess`: a file that is filled in, checked in and bound; void once anything else is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.pipeline.signoff_files import signed_files
from ftsafety_spec.records.base import Meta
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder

OWNER = "product.owner@example.org"


def template(ran: str, ftsafety: Any, *more: str, command: str = "accept", by: str = OWNER) -> Path:
    done = ftsafety(command, ran, "--by", by, *more, "--format", "json")
    assert done.status == 0, done.err
    return Path(done.data["file"])


def filled(ran: str, ftsafety: Any) -> Path:
    return template(ran, ftsafety, "--reason", 'Small: "quoted"\n# not a comment', "--until", "2031-01-01")


def held(ran: str) -> list[dict[str, Any]]:
    path = Path(ran) / "evidence.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_filled_in_acceptance_becomes_evidence_of_this_comparison(ran: str, ftsafety: Any) -> None:
    path = filled(ran, ftsafety)
    assert path.parent.name == "reviews"
    done = ftsafety("accept", ran, "--file", str(path))
    assert done.status == 0, done.err
    (evidence,) = held(ran)
    assert evidence["kind"] == "risk_acceptance" and evidence["valid_until"] == "2031-01-01T23:59:59Z"
    assert evidence["subject"] == [json.loads((Path(ran) / "comparison.json").read_text())["digest"]]
    assert evidence["body"]["reason"].startswith('Small: "quoted"')
    assert ftsafety("gate", ran).status == 3 and ftsafety("report", ran).status == 0
    assert ftsafety("verify", ran).status == 0


def test_a_template_that_nobody_filled_in_is_refused_line_by_line(ran: str, ftsafety: Any) -> None:
    path = template(ran, ftsafety, command="assess", by="risk@example.org")
    done = ftsafety("assess", ran, "--file", str(path))
    assert done.status == 2 and not held(ran)
    for key in ("summary", "risks.0.risk", "risks.0.likelihood", "until"):
        assert f"  {key}: ??? marks a value" in done.err, key
    text = path.read_text()
    for key, value in (("summary", "fine"), ("risk", "a"), ("likelihood", "rare"), ("severity", "serious")):
        text = text.replace(f"{key}: ???", f"{key}: {value}")
    path.write_text(text.replace("until: ???", "until: 2031-01-01"))
    done = ftsafety("assess", ran, "--file", str(path))
    assert done.status == 0, done.err
    assert held(ran)[0]["body"]["risks"] == [
        {"likelihood": "rare", "mitigation": None, "risk": "a", "severity": "serious"}
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "part"),
    [
        ("reason:", "raeson:", "FTS-105", "Did you mean reason?"),
        ("2031-01-01", "2001-01-01", "FTS-106", "until: 2001-01-01 is over"),
        ("2031-01-01", "soon", "FTS-106", "a date such as"),
        ("comparison: sha256:", "comparison: sha256:0", "FTS-106", "bound.comparison"),
        ("by: {", "by: {who: a, ", "FTS-105", "by.who"),
        ("bound:", "bound: [", "FTS-101", ":12"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(
    ran: str, ftsafety: Any, old: str, new: str, code: str, part: str
) -> None:
    path = filled(ran, ftsafety)
    path.write_text(path.read_text().replace(old, new, 1))
    done = ftsafety("accept", ran, "--file", str(path))
    assert done.status == 2 and code in done.err and part in done.err and f"{path.name}:" in done.err
    assert "Traceback" not in done.err and not held(ran)


def test_a_file_for_what_the_run_no_longer_holds_is_refused(ran: str, ftsafety: Any) -> None:
    path = filled(ran, ftsafety)
    Path("s.yaml").write_text("kind: session\nby: {name: a, role: safety_reviewer}\nbody: {minutes: 40}\n")
    assert ftsafety("evidence", ran, "--file", "s.yaml").status == 0
    done = ftsafety("accept", ran, "--file", str(path))
    assert done.status == 2 and "FTS-136" in done.err and "bound.evidence" in done.err
    assert "bound.comparison" not in done.err


def test_the_spec_s_owner_is_warned_that_it_does_not_count(ran: str, ftsafety: Any) -> None:
    spec = json.loads((Path(ran) / "spec.lock.json").read_text())["spec"]
    done = ftsafety("accept", ran, "--file", str(template(ran, ftsafety, "--reason", "r", "--until", "2031-01-01",
                                                            by=spec["owner"], )))  # fmt: skip
    assert done.status == 0 and "owns the spec" in done.err


def test_a_second_template_replaces_nothing_and_a_role_must_exist(ran: str, ftsafety: Any) -> None:
    path = filled(ran, ftsafety)
    before = path.read_text()
    done = ftsafety("accept", ran, "--by", OWNER)
    assert done.status == 2 and "FTS-113" in done.err and path.read_text() == before
    done = ftsafety("accept", ran, "--by", "x", "--role", "produkt_owner")
    assert done.status == 2 and "product_owner" in done.err


def test_the_schemas_of_both_files_are_printed(ftsafety: Any) -> None:
    for kind in ("acceptance", "assessment"):
        schema = ftsafety("schema", kind)
        assert schema.status == 0 and "bound" in schema.data["required"]


def test_a_file_that_is_edited_after_it_was_taken_in_is_said_everywhere(ran: str, ftsafety: Any) -> None:
    path = filled(ran, ftsafety)
    assert ftsafety("accept", ran, "--file", str(path)).status == 0
    assert held(ran)[0]["body"]["file"]["path"] == f"reviews/{path.name}"
    before = ftsafety("gate", ran)
    assert before.status == 3 and "edited after" not in before.err
    assert ftsafety("verify", ran).status == 0
    path.write_text(path.read_text().replace("conditions: []", "conditions: [watched daily]"))

    said = f"reviews/{path.name} was edited after it was taken in as the risk acceptance of {OWNER}"
    gated = ftsafety("gate", ran)
    assert said in gated.err and gated.out == before.out, "the verdict is of what was taken in"
    (model,) = ftsafety("status", "--format", "json").data["models"]
    assert model["edited"][0].startswith(said)
    assert said in ftsafety("status").err
    checked = ftsafety("verify", ran, "--format", "json")
    assert checked.status == 5
    assert [row["name"] for row in checked.data["checks"] if not row["ok"]] == [f"taken in: reviews/{path.name}"]

    assert ftsafety("accept", ran, "--file", str(path)).status == 0, "taken in again"
    assert "edited after" not in ftsafety("gate", ran).err and ftsafety("verify", ran).status == 0
    path.unlink()
    assert "edited after" not in ftsafety("gate", ran).err and ftsafety("verify", ran).status == 0


def test_evidence_cannot_have_a_file_outside_the_project_looked_at(ran: str, tmp_path: Path, ftsafety: Any) -> None:
    path = filled(ran, ftsafety)
    outside = tmp_path.parent / f"{tmp_path.name}.yaml"
    outside.write_bytes(path.read_bytes())
    assert ftsafety("accept", ran, "--file", str(outside)).status == 0
    assert held(ran)[0]["body"]["file"]["path"] is None
    outside.write_text("edited")
    assert "edited after" not in ftsafety("gate", ran).err
    assert ftsafety("verify", ran).status == 0
    file = {**held(ran)[0]["body"]["file"], "path": f"../{outside.name}"}
    item = Evidence.from_json(held(ran)[0])
    RunFolder(Path(ran)).append_evidence(
        item.model_copy(update={"body": {**item.body, "file": file}}).sealed(Meta.now())
    )
    assert signed_files(RunFolder(Path(ran))) == []
