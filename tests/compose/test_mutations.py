"""A thousand ways to break a good spec: each gives exit status 2 and names the file; no traceback, no hang."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.cli.main import main

GOOD = Path(__file__).parent / "project"
TEXT = (GOOD / "specs" / "support-bot.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines(keepends=True)
EACH = 48
"""Examples of each kind: 22 kinds make more than 1,000."""

FIELDS = re.findall(
    r"\w+",
    """defaults title owner policy models adapters deployment system_prompt generation temperature max_tokens risk
    exposure population autonomy scale tuning_data training method data hyperparameters repeats seed budget hours usd
    waivers reason expires provider path of deploy source url""",
)


def sub(pattern: str, new: str, dice: Random, text: str = TEXT) -> str:
    """Replace one of the pattern's matches."""
    found = list(re.finditer(pattern, text, re.MULTILINE))
    assert found, pattern
    match = dice.choice(found)
    return text[: match.start()] + match.expand(new) + text[match.end() :]


def wrong_key(dice: Random) -> str:
    return sub(rf"\b({dice.choice(FIELDS)}):", rf"\g<1>{dice.choice(['x', '_', 's2', '-'])}:", dice)


def wrong_type(dice: Random) -> str:
    if dice.random() < 0.5:
        numbers = ("temperature", "max_tokens", "repeats", "seed", "hours", "usd", "machine_usd_per_hour")
        key, value = dice.choice(numbers), dice.choice(["x", "[1]", "{a: 1}", "yes", "'1'"])
        return sub(rf"\b{key}: +[0-9.]+", rf"{key}: {value}", dice)
    texts = ("title", "owner", "policy", "method", "exposure", "reason", "expires", "system_prompt")
    key, value = dice.choice(texts), dice.choice(["[x]", "{a: 1}", "1", "no"])
    return sub(rf"^( *){key}: .*$", rf"\1{key}: {value}", dice)


def huge_number(dice: Random) -> str:
    number = dice.choice(["-", ""]) + str(10 ** dice.choice([17, 30, 400, 3999]) + dice.randrange(9))
    return sub(r"\b(temperature|max_tokens|repeats|seed|hours|usd): [0-9.]+", rf"\1: {number}", dice)


def not_finite(dice: Random) -> str:
    value = dice.choice([".inf", "-.inf", ".nan", "1e999"])
    return sub(r"\b(temperature|hours|usd|machine_usd_per_hour|tone): [0-9.]+", rf"\1: {value}", dice)


def tab(dice: Random) -> str:
    return sub(r"^ +(?=[a-z-])", "\t", dice)


def unclosed_bracket(dice: Random) -> str:
    return sub(r"[}\]]", "", dice)


def duplicate_key(dice: Random) -> str:
    simple = [index for index, line in enumerate(LINES) if re.match(r"^ *[a-z_]+: +[^\s#]", line)]
    index = dice.choice(simple)
    return "".join([*LINES[: index + 1], LINES[index], *LINES[index + 1 :]])


def not_utf8(dice: Random) -> bytes:
    data, at = TEXT.encode(), dice.randrange(len(TEXT))
    return data[:at] + dice.choice([b"\xff", b"\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8"]) + data[at:]


def control_character(dice: Random) -> str:
    at = dice.randrange(len(TEXT))
    return TEXT[:at] + dice.choice("\x00\x01\x07\x1b\x7f\ufffe") + TEXT[at:]


def empty(dice: Random) -> str:
    return dice.choice(["", "\n", "   ", "# nothing\n", "---\n", "null\n", "~", "--- # x\n...\n", "''", "0"])


def loop(dice: Random) -> str:
    knot = dice.choice(["&k {a: *k}", "&k [*k]", "&k {a: [1, {b: *k}]}", "&k {<<: *k}"])
    return sub(r"^  hyperparameters: .*$", f"  hyperparameters: {{x: {knot}}}", dice)


def alias_bomb(dice: Random) -> str:
    wide, deep = dice.randrange(8, 12), dice.randrange(6, 9)
    rungs = [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * wide)}]" for n in range(deep)]
    return TEXT.replace("  hyperparameters:", "  bomb:\n" + "\n".join("  " + rung for rung in rungs) + "\n  more:", 1)


def deep(dice: Random) -> str:
    depth = dice.choice([60, 400, 3000, 20000])
    opening, closing = dice.choice([("[", "]"), ("{a: ", "}")])
    return sub(r"^  hyperparameters: .*$", f"  hyperparameters: {{x: {opening * depth}{closing * depth}}}", dice)


def huge_file(dice: Random) -> str:
    return TEXT + "# x\n" * (70_000 + dice.randrange(9))


def target(dice: Random) -> str:
    return sub(r"^( *)(?=[a-z]+: )", rf"\1{dice.choice(['_target_', '_args_', '_partial_'])}: os.system\n\1", dice)


def resolver(dice: Random) -> str:
    value = dice.choice(["${oc.env:HOME}", "${now:%Y}", "'a ${x:1}'", "'${oc.env:HOME,x}'", "'${a.${b}}'", "'${'"])
    return sub(r"^( *[a-z_]+: +)[^\s{#].*$", lambda_free(value), dice)


def lambda_free(value: str) -> str:
    return r"\1" + value.replace("\\", r"\\")


