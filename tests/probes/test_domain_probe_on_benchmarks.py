"""Domain probing with real benchmark data at hand (R-25)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftsafety_spec.catalog.registry import BENCHMARKS
from ftsafety_spec.probes.domain import load
from ftsafety_spec.spec.red_team import Domain

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set"),
]


@pytest.mark.parametrize("name", ["medicine", "finance", "security"])
def test_prompts_of_other_benchmarks_join_and_keep_their_cluster(name: str, tmp_path: Path) -> None:
    data = Path(os.environ["FTSAFETY_DATA"])
    found = load(data, root=tmp_path, probes=200, domain=Domain(name=name, description=name))
    near = [prompt for prompt in found if str(prompt.metadata["origin"]).startswith("nearest:")]
    benchmarks = {str(prompt.metadata["origin"]).removeprefix("nearest:") for prompt in near}
    assert len(benchmarks) >= 3 and benchmarks <= set(BENCHMARKS.names())
    for benchmark in benchmarks:
        theirs = {prompt.cluster for prompt in BENCHMARKS.get(benchmark).prompts(data)}
        assert {p.cluster for p in near if p.metadata["origin"] == f"nearest:{benchmark}"} <= theirs
    assert len({prompt.cluster for prompt in found}) == len(found)
