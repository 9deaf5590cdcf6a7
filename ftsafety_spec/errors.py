"""Every error that a user can meet, as one coded tree. Given: what happened, where, how to mend it.
Gives: exceptions that `cli` prints without a traceback. Never imports anything of this package.

    FtsafetyError                     exit
    ├── InputError                       2   a file or an option that a user wrote
    │   ├── SpecError                    2   composition or validation of a YAML file; holds many Problems
    │   └── NotFoundError                2   a name that does not exist, with the nearest one
    ├── IncompleteError                  4   a run stopped before its tables were whole
    ├── VerificationError                5   a digest, signature or recomputation does not hold
    └── EngineError                      1   a model engine or server failed in a way that we cannot mend
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: code -> (short name, one sentence). `docs/errors.md` has one entry each; a test holds the two together.
CODES: dict[str, tuple[str, str]] = {
    "FTS-100": ("unreadable-file", "A file could not be read as UTF-8 YAML text."),
    "FTS-101": ("yaml-syntax", "A YAML file is not well formed."),
    "FTS-102": ("duplicate-key", "A mapping holds the same key twice."),
    "FTS-103": ("forbidden-content", "A file holds something that is never allowed in it."),
    "FTS-104": ("unknown-name", "A name is used that nothing defines."),
    "FTS-105": ("unknown-key", "A key is used that this kind of file does not have."),
    "FTS-106": ("wrong-value", "A value has the wrong type or lies outside what is allowed."),
    "FTS-107": ("missing-key", "A required key is missing."),
    "FTS-108": ("bad-defaults", "The defaults list cannot be composed."),
    "FTS-109": ("bad-override", "A command line override cannot be used."),
    "FTS-110": ("inconsistent-spec", "Parts of a spec contradict each other."),
    "FTS-111": ("missing-file", "A file that a spec or a command names does not exist."),
    "FTS-112": ("bad-prompts", "A prompt file holds rows that cannot be used."),
    "FTS-113": ("bad-project", "A project folder is laid out in a way that cannot work."),
    "FTS-114": ("locked", "An override or a policy is refused because the run is locked."),
    "FTS-115": ("bad-usage", "A command line cannot be understood."),
    "FTS-116": ("locked-rule", "A policy loosens what a policy that it extends has locked."),
    "FTS-117": ("weak-policy", "A policy cannot do what it is there for."),
    "FTS-120": ("not-installed", "An optional part that this needs is not installed."),
    "FTS-121": ("missing-data", "A benchmark's data is not at hand."),
    "FTS-122": ("wrong-digest", "A file's content differs from the pinned digest."),
    "FTS-123": ("missing-secret", "An environment variable that names a secret is not set."),
    "FTS-124": ("bad-weights", "Weights or an adapter are in a form that is refused or does not fit."),
    "FTS-125": ("bad-recording", "A file of recorded outputs cannot be used."),
    "FTS-126": ("bad-mapping", "An Inspect task's score cannot be mapped to an outcome."),
    "FTS-127": ("grader-model", "A grader's model is missing, or is one that it must not use."),
    "FTS-128": ("bad-labels", "A file of labels cannot be used."),
    "FTS-129": ("not-fetched", "Benchmark data could not be fetched from its home."),
    "FTS-130": ("no-run", "A folder is not a run folder, or a stage before this one has not run."),
    "FTS-131": ("stale-run", "A run folder holds measurements that no longer fit the spec."),
    "FTS-132": ("run-busy", "Another process is writing to this run folder."),
    "FTS-133": ("bad-key", "A signing key cannot be made, opened or used."),
    "FTS-134": ("bad-trust", "A file of trusted keys cannot be used, or nobody is trusted."),
    "FTS-135": ("another-model", "Another model answers under a provider's name than before."),
    "FTS-136": ("signed-elsewhere", "What a person signed is bound to other records than this run holds."),
    "FTS-137": ("mixed-cohort", "Fine-tunes that were not measured alike cannot be compared with each other."),
    "FTS-138": ("bad-sessions", "A file of manual red-team sessions cannot be used."),
    "FTS-139": ("bad-report", "A report of an evaluation made elsewhere cannot be used."),
    "FTS-140": ("incomplete", "A run stopped before everything was measured."),
    "FTS-141": ("engine", "A model engine failed."),
    "FTS-150": ("changed", "A file of a run differs from what was recorded."),
    "FTS-151": ("verdict-differs", "Recomputing the verdict gave another result."),
    "FTS-152": ("bad-signature", "A signed verdict is missing, not signed by a trusted key, or was changed."),
}


@dataclass(frozen=True)
class Where:
    """A place in a file: `line` and `column` count from 1; `key` is a dotted path."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return "  ".join(part for part in (place, self.key) if part)


@dataclass(frozen=True)
class Problem:
    """One mistake: what was found, what was expected, where, and how to mend it."""

    code: str
    message: str
    where: Where = field(default_factory=Where)
    hint: str | None = None
    snippet: str | None = None

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if str(self.where) else self.message
        tail = f" {self.hint}" if self.hint else ""
        return f"{head}{tail} See {self.code}."


class FtsafetyError(Exception):
    """The root: `code` leads to a page of `docs/errors.md`, `exit_status` is the command's."""

    exit_status = 1
    default_code = "FTS-141"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        where: Where | None = None,
        hint: str | None = None,
        problems: Sequence[Problem] | None = None,
    ) -> None:
        code = code or self.default_code
        if code not in CODES:
            raise ValueError(f"undocumented error code {code}")
        self.problems: tuple[Problem, ...] = tuple(problems or (Problem(code, message, where or Where(), hint),))
        self.code = self.problems[0].code
        super().__init__(message)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InputError(FtsafetyError):
    """Something that a user wrote cannot be used (exit status 2)."""

    exit_status = 2
    default_code = "FTS-106"


class SpecError(InputError):
    """All mistakes of a file at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s)", problems=problems)


class NotFoundError(InputError):
    """A name that nothing defines; the message names what exists and the nearest."""

    default_code = "FTS-104"

    def __init__(self, noun: str, name: str, known: Iterable[str], where: Where | None = None) -> None:
        self.name = name
        self.known = sorted(known)
        super().__init__(f"no such {noun}: {name!r}.", where=where, hint=suggest(name, self.known))


class IncompleteError(FtsafetyError):
    """A run stopped before its tables were whole (exit status 4); the message says how to go on."""

    exit_status = 4
    default_code = "FTS-140"


class VerificationError(FtsafetyError):
    """A run folder does not verify (exit status 5)."""

    exit_status = 5
    default_code = "FTS-150"


class EngineError(FtsafetyError):
    """A model engine or server failed in a way that cannot be mended here (exit status 1)."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to `name`, or None when nothing is close."""
    pool = list(known)
    close = difflib.get_close_matches(name, pool, n=1, cutoff=0.6)
    if close:
        return close[0]
    tails = {item.rsplit("/", 1)[-1]: item for item in pool}
    close = difflib.get_close_matches(name.rsplit("/", 1)[-1], list(tails), n=1, cutoff=0.6)
    return tails[close[0]] if close else None


def suggest(name: str, known: Iterable[str], most: int = 12) -> str:
    """A sentence that names the nearest valid name, else what exists."""
    pool = sorted(known)
    found = nearest(name, pool)
    if found is not None:
        return f"Did you mean {found}?"
    if not pool:
        return "None is defined."
    shown = ", ".join(pool[:most])
    return f"Known: {shown}{', …' if len(pool) > most else ''}."