def hydra_block(dice: Random) -> str:
    block = dice.choice(["hydra: {run: {dir: x}}", "hydra: null", "hydra:\n  searchpath: [file:///tmp]", "hydra: x"])
    return TEXT + block + "\n" if dice.random() < 0.5 else sub(r"^title: ", block + "\n" + "title: ", dice)


def policy_inside(dice: Random) -> str:
    rules = dice.choice(["{rules: {bands: null}}", "{title: t}", "\n  rules: {}", "[acme]"])
    if dice.random() < 0.5:
        return sub(r"^policy: acme.*$", f"policy: {rules}", dice)
    return TEXT + dice.choice(["rules", "policies", "actions", "adjust"]) + ": {bands: null}\n"


def self_extension(dice: Random) -> str:
    return sub(r"^  - (ftsafety/adapter@_here_.*|_self_)$", r"  - support-bot@_here_\n  - \1", dice)


def missing_default(dice: Random) -> str:
    name = dice.choice(["nowhere", "ftsafety/nowhere", "../x", "/etc/passwd", "x.yaml", "a b", "no$pe"])
    return sub(r"ftsafety/adapter(?=@)|ftsafety/standard|retail-banking(?= )", name.replace("\\", ""), dice)


def list_for_mapping(dice: Random) -> str:
    key = dice.choice(["models", "adapters", "deployment", "risk", "training", "waivers"])
    text = re.sub(
        rf"^{key}:.*\n(?:[ ]+.*\n|\n)*", f"{key}: {dice.choice(['[]', '[a, b]', '[{a: 1}]'])}\n", TEXT, flags=re.M
    )
    assert text != TEXT
    return text


def bad_defaults(dice: Random) -> str:
    line = dice.choice(["- 3", "- {a: 1, b: 2}", "- [x]", "- null", "- optional x@_here_", "- hydra/job: x", "- x: y"])
    return sub(r"^  - _self_$", f"  {line}\n  - _self_", dice)


MUST_FAIL: list[Callable[[Random], str | bytes]] = [
    wrong_key,
    wrong_type,
    huge_number,
    not_finite,
    tab,
    unclosed_bracket,
    duplicate_key,
    not_utf8,
    control_character,
    empty,
    loop,
    alias_bomb,
    deep,
    huge_file,
    target,
    resolver,
    hydra_block,
    policy_inside,
    self_extension,
    missing_default,
    list_for_mapping,
    bad_defaults,
]


def noise(dice: Random) -> str | bytes:
    """Cuts, swaps, stray characters: some of them leave the spec as good as it was."""
    at, other = dice.randrange(len(TEXT)), dice.randrange(len(LINES))
    stray = dice.choice("{}[]:,&*!|>'\"%@`#-?$\\\n \t0aß…\U0001f600")
    options: list[str | bytes] = [
        TEXT[:at],
        TEXT[:at] + TEXT[at + dice.randrange(1, 40) :],
        TEXT[:at] + stray + TEXT[at:],
        TEXT[:at] + stray + TEXT[at + 1 :],
        "".join(LINES[:other] + LINES[other + 1 :]),
        "".join(dice.sample(LINES, len(LINES))),
        TEXT.encode()[:at] + bytes([dice.randrange(256)]) + TEXT.encode()[at + 1 :],
    ]
    return dice.choice(options)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("mutations") / "p"
    shutil.copytree(GOOD, root)
    with contextlib.chdir(root):
        yield root


def validate(project: Path, content: str | bytes) -> tuple[int, str]:
    """Exit status and standard error of `ftsafety validate` on this content."""
    path = project / "specs" / "support-bot.yaml"
    path.unlink(missing_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    errors = io.StringIO()
    begin = time.monotonic()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        status = main(["validate", "specs/support-bot.yaml"])
    assert time.monotonic() - begin < 20, "a mistake may not make it slow"
    return status, errors.getvalue()


def test_the_spec_that_is_mutated_is_good(project: Path) -> None:
    assert validate(project, TEXT) == (0, "")


@pytest.mark.parametrize("kind", MUST_FAIL, ids=lambda kind: kind.__name__)
def test_each_of_these_mistakes_is_always_refused(project: Path, kind: Callable[[Random], str | bytes]) -> None:
    @settings(max_examples=EACH, derandomize=True, deadline=None, database=None)
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        status, errors = validate(project, kind(Random(seed)))
        assert status == 2, f"{kind.__name__} {seed}: exit status {status}"
        assert "specs/support-bot.yaml" in errors, f"{kind.__name__} {seed}: no file named"
        assert "Traceback" not in errors and re.search(r"See FTS-1\d\d\.", errors), f"{kind.__name__} {seed}"

    check()


def test_noise_is_refused_or_does_no_harm(project: Path) -> None:
    seen = {0: 0, 2: 0}

    @settings(max_examples=2 * EACH, derandomize=True, deadline=None, database=None)
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        status, errors = validate(project, noise(Random(seed)))
        assert status in (0, 2), f"{seed}: exit status {status}"
        assert "Traceback" not in errors, seed
        assert status == 0 or re.search(r"See FTS-1\d\d\.", errors), seed
        seen[status] += 1

    check()
    assert seen[2] > EACH // 2, "most noise breaks something"


def test_these_are_a_thousand_mutations() -> None:
    assert len(MUST_FAIL) * EACH >= 1000
