"""From names to locked records: specs, policies and providers composed by Hydra, validated by pydantic.
Gives frozen records with the place of every value, or every mistake of the files at once."""

from ftsafety_spec.compose.lock import lock_policy, lock_provider, lock_spec
from ftsafety_spec.compose.project import Named, Project, builtin_root, find_project, list_names

__all__ = [
    "Named",
    "Project",
    "builtin_root",
    "find_project",
    "list_names",
    "lock_policy",
    "lock_provider",
    "lock_spec",
]
