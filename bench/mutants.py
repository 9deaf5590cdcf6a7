"""Mutation tests of the gate and its rules: what no test notices. Runs mutmut (`[tool.mutmut]` of pyproject.toml) in
pieces that can be taken up again, and holds what is left against written reasons.

    python bench/mutants.py run [NAME …]   # rules.bands, people, …; left out, all that have no result yet
    python bench/mutants.py again          # those that survived, after tests were added
    python bench/mutants.py show [NAME …]  # what survived, as differences
    python bench/mutants.py write          # counts and reasons into bench/mutants.json and docs/mutants.md

`write` exits 1 where a survivor has no reason, or a reason no survivor; reasons are written into bench/mutants.json.
Left out of the mutants: prose (text with a space in it, lines that only make sentences: gold files hold those), one of
two alike changes (an argument that is dropped, where null in its place is tried), modules of words, made-up cases.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GATE = Path("ftsafety_spec/gate")
REASONS, PAGE = ROOT / "bench/mutants.json", ROOT / "docs/mutants.md"
NAME = re.compile(r"^[A-Za-z0-9_./:-]+$")
SURVIVED, KILLED = 0, (1, 3)
HEAD = """# Mutants of the gate

A mutant is the gate with one small change: a `<` that became `<=`, a result that became null. One that no test sees is
a hole in the tests, or a change that changes nothing. `make mutants` makes and tests them with
[mutmut](https://mutmut.readthedocs.io) (about half an hour of one core; not part of `.ci/run`), and
`python bench/mutants.py write` wrote this page: every survivor stands here with its reason.

Left out: prose (held by gold files, `tests/gate/gold`), modules of words and of made-up cases, and an argument that is
dropped where null in its place is tried.
"""


def main() -> int:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["run", "again", "show", "write"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()
    os.chdir(ROOT)
    if asked.what == "run":
        return run([f"ftsafety_spec.gate.{name}.*" for name in asked.names])
    if asked.what == "again":
        return run([mutant for _, mutant, status in results() if status is not None and status not in KILLED])
    if asked.what == "show":
        for found in survivors(asked.names):
            print(f"{found['file']} {found['in']}\n  - {found['was']}\n  + {found['is']}")
        return 0
    return write()


def run(mutants: list[str]) -> int:
    """Test some mutants, or all that have no result yet; mutmut's own exit status."""
    sys.path.pop(0)  # this folder: its files are no modules of the tests
    _fewer()
    from mutmut.__main__ import cli

    sys.argv = ["mutmut", "run", "--max-children", "1", *mutants]
    return int(cli(standalone_mode=False) or 0)


def _fewer() -> None:
    """Take prose, and changes that are like another one, out of what mutmut changes."""
    import libcst
    from mutmut.mutation import mutators

    texts, arguments = mutators.operator_string, mutators.operator_arg_removal

    def words(node: Any) -> Iterator[Any]:
        if isinstance(node, libcst.SimpleString) and NAME.match(str(node.raw_value)):
            yield from list(texts(node))[:1]

    def nulls(node: Any) -> Iterator[Any]:
        yield from (made for made in arguments(node) if len(made.args) == len(node.args))

    instead = {texts: words, arguments: nulls}
    mutators.mutation_operators[:] = [(kind, instead.get(how, how)) for kind, how in mutators.mutation_operators]


def results(names: list[str] | None = None) -> Iterator[tuple[str, str, int | None]]:
    """File below the gate, mutant, exit status of its tests (null: not tested yet)."""
    for path in sorted((ROOT / "mutants" / GATE).rglob("*.meta")):
        file = path.relative_to(ROOT / "mutants" / GATE).as_posix().removesuffix(".meta")
        if names and file.removesuffix(".py").replace("/", ".") not in names:
            continue
        for mutant, status in json.loads(path.read_text())["exit_code_by_key"].items():
            yield file, mutant, status


def survivors(names: list[str] | None = None) -> Iterator[dict[str, str]]:
    """Mutants that no test noticed: file, function, line as it was and as it became."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    for file, mutant, status in results(names):
        if status is not None and status not in KILLED:
            told = get_diff_for_mutant(mutant, path=GATE / file).splitlines()
            was, now = ([t[1:].strip() for t in told if t[:1] == mark and t[:3] != 3 * mark] for mark in "-+")
            function = mutant.rpartition(".")[2].removeprefix("x_").partition("__mutmut")[0]
            status_word = "" if status == SURVIVED else f" (status {status})"
            yield {"file": file, "in": function, "was": " ".join(was), "is": " ".join(now) + status_word}


def write() -> int:
    """Counts into the file of reasons, and the page. 1 where reasons and survivors do not fit."""
    kept = json.loads(REASONS.read_text(encoding="utf-8"))["kept"] if REASONS.is_file() else []
    known = {_key(row): row.get("why", "") for row in kept}
    found = [{**row, "why": known.pop(_key(row), "")} for row in survivors()]
    tested = list(results())
    counts = {
        file: [total, sum(1 for name, _, status in tested if name == file and status in KILLED)]
        for file, total in sorted(Counter(file for file, *_ in tested).items())
    }
    untested = sum(status is None for *_, status in tested)
    data = {"date": datetime.now(UTC).date().isoformat(), "counts": counts, "kept": found}
    REASONS.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(data), encoding="utf-8")
    bare = [row for row in found if not row["why"]]
    for row in bare:
        print(f"no reason: {row['file']} {row['in']}\n  - {row['was']}\n  + {row['is']}")
    for key in known:
        print(f"no such survivor: {' '.join(key)}")
    print(f"{len(tested)} mutants, {untested} not tested yet, {len(found)} survived, {len(bare)} without a reason")
    return 1 if bare or known or untested else 0


def _key(row: dict[str, str]) -> tuple[str, ...]:
    return row["file"], row["in"], row["was"], row["is"]


def page(data: dict[str, Any]) -> str:
    """The page, from counts and reasons."""
    total, killed = (sum(pair[n] for pair in data["counts"].values()) for n in (0, 1))
    lines = [HEAD, f"On {data['date']}: {total} mutants, {killed} noticed, {total - killed} not.", ""]
    lines += ["| file | mutants | noticed | kept with a reason |", "|---|---|---|---|"]
    lines += [f"| `{file}` | {all_} | {dead} | {all_ - dead} |" for file, (all_, dead) in data["counts"].items()]
    lines += ["", "## Kept, with the reason", ""]
    for row in data["kept"]:
        lines += [
            f"- `{row['file']}`, `{row['in']}`: {row['why']}",
            "  ```diff",
            f"  - {row['was']}",
            f"  + {row['is']}",
        ]
        lines += ["  ```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
