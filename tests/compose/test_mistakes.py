"""What people read when they err: place, what was found, what was expected, the nearest name, a code. Gold texts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ftsafety_spec.compose import find_project, lock_policy, lock_spec
from ftsafety_spec.errors import InputError

GOOD = Path(__file__).parent / "project"
SPEC, SUITE, POLICY = "specs/support-bot.yaml", "specs/suites/retail-banking.yaml", "policies/acme.yaml"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(GOOD, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return tmp_path / "p"


def change(file: str, old: str, new: str) -> None:
    text = Path(file).read_text(encoding="utf-8")
    assert old in text
    Path(file).write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(*overrides: str) -> InputError:
    with pytest.raises(InputError) as caught:
        locked = lock_spec(SPEC, overrides)
        lock_policy(locked.spec.policy, find_project(Path()))
    assert caught.value.exit_status == 2
    return caught.value


GOLD: list[tuple[str, str, str, str]] = [
    (
        SPEC,
        "repeats: 3",
        "repeat: 3",
        "specs/support-bot.yaml:34:1  repeat: no such key: 'repeat'. Did you mean repeats? See FTS-105.",
    ),
    (
        SPEC,
        "temperature: 0.7",
        "temprature: 0.7",
        "specs/support-bot.yaml:21:16  deployment.generation.temprature: no such key: 'temprature'. "
        "Did you mean temperature? See FTS-105.",
    ),
    (
        SPEC,
        "repeats: 3",
        "repeats: three",
        "specs/support-bot.yaml:34:10  repeats: found 'three', expected a whole number. See FTS-106.",
    ),
    (
        SPEC,
        "repeats: 3",
        'repeats: "3"',
        "specs/support-bot.yaml:34:10  repeats: found '3', expected a whole number. Remove the quotes. See FTS-106.",
    ),
    (
        SPEC,
        "method: lora",
        "method: no",
        "specs/support-bot.yaml:30:11  training.method: found false, expected text. YAML reads no, yes, on, off, true, "
        "false as truth values: quote the word to have it as text. See FTS-106.",
    ),
    (
        SPEC,
        "title: Support bot, autumn refresh",
        "title: 2026",
        "specs/support-bot.yaml:8:8  title: found 2026, expected text. YAML reads it as a number: quote it to have it "
        'as text, "2026". See FTS-106.',
    ),
    (
        SPEC,
        "exposure: public",
        "exposure: publik",
        "specs/support-bot.yaml:23:13  risk.exposure: found 'publik', expected one of public, partner, internal. "
        "Did you mean public? See FTS-106.",
    ),
    (
        SPEC,
        "repeats: 3",
        "repeats: [3",
        "specs/support-bot.yaml:35:5: not well-formed YAML: expected ',' or ']', but got ':' (while parsing a flow "
        "sequence). The bracket opens in line 34, column 10. See FTS-101.",
    ),
    (
        SPEC,
        "title: Support bot, autumn refresh",
        'title: "Support bot, autumn refresh',
        "specs/support-bot.yaml:8:8: not well-formed YAML: what is opened here is never closed. See FTS-101.",
    ),
    (
        SPEC,
        "  system_prompt",
        "\tsystem_prompt",
        "specs/support-bot.yaml:20:1: a tab cannot start a token in YAML. Indent with spaces. See FTS-101.",
    ),
    (
        SPEC,
        "repeats: 3",
        "repeats: 3\nrepeats: 4",
        "specs/support-bot.yaml:35:1  repeats: the key 'repeats' is already given in line 34. See FTS-102.",
    ),
    (
        SPEC,
        "method: lora",
        "_target_: os.system",
        "specs/support-bot.yaml:30:3  training._target_: _target_ is not allowed: files hold data, never code. "
        "See FTS-103.",
    ),
    (
        SPEC,
        "method: lora",
        "method: ${oc.env:HOME}",
        "specs/support-bot.yaml:30:11  training.method: a resolver such as ${oc.env:…} is not allowed: found "
        "'${oc.env:HOME}'. Secrets are named (api_key_env: OPENAI_API_KEY), never read into a record. See FTS-103.",
    ),
    (
        SPEC,
        "policy: acme  ",
        "policy: {rules: {bands: null}}  ",
        "specs/support-bot.yaml:10:9  policy: a spec names its policy; it never contains one. Write the rules to "
        "policies/NAME.yaml and say `policy: NAME` here. See FTS-103.",
    ),
    (
        SPEC,
        "repeats: 3",
        "repeats: 3\nrules: {bands: null}",
        "specs/support-bot.yaml:35:1  rules: policies are not written in a spec. Write them to policies/NAME.yaml. "
        "See FTS-103.",
    ),
    (
        SPEC,
        "ftsafety/adapter@_here_",
        "support-bot@_here_",
        "specs/support-bot.yaml:3:5  defaults: the spec extends itself: support-bot → support-bot. See FTS-108.",
    ),
    (
        SPEC,
        ": retail-banking",
        ": retail-bankin",
        "specs/support-bot.yaml:5:27  defaults: no such suite: 'retail-bankin'. Did you mean retail-banking? "
        "See FTS-104.",
    ),
    (
        SPEC,
        "ftsafety/adapter@_here_",
        "ftsafety/adapter",
        "specs/support-bot.yaml:3:5  defaults: 'ftsafety/adapter' would not extend this file. Write "
        "`- ftsafety/adapter@_here_`. Allowed: `- NAME@_here_` extends, `- _self_` is this file, "
        "`- suites@suites.ID: NAME` mounts a suite. See FTS-108.",
    ),
    (
        SPEC,
        "  - _self_\n",
        "",
        "specs/support-bot.yaml:3:3  defaults: defaults does not say where this file itself stands. Add `- _self_`, as "
        "a rule as the last line, so that this file's own values win. See FTS-108.",
    ),
    (
        SPEC,
        "of: base",
        "of: bass",
        "specs/support-bot.yaml:14:15  models.tuned.of: no such model: 'bass'. Did you mean base? See FTS-110.",
    ),
    (
        SPEC,
        "{tone: 1.0",
        "{tune: 1.0",
        "specs/support-bot.yaml:14:32  models.tuned.adapters.tune: no such adapter: 'tune'. Did you mean tone? "
        "See FTS-110.",
    ),
    (
        SPEC,
        "provider: local",
        "provider: lokal",
        "specs/support-bot.yaml:13:21  models.base.provider: no such provider: 'lokal'. Did you mean local? "
        "See FTS-104.",
    ),
    (
        SPEC,
        "policy: acme",
        "policy: acne",
        "specs/support-bot.yaml:10:9  policy: no such policy: 'acne'. Did you mean acme? See FTS-104.",
    ),
    (
        SPEC,
        "prompts/support.txt",
        "prompts/suport.txt",
        "specs/support-bot.yaml:20:18  deployment.system_prompt: no such file: 'prompts/suport.txt'. Paths are "
        "relative to the project's folder. See FTS-111.",
    ),
    (
        SPEC,
        "2027-01-31",
        "soon",
        "specs/support-bot.yaml:42:14  waivers.edge-cases.expires: found 'soon', expected a date such as 2026-11-24. "
        "See FTS-106.",
    ),
    (
        SPEC,
        "owner: ml-support@acme.example",
        "owner: ???",
        "specs/support-bot.yaml:9:8  owner: ??? marks a value that must be given. See FTS-107.",
    ),
    (
        SPEC,
        "owner: ml-support@acme.example\n",
        "",
        "specs/support-bot.yaml:2:1  owner: the key 'owner' is missing. See FTS-107.",
    ),
    (
        SUITE,
        "ftsafety/refusal",
        "ftsafety/refusl",
        "specs/suites/retail-banking.yaml:4:30  suites.domain.graders.refusal.primary: no such grader: "
        "'ftsafety/refusl'. Did you mean ftsafety/refusal? See FTS-104.",
    ),
    (
        SUITE,
        "primary: ftsafety/refusal, second: ftsafety/wildguard",
        "primary: ftsafety/refusal, escalate: {to: ftsafety/refusl, below: 0.9, audit: 0.05}",
        "specs/suites/retail-banking.yaml:4:63  suites.domain.graders.refusal.escalate.to: no such grader: "
        "'ftsafety/refusl'. Did you mean ftsafety/refusal? See FTS-104.",
    ),
    (
        SUITE,
        "    outcomes: {syco",
        "    args: {syco",
        "specs/suites/retail-banking.yaml:13:11  suites.domain.tasks.flattery.task: inspect_evals/sycophancy is not "
        "given a meaning: no outcome says how its score is to be read. Add for example `outcomes: {sycophancy: "
        "{scorer: NAME, value: KEY, safer: higher}}`; `ftsafety plan` names its scorers. See FTS-126.",
    ),
    (
        SUITE,
        "prompts: data/everyday.jsonl, kind: benign",
        "benchmark: ftsafety/harmbnech",
        "specs/suites/retail-banking.yaml:9:27  suites.domain.tasks.everyday.benchmark: no such benchmark: "
        "'ftsafety/harmbnech'. Did you mean ftsafety/harmbench? See FTS-104.",
    ),
    (
        POLICY,
        "kind: bands",
        "kind: band",
        "policies/acme.yaml:7:11  rules.bands.kind: found 'band', expected one of bands, ceiling, floor, concern, "
        "minimum_evidence, findings, weight_findings, grader_agreement, grader_quality, provider_verification, budget, "
        "expiry, requires_review. Did you mean bands? See FTS-106.",
    ),
    (
        POLICY,
        "rules:\n",
        "rules:\n  sufficent: {paired: {prompts: 900}}\n",
        "policies/acme.yaml:6:3  rules.sufficent.kind: the key 'kind' is missing. Did you mean sufficient? A new one "
        "says its kind. One of bands, ceiling, floor, concern, minimum_evidence, findings, weight_findings, "
        "grader_agreement, grader_quality, provider_verification, budget, expiry, requires_review. See FTS-107.",
    ),
    (
        POLICY,
        "rules: {sufficient: {paired: {prompts: 800}}}",
        "rules: {sufficent: {paired: {prompts: 800}}}",
        "policies/acme.yaml:44:60  adjust.medium-risk.rules.sufficent: no such rule. Did you mean sufficient? "
        "See FTS-104.",
    ),
    (
        POLICY,
        "read: pessimistic ",
        "reed: pessimistic ",
        "policies/acme.yaml:9:5  rules.bands.reed: no such key: 'reed'. Did you mean read? See FTS-105.",
    ),
    (
        POLICY,
        "outcomes: safety\n",
        "outcomes: safty\n",
        "policies/acme.yaml:10:15  rules.bands.outcomes: found 'safty', expected safety or a list. "
        "Did you mean safety? See FTS-106.",
    ),
    (
        POLICY,
        "prompts: 800",
        "prompts: 80",
        "policies/acme.yaml:44:80  adjust.medium-risk.rules.sufficient.paired.prompts: 80 is not stricter than the "
        "policy's own 500; adjust may only tighten. See FTS-106.",
    ),
    (
        POLICY,
        "by: product_owner",
        "by: produkt_owner",
        "policies/acme.yaml:53:89  actions.deploy_enhanced.needs.risk_acceptance.by: no such role: 'produkt_owner'. "
        "Did you mean product_owner? See FTS-104.",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "gold"), GOLD, ids=[row[2][:30].strip() or "cut" for row in GOLD])
def test_a_typical_mistake_reads_like_this(file: str, old: str, new: str, gold: str) -> None:
    change(file, old, new)
    assert str(refusal()) == gold


OVERRIDES = [
    ("repeats=three", "override 1 ('repeats=three')  repeats: found 'three', expected a whole number. See FTS-106."),
    ("repeets=3", "override 1 ('repeets=3')  repeets: no such key: 'repeets'. Did you mean repeats? See FTS-105."),
    ("title.x=1", "override 1 ('title.x=1')  title: found a mapping, expected text. See FTS-106."),
    (
        "specs/suites@suites.core=ftsafety/ful",
        "override 1 ('specs/suites@suites.core=ftsafety/ful'): no such suite: 'ftsafety/ful'. "
        "Did you mean ftsafety/full? See FTS-104.",
    ),
    (
        "specs/suites@suites.new=ftsafety/full",
        "override 1 ('specs/suites@suites.new=ftsafety/full'): nothing to override: no suite is mounted at suites.new. "
        "To add one write +specs/suites@suites.new=ftsafety/full. See FTS-109.",
    ),
    (
        "suites.core=ftsafety/full",
        "override 1 ('suites.core=ftsafety/full'): suites.core is a mapping, not a name. A suite is chosen by the long "
        "form: specs/suites@suites.ID=NAME. See FTS-109.",
    ),
    (
        "repeats=1,2",
        "override 1 ('repeats=1,2'): several values are given. For a list write key=[a,b]; for text quote it: "
        "key='a,b'. See FTS-109.",
    ),
    (
        "models=[1]",
        "override 1 ('models=[1]')  models: found a list, expected a mapping. See FTS-106.",
    ),
    (
        "~foo",
        "override 1 ('~foo')  foo: this override cannot be used: Could not delete from config. 'foo' does not exist. "
        "See FTS-109.",
    ),
    (
        "foo",
        "override 1 ('foo'): not an override: missing EQUAL at '<EOF>'. Write key.path=value; quote values that hold = "
        ", or spaces. See FTS-109.",
    ),
    ("hydra.run.dir=x", "override 1 ('hydra.run.dir=x'): hydra.run.dir cannot be set. See FTS-103."),
]


@pytest.mark.parametrize(("override", "gold"), OVERRIDES, ids=[row[0] for row in OVERRIDES])
def test_a_mistake_on_the_command_line_reads_like_this(override: str, gold: str) -> None:
    assert str(refusal(override)) == gold


@pytest.mark.parametrize(
    "override",
    [
        "title=${oc.env:HOME}",
        "title='${oc.env:HOME}'",
        "++training.hyperparameters={a: '${oc.env:HOME}'}",
        "+specs@_global_=other",
        "specs/suites@_global_=ftsafety/full",
        "policies@policy=ftsafety/default",
        "training={_target_: x}",
        "training._target_=x",
        "defaults=[]",
        "seed=" + "9" * 5000,
        "seed=nan",
        "",
        "=",
        "a..b=1",
        "title='\x00'",
        "++hydra={run: 1}",
    ],
)
def test_what_an_override_may_never_do_is_refused(override: str) -> None:
    assert refusal(override).problems[0].code in ("FTS-103", "FTS-105", "FTS-106", "FTS-109")


def test_the_second_of_three_overrides_is_blamed() -> None:
    error = refusal("repeats=2", "~foo", "seed=3")
    assert [problem.where.file for problem in error.problems] == ["override 2 ('~foo')"]


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    change(SPEC, "repeats: 3", "repeat: 3")
    change(SPEC, "seed: 20261124", "seed: 20261124\nseed: 4")
    change(SPEC, "exposure: public", "exposure: publik")
    change(SPEC, "of: base", "of: bass")
    change(SUITE, "ftsafety/refusal", "ftsafety/refusl")
    change(SUITE, "kind: benign", "kind: benigne")
    found = [(p.where.file, p.where.line, p.code) for p in refusal("budget.hours=x").problems]
    assert found == [
        ("override 1 ('budget.hours=x')", None, "FTS-106"),
        (SUITE, 4, "FTS-104"),
        (SUITE, 9, "FTS-106"),
        (SPEC, 14, "FTS-110"),
        (SPEC, 23, "FTS-106"),
        (SPEC, 34, "FTS-105"),
        (SPEC, 36, "FTS-102"),
    ]


def test_a_mistake_shows_three_lines_of_source() -> None:
    change(SPEC, "exposure: public", "exposure: publik")
    assert refusal().problems[0].snippet == (
        "    22 | risk:\n"
        ">   23 |   exposure: publik                           # a factor left out counts as its highest level\n"
        "       |             ^\n"
        "    24 |   population: general"
    )


def test_the_file_is_named_as_the_user_would_type_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(SPEC, "repeats: 3", "repeat: 3")
    monkeypatch.chdir(project.parent)
    with pytest.raises(InputError) as caught:
        lock_spec("p/specs/support-bot.yaml")
    assert str(caught.value).startswith("p/specs/support-bot.yaml:34:1 ")


def test_no_text_of_the_environment_reaches_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    for text in ("${oc.env:SECRET}", "x${oc.env:SECRET}", "${oc.decode:'${oc.env:SECRET}'}", "${training.${title}}"):
        change(SPEC, "method: lora", f"method: {text!r}")
        error = refusal()
        assert error.code == "FTS-103" and "hunter2" not in str(error)
        change(SPEC, f"method: {text!r}", "method: lora")


@pytest.mark.parametrize("line", ["api_key: hunter2", "api_key_env: hunter2", "api_key: hunter2\nbase_ulr: http://x"])
def test_a_secret_that_is_written_by_mistake_is_not_printed(line: str) -> None:
    Path("providers").mkdir()
    Path("providers/mine.yaml").write_text(f"title: t\nkind: openai\n{line}\n")
    change(SPEC, "provider: local", "provider: mine")
    problems = refusal().problems
    assert {problem.where.file for problem in problems} == {"providers/mine.yaml"}
    assert "hunter2" not in "".join(f"{problem} {problem.snippet}" for problem in problems)
