"""The batcher: equal settings, similar lengths, nobody starves."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from concurrent.futures import CancelledError

import pytest

from ftsafety_spec.providers.dynamic_batch import Batcher


class Recorder:
    """Doubles numbers; notes each batch. The first batch waits for `go`, so that others can queue up."""

    def __init__(self) -> None:
        self.batches: list[tuple[Hashable, list[int]]] = []
        self.go = threading.Event()
        self.begun = threading.Event()

    def run(self, key: Hashable, items: Sequence[int]) -> list[int]:
        self.begun.set()
        self.go.wait(10)
        self.batches.append((key, list(items)))
        return [2 * item for item in items]


def test_results_go_to_their_own_requests() -> None:
    recorder = Recorder()
    recorder.go.set()
    batcher = Batcher(8, recorder.run)
    futures = [batcher.submit(number % 3, number, number % 11) for number in range(100)]
    assert [future.result(10) for future in futures] == [2 * number for number in range(100)]
    batcher.close()
    assert sorted(item for _, items in recorder.batches for item in items) == list(range(100))


def test_batches_are_full_of_equal_keys_and_similar_lengths() -> None:
    recorder = Recorder()
    batcher = Batcher(4, recorder.run)
    batcher.submit("first", -1, 0)
    futures = [batcher.submit(number % 2, number, number // 2 % 4) for number in range(32)]
    recorder.go.set()
    for future in futures:
        future.result(10)
    batcher.close()
    later = recorder.batches[1:]
    assert len(later) == 8
    for key, items in later:
        assert len(items) == 4
        assert {item % 2 for item in items} == {key}
        assert len({item // 2 % 4 for item in items}) == 1


def test_the_oldest_request_is_always_in_the_next_batch() -> None:
    recorder = Recorder()
    batcher = Batcher(2, recorder.run)
    batcher.submit("first", -1, 0)
    oldest = batcher.submit("odd one out", 1000, 999)
    others = [batcher.submit("many", number, 1) for number in range(40)]
    recorder.go.set()
    assert oldest.result(10) == 2000
    for future in others:
        future.result(10)
    batcher.close()
    assert next(place for place, (_, items) in enumerate(recorder.batches) if 1000 in items) == 1


def test_a_failing_batch_fails_its_own_requests_only() -> None:
    def run(key: Hashable, items: Sequence[int]) -> list[int]:
        if key == "bad":
            raise ValueError("placeholder")
        return list(items)

    batcher = Batcher(4, run)
    good, bad = batcher.submit("good", 1, 1), batcher.submit("bad", 2, 1)
    assert good.result(10) == 1
    with pytest.raises(ValueError, match="placeholder"):
        bad.result(10)
    assert batcher.submit("good", 3, 1).result(10) == 3
    batcher.close()


def test_a_batch_with_too_few_results_is_a_fault() -> None:
    def run(key: Hashable, items: Sequence[int]) -> list[int]:  # noqa: ARG001
        return []

    batcher = Batcher(4, run)
    with pytest.raises(ValueError, match="shorter"):
        batcher.submit("a", 1, 1).result(10)
    batcher.close()


def test_closing_cancels_what_waits() -> None:
    recorder = Recorder()
    batcher = Batcher(1, recorder.run)
    running = batcher.submit("a", 1, 1)
    assert recorder.begun.wait(10)
    waiting = [batcher.submit("a", number, 1) for number in range(5)]
    threading.Timer(0.05, recorder.go.set).start()
    batcher.close()
    assert running.result(1) == 2
    with pytest.raises(CancelledError):
        waiting[-1].result(1)
    with pytest.raises(RuntimeError, match="closed"):
        batcher.submit("a", 1, 1)
