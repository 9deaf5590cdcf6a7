"""The report as one HTML file: no script, no outside request, a content security policy by hash, every string escaped.
Given a view, gives the page; templates are beside this file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ftsafety_spec.report import words
from ftsafety_spec.report.document import document
from ftsafety_spec.report.safe import visible
from ftsafety_spec.report.view import ReportView

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = "default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class HtmlRenderer:
    """`report.html`."""

    name: str = "html"
    filename: str = "report.html"

    def render(self, view: ReportView) -> str:
        """The page."""
        return page("report.html.j2", report=document(view))


def page(template: str, **values: Any) -> str:
    """One of this package's templates, with its style and the policy that allows no other."""
    environment = _environment()
    style = _style(environment)
    return environment.get_template(template).render(style=style, security=POLICY.format(style=_hash(style)), **values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ftsafety_spec.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["zone_words"] = words.ACTION
    environment.tests["mark"] = lambda value: type(value).__name__ == "Mark"
    environment.tests["code"] = lambda value: type(value).__name__ == "Code"
    return environment


def _shown(value: Any) -> Any:
    """Every printed string with its hidden characters made visible; marked-up pieces of templates pass."""
    return visible(value) if type(value) is str else value


def _style(environment: Environment) -> Any:
    from markupsafe import Markup

    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, "style.css")
    return Markup("\n" + source.strip() + "\n")


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(str(style).encode("utf-8")).digest()).decode("ascii")


RENDERER = HtmlRenderer()
