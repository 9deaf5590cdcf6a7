"""R-55: what changed between two models' files, held against plain numpy on whole tensors."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.made_weights import model_of, write_safetensors

from ftsafety_spec.errors import InputError
from ftsafety_spec.weights.delta import compare_weights, layer_and_module
from ftsafety_spec.weights.tensors import PIECE, numbers, pieces, tensors_of

Q1 = "model.layers.1.self_attn.q_proj.weight"
EMBED = "model.embed_tokens.weight"


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "F64"])
def test_sizes_and_shares_are_those_of_whole_tensors(tmp_path: Path, kind: str) -> None:
    base = model_of()
    tuned = {**base, Q1: base[Q1] + 0.1 * np.outer(np.arange(48), np.ones(48))}
    delta = compare_weights(*(write_safetensors(tmp_path / n, t, kind) for n, t in (("a", base), ("b", tuned))))
    assert [item.name for item in delta.changed] == [Q1]
    found = delta.changed[0]
    expected = np.linalg.norm(tuned[Q1] - base[Q1]) / np.linalg.norm(base[Q1])
    assert found.relative == pytest.approx(expected, rel=2e-2)
    assert (found.layer, found.module, found.rank) == (1, "self_attn.q_proj", 1)
    assert found.changed > 0.9
    same = next(item for item in delta.tensors if item.name != Q1)
    assert (same.relative, same.changed, same.rank) == (0.0, 0.0, None) and same.cosine == pytest.approx(1)


@pytest.mark.parametrize("rank", [1, 4, 16])
@pytest.mark.parametrize("kind", ["F32", "BF16"])
def test_the_rank_of_an_update_stands_out_of_the_rounding(tmp_path: Path, kind: str, rank: int) -> None:
    random = np.random.default_rng(3)
    base = {"w": random.standard_normal((400, 300))}
    update = random.standard_normal((400, rank)) @ random.standard_normal((rank, 300)) * 0.1
    files = (write_safetensors(tmp_path / n, {"w": w}, kind) for n, w in (("a", base["w"]), ("b", base["w"] + update)))
    assert compare_weights(*files).changed[0].rank == rank


def test_rounding_alone_has_no_rank(tmp_path: Path) -> None:
    base = {"w": np.random.default_rng(0).standard_normal((300, 300))}
    delta = compare_weights(write_safetensors(tmp_path / "a", base), write_safetensors(tmp_path / "b", base, "BF16"))
    assert delta.tensors[0].changed > 0.5 and delta.tensors[0].rank == 0


def test_the_rows_of_retrained_tokens_come_first(tmp_path: Path) -> None:
    base = model_of()
    embed = base[EMBED] + 1e-4 * np.random.default_rng(1).standard_normal(base[EMBED].shape)
    embed[[7, 190]] += 0.5
    delta = compare_weights(
        *(write_safetensors(tmp_path / n, t) for n, t in (("a", base), ("b", {**base, EMBED: embed})))
    )
    assert {row.row for row in delta.rows[:2]} == {7, 190} and delta.rows[1].score > 100 > delta.rows[2].score


def test_tensors_that_one_lacks_and_other_shapes_are_named(tmp_path: Path) -> None:
    base = model_of()
    tuned = {name: array for name, array in base.items() if name != Q1} | {"extra": np.ones(3)}
    tuned[EMBED] = np.ones((210, 48))
    delta = compare_weights(*(write_safetensors(tmp_path / n, t) for n, t in (("a", base), ("b", tuned))))
    assert (delta.only_base, delta.only_tuned, delta.reshaped) == ((Q1,), ("extra",), (EMBED,))


def test_packed_integers_are_only_told_same_or_not(tmp_path: Path) -> None:
    packed = np.arange(64).reshape(8, 8)
    files = [write_safetensors(tmp_path / n, {"q": array}, "I32") for n, array in (("a", packed), ("b", packed + 1))]
    assert compare_weights(files[0], files[0]).changed == ()
    changed = compare_weights(*files).changed[0]
    assert (changed.relative, changed.changed) == (None, 1.0)


def test_shards_of_a_folder_are_one_model(tmp_path: Path) -> None:
    base = model_of()
    names = list(base)
    for number, chosen in enumerate((names[:3], names[3:])):
        write_safetensors(tmp_path / "sharded" / f"model-{number}.safetensors", {n: base[n] for n in chosen})
    whole = write_safetensors(tmp_path / "whole.safetensors", base)
    assert compare_weights(tmp_path / "sharded", whole).changed == ()


def test_memory_does_not_grow_with_a_tensor(tmp_path: Path) -> None:
    """96 MB a side; a reader of whole tensors would need three times as much more."""
    big = {"w": np.zeros((6000, 4000), dtype=np.float32)}
    files = [write_safetensors(tmp_path / name, big) for name in "ab"]
    tracemalloc.start()
    compare_weights(*files)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / 1e6 < 40


def test_eight_bit_floats_are_read_as_their_table_says() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    raw = bytes(range(256))
    for kind, form in (("F8_E4M3", torch.float8_e4m3fn), ("F8_E5M2", torch.float8_e5m2)):
        expected = torch.frombuffer(bytearray(raw), dtype=form).float().numpy()
        mine = numbers(raw, kind)
        assert np.array_equal(np.isfinite(expected), np.isfinite(mine))
        assert np.array_equal(expected[np.isfinite(expected)], mine[np.isfinite(mine)])


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:4], lambda raw: raw[: len(raw) - 100], lambda raw: b"\xff" * 8 + raw[8:]]
)
def test_a_damaged_file_is_an_error_with_its_name(tmp_path: Path, damage: object) -> None:
    path = write_safetensors(tmp_path / "m.safetensors", model_of())
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(InputError, match="cannot be read") as error:
        tensors_of(path)
    assert error.value.problems[0].where.file == str(path)


def test_pieces_join_to_the_tensor(tmp_path: Path) -> None:
    array = np.random.default_rng(0).standard_normal(2 * PIECE + 17).astype(np.float32)
    tensor = tensors_of(write_safetensors(tmp_path / "m.safetensors", {"v": array}))["v"]
    assert np.array_equal(np.concatenate([piece for _, piece in pieces(tensor)]), array)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.layers.3.self_attn.q_proj.weight", (3, "self_attn.q_proj")),
        ("blk.11.attn_q.weight", (11, "attn_q")),
        ("transformer.h.2.mlp.c_fc.weight", (2, "mlp.c_fc")),
        ("model.embed_tokens.weight", (None, "embed_tokens")),
    ],
)
def test_a_tensor_has_its_place(name: str, expected: tuple[int | None, str]) -> None:
    assert layer_and_module(name) == expected
