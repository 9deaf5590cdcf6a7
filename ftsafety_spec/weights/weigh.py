"""All analyses of files for one variant and its base (R-55, R-60): sizes and ranks of the change, tokens, settings, an
adapter's folder. Given two requests, gives the typed report that evidence carries. Reads files, runs nothing, and calls
nothing safe: what it names is where to look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.lora_gguf import MODULES
from ftsafety_spec.records.weights import WeightFinding, WeightReport
from ftsafety_spec.spec.common import Severity
from ftsafety_spec.weights.adapters import scrutinise, update_sizes
from ftsafety_spec.weights.delta import Delta, RowDelta, TensorDelta, compare_weights
from ftsafety_spec.weights.settings import Difference, brought_along, compare_settings
from ftsafety_spec.weights.tensors import Tensor, tensors_of

STANDS_OUT = 20.0
"""Robust standard deviations from which a row of an embedding stands out of its neighbours."""
MOST_ROWS, MOST_TENSORS = 64, 400
_SEVERITY: dict[str, Severity] = {"tokenizer": "medium", "chat_template": "medium", "config": "low",
                                  "generation_config": "low"}  # fmt: skip
Seen = Callable[[int], None]


def weigh(base: Request, tuned: Request, *, seen: Seen | None = None, threads: int = 2) -> WeightReport:
    """Whatever the two have on disk, compared. Raises InputError FTS-111, FTS-124 for files that cannot be read."""
    one, other = _place(base), _place(tuned)
    analyses: dict[str, Any] = {}
    findings: list[WeightFinding] = []
    if one != other:
        delta = compare_weights(one, other, threads=threads, most_rows=MOST_ROWS, seen=seen)
        analyses |= {"delta": _delta_figures(delta), "rank": _ranks(delta.tensors), "embeddings": _rows(delta.rows)}
        findings += [*_delta_findings(delta), *_row_findings(delta.rows)]
        analyses["settings"], more = _settings(compare_settings(one, other), "settings")
        findings += more
    under = {name for name, _, _ in base.stack}
    stack = [(name, tuned.root / entry.path, scale) for name, entry, scale in tuned.stack if name not in under]
    if stack:
        sized, more = _adapters(one, stack)
        analyses |= sized if one == other else {"adapters": sized["delta"]}
        analyses["scrutiny"] = {
            name: [item.id for item in more if item.id.startswith(f"{name}-")] for name, _, _ in stack
        }
        findings += more
        brought = [item for _, path, _ in stack for item in brought_along(one, path)]
        analyses["brought"], odd = _settings(brought, "brought")
        findings += odd
    kinds = ("tokenizer", "chat_template", "generation_config")
    told = [*analyses.get("settings", {}).get("differences", []), *analyses.get("brought", {}).get("differences", [])]
    for kind in kinds:
        analyses[kind] = {"differences": [row for row in told if row["analysis"] == kind]}
    return WeightReport(analyses=analyses, findings=tuple(findings), variant=tuned.variant)


def _place(request: Request) -> Path:
    return request.root / Path(request.entry.path or "").expanduser()


def _delta_figures(delta: Delta) -> dict[str, Any]:
    changed = delta.changed
    return {
        "tensors": len(delta.tensors),
        "changed": len(changed),
        "only_base": list(delta.only_base[:20]),
        "only_tuned": list(delta.only_tuned[:20]),
        "reshaped": list(delta.reshaped[:20]),
        "sizes": _sizes(delta.tensors),
    }


def _sizes(tensors: Iterable[TensorDelta]) -> list[dict[str, Any]]:
    """Relative size of the change by layer and module, as a heat map has it; vectors are left out."""
    rows = [item for item in tensors if len(item.shape) == 2 and item.relative is not None]
    return [
        {"layer": item.layer, "module": item.module, "relative": round(float(item.relative or 0.0), 6)}
        for item in rows[:MOST_TENSORS]
    ]


def _ranks(tensors: Iterable[TensorDelta]) -> dict[str, Any]:
    found = sorted({item.rank for item in tensors if item.rank is not None and item.changed > 0})
    return {"least": found[0] if found else None, "most": found[-1] if found else None}


def _rows(rows: Sequence[RowDelta]) -> dict[str, Any]:
    return {
        "rows": [{"tensor": r.tensor, "row": r.row, "size": round(r.size, 6), "score": round(r.score, 2)} for r in rows]
    }


def _delta_findings(delta: Delta) -> Iterator[WeightFinding]:
    if not delta.changed and not (delta.only_tuned or delta.reshaped):
        yield _finding("delta", "unchanged", "Tuned is base", "medium", "No number of the weights differs from base's.")
    for names, word in (
        (delta.only_tuned, "base has not"),
        (delta.only_base, "it lacks"),
        (delta.reshaped, "are reshaped"),
    ):
        if names:
            sentence = f"{len(names)} tensors that {word}, such as {names[0]}."
            yield _finding("delta", f"tensors-{word.split()[-1]}", "Other tensors than base's", "medium", sentence)
    packed = [item for item in delta.changed if item.relative is None]
    if packed:
        sentence = f"{len(packed)} tensors hold packed integers: that they differ is known, not by how much."
        yield _finding("delta", "packed", "Packed weights", "low", sentence)


def _row_findings(rows: Sequence[RowDelta]) -> Iterator[WeightFinding]:
    tall = [row for row in rows if row.score >= STANDS_OUT]
    if tall and len(tall) < MOST_ROWS:
        first = ", ".join(str(row.row) for row in tall[:8])
        yield _finding(
            "embeddings",
            "rows",
            "Single tokens were retrained",
            "high",
            f"{len(tall)} rows of {tall[0].tensor} changed far more than the others: tokens {first}. Try them.",
            tall[0].score,
        )


def _settings(differences: Sequence[Difference], name: str) -> tuple[dict[str, Any], list[WeightFinding]]:
    rows = [{"analysis": d.analysis, "key": d.key, "base": d.base, "tuned": d.tuned} for d in differences]
    findings = []
    for kind in dict.fromkeys(item.analysis for item in differences):
        keys = [item.key for item in differences if item.analysis == kind]
        more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        what = kind.replace("_", " ")
        sentence = f"The {what} differs from base's: {', '.join(keys[:3])}{more}."
        findings.append(_finding(name, f"{name}-{kind}", f"Another {what}", _SEVERITY[kind], sentence))
    return {"differences": rows}, findings


def _adapters(base: Path, stack: Sequence[tuple[str, Path, float]]) -> tuple[dict[str, Any], list[WeightFinding]]:
    own = tensors_of(base)
    tensors = _by_training_name(own)
    sizes: list[TensorDelta] = []
    findings = []
    for name, path, scale in stack:
        if path.is_dir():
            sizes += update_sizes(path, tensors, scale)
        for odd in scrutinise(path, base.name):
            severity: Severity = "high" if odd.severity == "high" else "medium" if odd.severity == "medium" else "low"
            title = f"Adapter {name}: {odd.kind.replace('_', ' ')}"
            findings.append(
                _finding("scrutiny", f"{name}-{odd.kind}", title, severity, f"{odd.sentence.capitalize()}.")
            )
    figures = {"tensors": len(own), "changed": len({item.name for item in sizes if item.changed}),
               "sizes": _sizes(sizes)}  # fmt: skip
    return {"delta": figures, "rank": _ranks(sizes)}, findings


def _by_training_name(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a GGUF file under the names that adapters know as well."""
    known = {f"{short}.weight": long for long, short in MODULES.items()}
    found = dict(tensors)
    for name, tensor in tensors.items():
        block, _, rest = name.removeprefix("blk.").partition(".")
        if name.startswith("blk.") and rest in known:
            found[f"model.layers.{block}.{known[rest]}.weight"] = tensor
    return found


def _finding(
    analysis: str, name: str, title: str, severity: Severity, sentence: str, value: float | None = None
) -> WeightFinding:
    return WeightFinding(id=name, analysis=analysis, title=title, severity=severity, sentence=sentence, value=value)
