"""Graders for a terminal: what each reads and how often it errs. Given names and records, gives plain rows and prints
them. Measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import one_line
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from ftsafety_spec.graders.certified import Certificates
    from ftsafety_spec.records.certificate import Certificate

Row = dict[str, Any]

FIGURES = ("f1", "precision", "recall", "accuracy", "kappa", "sensitivity", "specificity", "unscored")
UNKNOWN = "no certificate: its error is unknown"
STALE = "no valid certificate: it was made for another version"


def rows() -> list[Row]:
    """One row a grader. A grader that does not load says so in its row."""
    from ftsafety_spec.graders.base import GRADERS

    certificates = _certificates()
    return [_row(name, certificates) for name in GRADERS.names()]


def details(name: str) -> Row:
    """One grader, with its certificates whole. Raises NotFoundError, InputError."""
    from ftsafety_spec.graders.base import GRADERS, NeedsModel

    grader, certificates = GRADERS.get(name), _certificates()
    kinds = {kind: list(grader.outcomes(kind)) for kind in get_args(PromptKind)}
    return {
        **_row(name, certificates),
        "version": grader.version,
        "identity": None if isinstance(grader, NeedsModel) else grader.identity(),
        "kinds": {kind: outcomes for kind, outcomes in kinds.items() if outcomes},
        "certificates": [item.to_json() for item in certificates.any_of(grader)],
    }


def print_list(found: Sequence[Row]) -> None:
    """The table of all graders."""
    lines = [(row["name"], row["origin"], ", ".join(row["reads"]) or None, _error(row)) for row in found]
    console().print(table(("name", "origin", "reads", "measured error"), lines))


def print_details(found: Row) -> None:
    """One grader; each of its certificates below it."""
    out = console()
    facts = [("name", found["name"]), ("version", found["version"]), ("origin", found["origin"])]
    facts.append(("identity", found["identity"] or "needs a model"))
    facts += [(f"reads {kind}", ", ".join(outcomes)) for kind, outcomes in found["kinds"].items()]
    out.print(table(("", ""), facts))
    if not found["certificates"]:
        out.print(_error(found))
    for certificate in found["certificates"]:
        print_certificate(certificate)


def print_certificate(data: Mapping[str, Any]) -> None:
    """A certificate: how it was made, its counts, its figures overall and by group, its thresholds."""
    out = console()
    out.print(f"\n{one_line(data['outcome'])} of {one_line(data['grader'])}, certificate {data['digest'][:19]}")
    models = ", ".join(data["models"]) or "models not named"
    out.print(f"{data['answers']} answers to {data['prompts']} prompts; {one_line(models)}; made {data['made']}")
    if data["source"]:
        out.print(f"labels: {one_line(data['source'])}")
    if data["held_out"]:
        out.print(f"read out of fold: {one_line(data['held_out'])}")
    if data["built_on"]:
        out.print(f"built with a look at the answers of: {one_line(', '.join(data['built_on']))}")
    confusion = data["scores"]["confusion"]
    columns = list(next(iter(confusion.values())))
    counts = [(label, *(line[column] for column in columns)) for label, line in confusion.items()]
    out.print(table(("people say", *columns), counts, right=range(1, len(columns) + 1)))
    lines = [(name, figure_text(data["scores"][name])) for name in (*FIGURES, "kappa_binary", "bias")]
    lines += [(name, figure_text(data["calibration"][name])) for name in ("ece", "brier")]
    out.print(table(("figure", "value, 95 % interval"), lines))
    _print_groups("model", data["by_model"])
    _print_groups("category", data["by_category"])
    thresholds = [(f"{x['sure']:.2f}", *(figure_text(x[name]) for name in _DECIDED)) for x in data["thresholds"]]
    out.print(table(("sure at least", *_DECIDED), thresholds))


def print_agreement(found: Sequence[Row]) -> None:
    """For each outcome with two graders: agreement, then ids; what has no second grader is named."""
    out = console()
    for row in found:
        if row["second"] is None:
            out.print(
                f"{one_line(row['outcome'])}: {one_line(row['primary'])} alone; no second grader read the answers"
            )
            continue
        kappa = figure_text({"value": row["kappa"], "interval": row["kappa_interval"]})
        out.print(
            f"{one_line(row['outcome'])}: {one_line(row['primary'])} and {one_line(row['second'])}: kappa {kappa}, "
            f"{row['agree']:.3f} of {row['both']} answers alike"
            if row["kappa"] is not None
            else f"{one_line(row['outcome'])}: no answer was read by both"
        )
        for answer in row["disagree"]:
            out.print(f"  {answer}")


def figure_text(figure: Mapping[str, Any]) -> str:
    """`0.896 (0.869 to 0.919)`; a dash for what is not known."""
    if figure["value"] is None:
        return "–"
    ends = figure["interval"]
    return f"{figure['value']:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


_DECIDED = ("decided", "error", "error_binary")


def _print_groups(noun: str, groups: Mapping[str, Any]) -> None:
    if not groups:
        return
    names = ("f1", "recall", "accuracy", "kappa", "unscored")
    lines = [(name, x["answers"], *(figure_text(x[key]) for key in names)) for name, x in groups.items()]
    console().print(table((noun, "answers", *names), lines, right=[1]))


def _row(name: str, certificates: Certificates) -> Row:
    from ftsafety_spec.errors import InputError
    from ftsafety_spec.graders.base import GRADERS, NeedsModel

    row: Row = {"name": name, "origin": GRADERS.origin(name), "reads": [], "needs_model": False}
    try:
        grader = GRADERS.get(name)
    except InputError as error:
        return {**row, "certified": [], "state": "broken", "problem": one_line(str(error), 300)}
    found = certificates.any_of(grader)
    reads = dict.fromkeys(outcome for kind in get_args(PromptKind) for outcome in grader.outcomes(kind))
    state = "valid" if found else "stale" if certificates.stale(grader) else "none"
    needs = isinstance(grader, NeedsModel)
    return {**row, "reads": list(reads), "needs_model": needs, "certified": [_short(x) for x in found], "state": state}


def _short(certificate: Certificate) -> Row:
    picked = {name: getattr(certificate.scores, name).model_dump(mode="json") for name in FIGURES}
    about = {name: getattr(certificate, name) for name in ("outcome", "answers", "prompts", "made", "readings")}
    return {**about, "digest": certificate.compute_digest(), **picked}


def _error(row: Row) -> str:
    if row["state"] == "broken":
        return f"does not load: {row['problem']}"
    if row["state"] == "stale":
        return STALE
    if not row["certified"]:
        return f"{UNKNOWN} (needs a model)" if row["needs_model"] else UNKNOWN
    return "; ".join(map(_in_short, row["certified"]))


def _in_short(item: Row) -> str:
    figures = f"F1 {figure_text(item['f1'])}, kappa {figure_text(item['kappa'])}"
    return f"{item['outcome']}: {figures}, {item['answers']} answers"


def _certificates() -> Certificates:
    from ftsafety_spec.cli.graders_certify import project_root
    from ftsafety_spec.graders.certified import certificates_of

    return certificates_of(project_root())
