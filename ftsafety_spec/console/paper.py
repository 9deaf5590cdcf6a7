"""Templates to pages: every value is escaped by Jinja2 and its hidden characters made visible, as in the report, whose
blocks are printed by the same macros. Given a template's name and values, gives HTML."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.safe import visible

if TYPE_CHECKING:
    from jinja2 import Environment

DECISION_TONE = {"go": "deploy", "pending": "insufficient", "no_go": "block", "expired": "review", "unjudged": "info"}
STATE_WORD: dict[str, str] = {
    **{str(name): word for name, word in words.DECISION.items()},
    "expired": "Expired",
    "unjudged": "Not judged",
}
TABS = (
    ("", "Verdict"),
    ("metrics", "Metrics"),
    ("pairs", "Answers side by side"),
    ("review", "Review"),
    ("redteam", "Red team"),
    ("explain", "Explain"),
    ("made-of", "Made of"),
)
"""Pages of a run: the end of the address, and the title."""
PLACES = (
    {"id": "redteam", "path": "/redteam", "title": "Red team"},
    {"id": "policies", "path": "/policies", "title": "Policies"},
)
"""Entries of the navigation beside the runs: id, path, title."""


def page(template: str, **values: Any) -> str:
    """A whole page, or a part of one."""
    return environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the console, and those of the report behind them."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([PackageLoader("ftsafety_spec.console"), PackageLoader("ftsafety_spec.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        zone_words=words.ACTION,
        action_words=words.ACTION,
        state_words=STATE_WORD,
        state_tones=DECISION_TONE,
        link=link,
        tabs=TABS,
        places=PLACES,
        count=numbers.count,
        percent=numbers.percent,
        plural=numbers.plural,
        outcome_words=words.outcome,
        area_words=words.area,
        plain=words.plain,
    )
    made.tests["mark"] = lambda value: type(value).__name__ == "Mark"
    made.tests["code"] = lambda value: type(value).__name__ == "Code"
    return made


def link(*parts: str, **query: object) -> str:
    """An address within the console: every part and value quoted, so that no name leads anywhere else."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    given = {name.rstrip("_"): str(value) for name, value in query.items() if value not in (None, "")}
    return path + (f"?{urlencode(given)}" if given else "")


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value
