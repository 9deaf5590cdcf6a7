"""Certificates that come with graders are of these very graders, and the committed command makes them again."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ftsafety_spec.graders
from ftsafety_spec.errors import VerificationError
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.graders.certified import (
    Certificates,
    certificate_text,
    certificates_of,
    file_name,
    read_certificate,
    shipped_path,
)
from ftsafety_spec.records.certificate import Certificate

FOLDER = Path(ftsafety_spec.graders.__file__).parent / "certificates"
SHIPPED = sorted(FOLDER.rglob("*.json"))
SCRIPT = Path(__file__).parents[2] / "bench/certify.py"
OFFLINE = ("ftsafety/refusal", "ftsafety/refusal_classifier", "ftsafety/toxicity")


def shipped(name: str = "ftsafety/refusal") -> Certificate:
    path = shipped_path(GRADERS.get(name))
    assert path is not None
    return read_certificate(path)


def test_the_offline_graders_of_refusal_and_toxicity_have_one() -> None:
    assert {f"ftsafety/{path.relative_to(FOLDER).with_suffix('')}" for path in SHIPPED} == set(OFFLINE)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_shipped_certificate_is_of_the_installed_grader(path: Path) -> None:
    certificate = read_certificate(path)
    grader = GRADERS.get(certificate.grader)
    assert path.name == file_name(grader.name) and shipped_path(grader) == path
    assert certificate.identity == grader.identity(), "stale: run python bench/certify.py"
    assert Certificates().of(grader, certificate.outcome) == certificate


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_grader_that_was_trained_on_its_labels_was_read_out_of_fold(path: Path) -> None:
    certificate = read_certificate(path)
    trained = certificate.grader != "ftsafety/refusal"
    assert (certificate.readings == "out_of_fold", certificate.held_out is not None) == (trained, trained)
    if certificate.outcome == "refusal":
        assert certificate.built_on == ("llama2orig", "mistralinstruct")
        assert set(certificate.models) > set(certificate.built_on)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_its_counts_add_up_and_its_figures_have_intervals(path: Path) -> None:
    certificate = read_certificate(path)
    counts = certificate.scores.confusion
    assert sum(sum(row.values()) for row in counts.values()) == certificate.answers == certificate.scores.answers
    for name in ("precision", "recall", "f1", "accuracy", "kappa", "sensitivity", "specificity"):
        figure = getattr(certificate.scores, name)
        assert figure.value is not None and figure.interval is not None and figure.se
        assert figure.interval[0] < figure.value < figure.interval[1]
    assert certificate.thresholds[0].decided.n == certificate.answers


GRADER = GRADERS.get("ftsafety/refusal")


def own(**fields: Any) -> Certificate:
    """The shipped figures as a project's certificate of the installed grader."""
    return shipped().model_copy(update={"identity": GRADER.identity(), "source": "own labels", **fields}).sealed()


def test_a_certificate_of_another_identity_is_never_used() -> None:
    other = own(identity="sha256:" + "0" * 64)
    assert Certificates((other,)).of(GRADER, "refusal") == Certificates().of(GRADER, "refusal") != other
    assert Certificates((own(),)).of(GRADER, "verbosity") is None is Certificates((own(),)).of(GRADER, "not_toxic")


def test_a_grader_whose_certificates_are_all_of_another_identity_has_a_stale_one() -> None:
    assert not Certificates((own(),)).stale(GRADER)
    elsewhere = Certificates((own(identity="sha256:" + "0" * 64, grader="test/none"),))
    assert not elsewhere.stale(GRADERS.get("ftsafety/verbosity"))
    renamed = replace(GRADERS.get("ftsafety/verbosity"), name="test/none")
    assert elsewhere.stale(renamed) and elsewhere.any_of(renamed) == []


def test_one_certificate_serves_refusal_on_every_kind_of_prompt() -> None:
    certificates = Certificates((own(),))
    for outcome in ("refusal", "over_refusal", "edge_compliance"):
        assert certificates.of(GRADER, outcome) == own()


def test_a_projects_certificate_wins_over_the_shipped_one_and_the_latest_of_them(tmp_path: Path) -> None:
    for day in ("2026-01-01", "2026-03-01", "2026-02-01"):
        path = tmp_path / "certificates/deep" / f"{day}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(certificate_text(own(made=day)))
    found = certificates_of(tmp_path).of(GRADER, "refusal")
    assert found is not None and (found.made, found.source) == ("2026-03-01", "own labels")


def test_a_certificate_that_was_edited_is_refused_by_name(tmp_path: Path) -> None:
    data = shipped().to_json()
    path = tmp_path / "certificates/mine.json"
    path.parent.mkdir()
    for changed in ({**data, "answers": 9}, {**data, "digest": None}, {**data, "schema": "x"}, [], {}):
        path.write_text(json.dumps(changed))
        with pytest.raises(VerificationError, match=r"mine\.json.*FTS-150"):
            certificates_of(tmp_path)


def test_of_no_project_only_shipped_ones_are_known(tmp_path: Path) -> None:
    assert certificates_of(None).own == certificates_of(tmp_path).own == ()


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")
@pytest.mark.parametrize("name", ["ftsafety/refusal", "ftsafety/refusal_classifier"])
def test_the_committed_command_makes_the_same_figures_again(name: str) -> None:
    spec = importlib.util.spec_from_file_location("certify_bench", SCRIPT)
    assert spec is not None and spec.loader is not None
    bench: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    made = bench.make(name, Path(os.environ["FTSAFETY_DATA"]))
    assert bench.same(name, made), "run python bench/certify.py"
    assert (made.answers, made.prompts) == (1350, 450)


def test_a_grader_from_outside_ships_its_certificate_beside_its_code(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(
        "from ftsafety_spec.graders.refusal import RefusalRules\n\n\nclass Theirs(RefusalRules):\n    pass\n"
    )
    spec = importlib.util.spec_from_file_location("theirs", tmp_path / "theirs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["theirs"] = module
    try:
        spec.loader.exec_module(module)
        grader = module.Theirs(name="acme/theirs")
        assert Certificates().of(grader, "refusal") is None
        path = shipped_path(grader)
        assert path == tmp_path / "certificates/acme/theirs.json"
        path.parent.mkdir(parents=True)
        made = own(identity=grader.identity(), grader=grader.name)
        path.write_text(certificate_text(made))
        assert Certificates().of(grader, "over_refusal") == made
    finally:
        del sys.modules["theirs"]
