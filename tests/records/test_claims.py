"""How far a provider's claim carries: since when the same model answers, and which answers may be taken over (R-53)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftsafety_spec.errors import VerificationError
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.canary import CanaryAnswers
from ftsafety_spec.records.claims import NEVER, as_seen, canaries_of, present, reusable_from
from ftsafety_spec.records.identity import Identity, ProviderIdentity

WHO = Identity(kind="provider", engine="api", provider=ProviderIdentity(name="openai", model="m"))


def seen(day: int, name: str, identity: str = WHO.digest()) -> CanaryAnswers:
    return CanaryAnswers(identity=identity, at=f"2026-10-{day:02}T00:00:00Z", fingerprints=(name,))


@pytest.mark.parametrize(
    ("names", "kept"), [("aaa", "aaa"), ("aab", "b"), ("aabb", "bb"), ("aba", "a"), ("", "")], ids=lambda name: name
)
def test_what_came_before_another_model_is_left_out(names: str, kept: str) -> None:
    rows = [seen(day, name) for day, name in enumerate(names, start=1)]
    assert present(rows[::-1]) == rows[len(names) - len(kept) :], "whatever the order of the rows"


def test_answers_are_taken_over_for_so_many_days_and_of_the_present_model_only() -> None:
    rows = [seen(1, "a"), seen(2, "b"), seen(3, "b")]
    assert reusable_from(rows, 90, "2026-10-20T00:00:00Z") == "2026-10-02T00:00:00Z"
    assert reusable_from(rows, 10, "2026-10-20T00:00:00Z") == "2026-10-10T00:00:00Z"
    assert reusable_from([], 90, "2026-10-20T00:00:00Z") == NEVER, "never asked: nothing is"


def test_an_identity_as_seen_has_the_fingerprint_and_the_same_digest() -> None:
    found = as_seen(WHO, [seen(1, "a"), seen(2, "b"), seen(3, "b"), seen(4, "c", digest_text("somebody else"))])
    assert found.provider is not None and found.digest() == WHO.digest()
    dates = (found.provider.seen_from, found.provider.seen_to)
    assert (found.provider.fingerprint, *dates) == ("b", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z")
    assert as_seen(WHO, []) == WHO


def test_a_changed_row_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "canaries.jsonl").write_text('{"identity": "nobody"}\n')
    with pytest.raises(VerificationError):
        canaries_of(tmp_path)
