"""Probes that a model wrote for a domain, kept in the project. Given a domain, gives what was written and checked.
Never asks a model: `ftsafety redteam write` does, so that a plan gives the same prompts whenever it is made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import digest_of, now
from ftsafety_spec.spec.red_team import Domain

FOLDER = Path(".ftsafety") / "redteam" / "domain"
Row = dict[str, str]


def written_path(root: Path, domain: Domain) -> Path:
    """Where the probes of a domain lie: a change of its name, description or categories makes another file."""
    return root / FOLDER / f"{domain.name}-{domain_digest(domain).removeprefix('sha256:')[:12]}.json"


def domain_digest(domain: Domain) -> str:
    """Digest of what a writer is told of a domain."""
    return digest_of([domain.name, domain.description, domain.categories])


def written_prompts(root: Path, domain: Domain) -> list[Prompt]:
    """The probes written for this domain, in file order; none where nobody wrote any. Raises InputError FTS-122 where
    the file was changed since, FTS-112 where it is none of ours."""
    path = written_path(root, domain)
    if not path.is_file():
        return []
    try:
        said = json.loads(path.read_bytes())
        rows, origin = list(said["probes"]), f"written:{said['writer']}"
        prompts = [_prompt(domain, number, row, origin) for number, row in enumerate(rows, start=1)]
        changed = said["digest"] != digest_of(rows)
    except (ValueError, KeyError, TypeError) as error:
        raise _bad(path, root, "this is no file of written probes.", "FTS-112") from error
    if changed:
        raise _bad(path, root, "the written probes were changed after they were checked.", "FTS-122")
    return prompts


def save_written(root: Path, domain: Domain, writer: str, rows: Sequence[Row], made: dict[str, Any]) -> Path:
    """Write the checked probes: rows of text, kind, category, area. `made`: how, counted; gives the file."""
    path = written_path(root, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [dict(row) for row in rows]
    content = {
        "domain": domain.name,
        "writer": writer,
        "at": now(),
        "made": made,
        "digest": digest_of(listed),
        "probes": listed,
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


def _prompt(domain: Domain, number: int, row: Row, origin: str) -> Prompt:
    kind = row["kind"]
    if kind not in ("harmful", "borderline"):
        raise ValueError(kind)
    return Prompt(
        f"{domain.name}-written-{number:03d}",
        row["text"],
        "harmful" if kind == "harmful" else "borderline",
        row["category"],
        row["area"],
        metadata={"origin": origin},
    )


def _bad(path: Path, root: Path, message: str, code: str) -> InputError:
    hint = "Remove it, and have them written again: `ftsafety redteam write SPEC`."
    return InputError(message, code=code, where=Where(str(path.relative_to(root))), hint=hint)
