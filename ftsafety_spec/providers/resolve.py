"""All variants of a spec resolved together: one engine, files there, jobs made of the base they are held against."""

from __future__ import annotations

from collections.abc import Mapping

from ftsafety_spec.providers.base import PROVIDERS, Request, one_engine_only


def resolve_all(requests: Mapping[str, Request], against: Mapping[str, str]) -> dict[str, Request]:
    """Every request resolved by its provider. `against`: tuned variant to the base that it is compared with.
    Raises InputError (FTS-104, FTS-110, FTS-111, FTS-120, FTS-123, FTS-124)."""
    one_engine_only(requests)
    resolved = {name: PROVIDERS.get(item.definition.kind).resolve(item) for name, item in requests.items()}
    for tuned, base in against.items():
        if resolved[tuned].entry.job is not None:
            from ftsafety_spec.providers.openai_jobs import check_job_base

            check_job_base(resolved[base], resolved[tuned])
    return resolved
