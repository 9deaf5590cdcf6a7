"""A grader never grades with a model under test unless the spec says so. Given who answers and who grades, gives a
warning for each that is allowed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.graders.panel import Behind, Panel
from ftsafety_spec.records.identity import Identity


def own_judges(panel: Panel, identities: Mapping[str, Identity]) -> list[str]:
    """Sentences on graders whose model is under test. Raises InputError FTS-127 where the spec does not allow it."""
    found: dict[str, tuple[Behind, list[str]]] = {}
    for behind in panel.behind.values():
        variants = [name for name, identity in identities.items() if behind.identity.same_model(identity)]
        if variants:
            found[behind.id] = behind, variants
    for name, (behind, variants) in found.items():
        if not behind.may_grade_itself:
            raise InputError(
                f"the grader model {name} is a model under test: {', '.join(variants)}.",
                code="FTS-127",
                where=Where(key=f"grader_models.{name}"),
                hint="Take another model, or say `may_grade_itself: true`, which the report then names.",
            )
    return [
        f"{_served(panel, name)} grade with a model under test ({name} is {', '.join(variants)}), as the spec allows"
        for name, (_, variants) in found.items()
    ]


def _served(panel: Panel, model: str) -> str:
    return " and ".join(sorted(name for name, behind in panel.behind.items() if behind.id == model))
