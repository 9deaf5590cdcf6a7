"""The gate in front of an engine: one stack at a time, nobody starves."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError

import pytest

from ftsafety_spec.providers.stack_gate import StackGate


class Engine:
    """Notes which stacks were in flight together, and the order in which calls began."""

    def __init__(self, seconds: float = 0.003) -> None:
        self.seconds = seconds
        self.lock = threading.Lock()
        self.running: list[str] = []
        self.began: list[str] = []
        self.mixed = 0
        self.most = 0

    def call(self, stack: str) -> str:
        with self.lock:
            self.running.append(stack)
            self.began.append(stack)
            self.mixed += len(set(self.running)) > 1
            self.most = max(self.most, len(self.running))
        time.sleep(self.seconds)
        with self.lock:
            self.running.remove(stack)
        return stack


def test_stacks_are_never_in_flight_together_and_slots_are_used() -> None:
    engine, gate = Engine(), StackGate(4)
    order = [f"s{number % 3}" for number in range(120)]
    futures = [gate.submit(stack, lambda stack=stack: engine.call(stack)) for stack in order]
    assert [future.result(10) for future in futures] == order
    gate.close()
    assert engine.mixed == 0
    assert engine.most == 4


def test_a_waiting_stack_is_served_after_at_most_a_turn() -> None:
    engine, gate = Engine(), StackGate(2, turns=6)
    first = [gate.submit("long", lambda: engine.call("long")) for _ in range(60)]
    late = gate.submit("short", lambda: engine.call("short"))
    assert late.result(10) == "short"
    assert engine.began.index("short") <= 6 + 2
    assert [future.result(10) for future in first] == ["long"] * 60
    gate.close()
    assert engine.mixed == 0


def test_a_failing_call_fails_alone() -> None:
    def fail() -> str:
        raise ValueError("placeholder")

    engine, gate = Engine(), StackGate(2)
    futures = [gate.submit("a", fail if number == 2 else lambda: engine.call("a")) for number in range(6)]
    with pytest.raises(ValueError, match="placeholder"):
        futures[2].result(10)
    assert [future.result(10) for number, future in enumerate(futures) if number != 2] == ["a"] * 5
    gate.close()


def test_a_call_that_is_cancelled_while_it_waits_never_runs() -> None:
    engine, gate = Engine(0.05), StackGate(1)
    running = gate.submit("a", lambda: engine.call("a"))
    waiting = [gate.submit("a", lambda: engine.call("a")) for _ in range(3)]
    assert waiting[0].cancel()
    assert [running.result(5), waiting[1].result(5), waiting[2].result(5)] == ["a"] * 3
    gate.close()
    assert len(engine.began) == 3


def test_closing_ends_what_runs_and_cancels_what_waits() -> None:
    engine, gate = Engine(0.05), StackGate(1)
    running = gate.submit("a", lambda: engine.call("a"))
    waiting = gate.submit("b", lambda: engine.call("b"))
    gate.close()
    assert running.result(0) == "a"
    with pytest.raises(CancelledError):
        waiting.result(0)
    with pytest.raises(RuntimeError, match="closed"):
        gate.submit("a", lambda: "a")
    assert engine.began == ["a"]
