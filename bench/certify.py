"""Makes the certificates that are shipped with offline graders: `FTSAFETY_DATA=DIR python bench/certify.py [NAME…]`.

Labels are XSTest's (Röttger et al. 2024: answers of three models, each labelled by two people, their final label) for
graders of refusal, and the human-annotated ToxiGen statements (Hartvigsen et al. 2022; Hosseini et al. 2023) for the
grader of toxicity. A grader that was trained on its labels is read out of fold. With `--check` nothing is written: the
figures are made again and held against the shipped ones. Prints figures only: never a prompt, never an answer."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from ftsafety_spec.catalog.data_door import read_json
from ftsafety_spec.catalog.toxigen import STATEMENTS
from ftsafety_spec.graders import refusal_classifier, toxicity
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.graders.certified import certificate_text, read_certificate, shipped_path
from ftsafety_spec.graders.certify import Circumstances, Read, certificate_of, read_all
from ftsafety_spec.graders.labels import Label
from ftsafety_spec.graders.refusal_classifier_weights import weights_from
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.folder import write_atomically

MODELS = ("gpt4", "llama2orig", "mistralinstruct")
WORDS = {"1_full_compliance": "compliance", "2_full_refusal": "refusal", "3_partial_refusal": "partial"}
XSTEST = "XSTest v2 answers of three models, final label of two people (Röttger et al. 2024)"
TOXIGEN = "human-annotated ToxiGen statements (Hartvigsen et al. 2022; Hosseini et al. 2023)"
LEAST_FOLD = 100
BUILT_ON = ("llama2orig", "mistralinstruct")
"""Models whose answers were looked at while the rules' phrases were written; the classifier reads by these rules."""

Made = tuple[list[Label], list[Read], Circumstances]


def xstest_labels(data: Path) -> list[Label]:
    """The 3 × 450 labelled answers, by model and then in file order."""
    found = []
    for model in MODELS:
        path = data / "graders/xstest_human" / f"xstest_v2_completions_{model}_gpteval.csv"
        with path.open(encoding="utf-8", newline="") as handle:
            found += [_xstest_label(row, model) for row in csv.DictReader(handle)]
    return found


def toxigen_labels(data: Path) -> list[Label]:
    """The annotated statements as answers; equal texts share a prompt, and so a cluster. Category: the first of the
    groups that a statement mentions."""
    first: dict[str, int] = {}
    return [
        Label(
            id=str(number),
            prompt=f"annotated statement {first.setdefault(row['text'], number)}",
            response=row["text"],
            label="toxic" if row["label"] == "hate" else "not_toxic",
            category=sorted(row["target_groups"])[0],
        )
        for number, row in enumerate(read_json(data, STATEMENTS))
    ]


def refusal(data: Path) -> Made:
    """The rules as installed. Their phrases were written with a look at two of the models' answers."""
    labels = xstest_labels(data)
    how = Circumstances(_today(), XSTEST, built_on=BUILT_ON)
    return labels, asyncio.run(read_all(GRADERS.get("ftsafety/refusal"), labels, "refusal")), how


def toxicity_out_of_fold(data: Path) -> Made:
    """Each statement is read by weights that were learnt without any statement that mentions its group."""
    from train_toxicity import labelled, learn

    labels, held = toxigen_labels(data), labelled(data)
    sizes = {label.category: sum(other.category == label.category for other in labels) for label in labels}
    folds = [label.category if sizes[label.category] >= LEAST_FOLD else "others" for label in labels]
    reads: dict[int, Read] = {}
    shipped = toxicity.toxicity_model
    for fold in sorted(set(folds)):
        mine = [number for number, name in enumerate(folds) if name == fold]
        groups = {labels[number].category for number in mine}
        keep = [not (groups & mentioned) for mentioned in held.groups]
        model = learn(held.filled[keep], held.toxic[keep])
        toxicity.toxicity_model = lambda model=model: model  # type: ignore[assignment, misc]
        found = asyncio.run(read_all(toxicity.GRADER, [labels[number] for number in mine], "not_toxic"))
        reads.update(zip(mine, found, strict=True))
    toxicity.toxicity_model = shipped
    how = Circumstances(_today(), TOXIGEN, "out_of_fold", "all statements that mention the group of the statement")
    return labels, [reads[number] for number in range(len(labels))], how


def classifier_out_of_fold(data: Path) -> Made:
    """Each model's answers are read by weights that were learnt from the other two models' (and the written ones)."""
    from train_refusal_classifier import content, labelled, train

    labels = xstest_labels(data)
    reads: list[Read] = []
    shipped = refusal_classifier.shipped_weights
    for model in MODELS:
        learnt = content(train([row for other in MODELS if other != model for row in labelled(data, other)]))
        weights = weights_from(json.dumps(learnt).encode())
        refusal_classifier.shipped_weights = lambda weights=weights: weights  # type: ignore[assignment, misc]
        mine = [label for label in labels if label.model == model]
        reads += asyncio.run(read_all(refusal_classifier.GRADER, mine, "refusal"))
    refusal_classifier.shipped_weights = shipped
    how = Circumstances(_today(), XSTEST, "out_of_fold", "all answers of the answer's model", BUILT_ON)
    return labels, reads, how


MAKERS: dict[str, Callable[[Path], Made]] = {
    "ftsafety/refusal": refusal,
    "ftsafety/refusal_classifier": classifier_out_of_fold,
    "ftsafety/toxicity": toxicity_out_of_fold,
}


def make(name: str, data: Path) -> Certificate:
    """The certificate of an offline grader."""
    labels, reads, how = MAKERS[name](data)
    return certificate_of(GRADERS.get(name), labels, reads, how)


def same(name: str, made: Certificate) -> bool:
    """True where the shipped certificate says the same, whatever the date."""
    path = shipped_path(GRADERS.get(name))
    return path is not None and path.is_file() and read_certificate(path).figures() == made.figures()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or check, the named certificates; all where none is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*MAKERS, []], help="graders; left out: all of them")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a shipped one differs")
    options = parser.parse_args(arguments)
    data, differs = Path(os.environ["FTSAFETY_DATA"]), False
    for name in options.names or MAKERS:
        made = make(name, data)
        print(_line(made))
        if options.check:
            differs |= not same(name, made)
            print("  the same" if same(name, made) else "  DIFFERS from the shipped one")
            continue
        path = shipped_path(GRADERS.get(name))
        assert path is not None
        write_atomically(path, certificate_text(made))
        print(f"  wrote {path.name}, {path.stat().st_size} bytes")
    return int(differs)


def _line(made: Certificate) -> str:
    picked = ("f1", "precision", "recall", "accuracy", "kappa", "sensitivity", "specificity", "unscored")
    figures: dict[str, Any] = {name: getattr(made.scores, name) for name in picked}
    shown = ", ".join(f"{name} {x.value:.3f} ± {x.se:.3f}" for name, x in figures.items())
    return f"{made.grader} ({made.readings}, n = {made.answers}): {shown}"


def _xstest_label(row: dict[str, str], model: str) -> Label:
    kind = "harmful" if row["type"].startswith("contrast") else "benign"
    return Label(row["id"], row["prompt"], row["completion"], WORDS[row["final_label"]], row["type"], model, kind)  # type: ignore[arg-type]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
