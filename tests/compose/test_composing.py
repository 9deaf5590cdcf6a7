"""Defaults, overrides and places: what wins, and that our account of it is Hydra's."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra
from hypothesis import given, settings
from hypothesis import strategies as st

import ftsafety_spec
from ftsafety_spec.compose import Project, builtin_root, find_project, list_names, lock_policy, lock_spec
from ftsafety_spec.compose.hydra_compose import merged
from ftsafety_spec.compose.mix import mix
from ftsafety_spec.compose.overrides import parse_overrides
from ftsafety_spec.compose.places import Place
from ftsafety_spec.compose.project import names
from ftsafety_spec.errors import InputError, SpecError

GOOD = Path(__file__).parent / "project"
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(GOOD, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return find_project(Path())


def write(project: Project, name: str, text: str) -> None:
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_an_override_wins_and_is_the_origin(project: Project) -> None:
    locked = lock_spec("support-bot", ["repeats=5", "training.hyperparameters.new=[1,2]", "seed=7"], project=project)
    assert locked.spec.repeats == 5 and locked.spec.training.hyperparameters["new"] == [1, 2]
    assert str(locked.origins["seed"]) == "override 3"
    assert locked.overrides == ("repeats=5", "training.hyperparameters.new=[1,2]", "seed=7")


def test_a_suite_is_chosen_added_and_dropped_from_the_command_line(project: Project) -> None:
    chosen = lock_spec("support-bot", ["specs/suites@suites.core=ftsafety/quick"], project=project)
    assert list(chosen.spec.suites["core"].tasks) == ["basics"]
    added = lock_spec("support-bot", ["+specs/suites@suites.more=ftsafety/full"], project=project)
    assert added.spec.suites["more"].tasks["jailbreakbench"].limit is None
    dropped = lock_spec("support-bot", ["~specs/suites@suites.core"], project=project)
    assert list(dropped.spec.suites) == ["domain"]
    assert not any(key.startswith("suites.core") for key in dropped.origins)


def test_a_key_is_deleted_by_a_tilde(project: Project) -> None:
    assert lock_spec("support-bot", ["~waivers"], project=project).spec.waivers == {}


def test_under_locked_policy_risk_and_waivers_stand_and_the_rest_moves(project: Project) -> None:
    overrides = ["policy=team", "risk.scale=limited", "~waivers", "++risk={}", "repeats=2"]
    with pytest.raises(InputError) as caught:
        lock_spec("support-bot", overrides, project=project, locked=True)
    assert [problem.code for problem in caught.value.problems] == ["FTS-114"] * 4
    assert lock_spec("support-bot", ["repeats=2"], project=project, locked=True).spec.repeats == 2
    assert lock_spec("support-bot", ["policy=team"], project=project).spec.policy == "team"


def test_a_spec_in_a_folder_uses_the_same_names(project: Project) -> None:
    text = (project.root / "specs/support-bot.yaml").read_text()
    write(project, "specs/team/a/bot.yaml", text)
    assert lock_spec("team/a/bot", project=project).name == "team/a/bot"
    assert lock_spec(Path("specs/team/a/bot.yaml")).spec == lock_spec("support-bot").spec


def test_a_spec_extends_another_and_takes_another_suite(project: Project) -> None:
    lines = ["defaults:", "  - support-bot@_here_", "  - override suites@suites.core: ftsafety/quick", "  - _self_"]
    write(project, "specs/short.yaml", "\n".join([*lines, "repeats: 1", ""]))
    locked = lock_spec("short", project=project)
    assert (locked.spec.repeats, list(locked.spec.suites["core"].tasks)) == (1, ["basics"])
    assert str(locked.origins["repeats"]) == "specs/short.yaml:5:10"
    assert str(locked.origins["title"]) == "specs/support-bot.yaml:8:8"


def test_of_two_overrides_of_a_suite_the_outermost_wins(project: Project) -> None:
    head = "defaults:\n  - {}@_here_\n  - override suites@suites.core: ftsafety/{}\n  - _self_\n"
    write(project, "specs/inner.yaml", head.format("support-bot", "full"))
    write(project, "specs/outer.yaml", head.format("inner", "quick"))
    assert list(lock_spec("outer", project=project).spec.suites["core"].tasks) == ["basics"]


def test_values_before_self_lose_and_after_it_win(project: Project) -> None:
    write(project, "specs/late.yaml", "defaults: [_self_, support-bot@_here_]\nrepeats: 9\n")
    assert lock_spec("late", project=project).spec.repeats == 3


def test_a_reference_repeats_another_value(project: Project) -> None:
    text = (project.root / "specs/support-bot.yaml").read_text()
    write(project, "specs/support-bot.yaml", text.replace("method: lora", "method: ${title}"))
    assert lock_spec("support-bot", project=project).spec.training.method == "Support bot, autumn refresh"


def test_a_users_file_never_shadows_a_built_in_one(project: Project) -> None:
    write(project, "specs/suites/ftsafety/standard.yaml", "title: mine\n")
    with pytest.raises(InputError, match=r"specs/suites/ftsafety: a folder named ftsafety/ is kept"):
        lock_spec("support-bot", project=project)


def test_anchors_are_fine(project: Project) -> None:
    text = (project.root / "specs/support-bot.yaml").read_text()
    old = "  hyperparameters: {rank: 16, epochs: 3, learning_rate: 0.0002}"
    assert old in text
    write(
        project,
        "specs/support-bot.yaml",
        text.replace(old, "  hyperparameters: {a: &x {r: 1, s: 2}, b: {<<: *x, s: 3}}"),
    )
    parameters = lock_spec("support-bot", project=project).spec.training.hyperparameters
    assert parameters == {"a": {"r": 1, "s": 2}, "b": {"r": 1, "s": 3}}


def test_paths_with_quotes_and_spaces_work(tmp_path: Path) -> None:
    root = tmp_path / "it's, a=\\{strange} $folder"
    shutil.copytree(GOOD, root)
    assert lock_spec(root / "specs" / "support-bot.yaml").name == "support-bot"


def same(place: Place, data: object) -> bool:
    """Order included: adapters stack in order."""
    return json.dumps(place.plain()) == json.dumps(data)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["repeats=5", "~training.method", "training.data.x={path: p}"],
        ["specs/suites@suites.core=ftsafety/full", "suites.core.tasks.harmbench.limit=3"],
        ["+specs/suites@suites.z=retail-banking", "models.tuned.adapters={tone: 0.5}"],
        ["adapters.new={path: a}", "models.tuned.adapters={new: 1.0, cards: 0.1}", "~specs/suites@suites.core"],
    ],
)
def test_our_account_of_what_wins_is_hydras(project: Project, overrides: list[str]) -> None:
    changes, problems = parse_overrides(overrides)
    assert problems == []
    made = mix(project, "specs", "support-bot", changes)
    assert same(made.root, merged(project, "specs", "support-bot", changes, "x"))


@pytest.mark.parametrize("name", ["acme", "team", "ftsafety/default"])
def test_a_policy_composes_to_what_hydra_makes_of_it(name: str) -> None:
    made = mix(Project(GOOD), "policies", name)
    assert same(made.root, merged(Project(GOOD), "policies", name, (), "x"))


def test_composing_leaves_nothing_behind_and_can_be_repeated(project: Project) -> None:
    digests = {lock_spec("support-bot", project=project).compute_digest() for _ in range(3)}
    assert len(digests) == 1
    assert not GlobalHydra.instance().is_initialized()
    write(project, "specs/broken.yaml", "defaults: [broken@_here_, _self_]\n")
    with pytest.raises(InputError):
        lock_spec("broken", project=project)
    assert not GlobalHydra.instance().is_initialized()


def test_an_edited_file_is_read_again(project: Project) -> None:
    before = lock_spec("support-bot", project=project).compute_digest()
    text = (project.root / "specs/support-bot.yaml").read_text()
    write(project, "specs/support-bot.yaml", text.replace("repeats: 3", "repeats: 4"))
    assert lock_spec("support-bot", project=project).compute_digest() != before


def test_two_threads_may_compose(project: Project) -> None:
    found: list[str] = []

    def work() -> None:
        found.append(lock_spec("support-bot", project=project).compute_digest())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1


def test_names_are_listed_with_title_and_origin(project: Project) -> None:
    found = {item.name: item for item in list_names(project, "suites")}
    assert set(found) == {"retail-banking", "ftsafety/quick", "ftsafety/standard", "ftsafety/full"}
    assert found["retail-banking"].title == "Retail banking, harms by area" and not found["retail-banking"].builtin
    assert (
        found["ftsafety/full"].origin == "ftsafety:specs/suites/ftsafety/full.yaml" and found["ftsafety/full"].builtin
    )
    assert {item.name for item in list_names(project, "policies")} == {"acme", "team", "ftsafety/default"}
    assert "support-bot" in names(project, "specs") and not any("suites" in name for name in names(project, "specs"))


def test_without_a_project_the_built_ins_are_listed() -> None:
    found = list_names(None, "providers")
    files = list((Path(__file__).parents[2] / "providers" / "ftsafety").glob("*.yaml"))
    assert len(found) == len(files) > 7 and all(item.builtin and item.title for item in found)


def test_built_ins_come_from_the_checkout_and_not_from_a_stale_copy() -> None:
    assert (builtin_root() / "policies/ftsafety/default.yaml").is_file()
    assert builtin_root().name != "_builtin" or not (builtin_root().parents[1] / "pyproject.toml").exists()


@pytest.mark.parametrize("group", ["specs", "suites", "policies", "providers"])
def test_every_built_in_file_composes_without_a_structural_mistake(group: str) -> None:
    here = Project(GOOD)
    found = [name for name in names(here, group) if name.startswith("ftsafety/")]  # type: ignore[arg-type]
    assert found
    for name in found:
        assert mix(here, group, name).problems == []  # type: ignore[arg-type]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/policies/*.yaml")), ids=lambda p: p.name)
def test_the_policies_of_the_examples_lock(path: Path) -> None:
    assert lock_policy(path.stem, find_project(path)).policy.title


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/specs/*.yaml")), ids=lambda p: p.name)
def test_the_specs_of_the_examples_lock_but_for_files_that_are_made_first(path: Path) -> None:
    try:
        assert lock_spec(path).variants
    except InputError as error:
        assert {problem.code for problem in error.problems} == {"FTS-111"}


Refused = Callable[[], object]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: lock_spec("suport-bot"), "no such spec: 'suport-bot'. Did you mean support-bot? See FTS-104."),
        (lambda: lock_spec("specs/suport-bot.yaml"), "no such file. Did you mean support-bot? See FTS-111."),
        (lambda: lock_spec("specs/suites/retail-banking.yaml"), "this is a suite, not a spec."),
        (lambda: lock_spec("policies/acme.yaml"), "a spec lies in the specs/ folder of its project."),
        (lambda: lock_policy("acmee", find_project(Path())), "no such policy: 'acmee'. Did you mean acme?"),
    ],
)
def test_a_name_that_leads_nowhere_is_answered_by_the_nearest(project: Project, call: Refused, text: str) -> None:
    assert project
    with pytest.raises(InputError) as caught:
        call()
    assert text in str(caught.value)


def test_outside_of_a_project_the_way_to_one_is_shown(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"FTS-113"):
        find_project(tmp_path)


KEYS = [
    *("title", "repeats", "seed", "risk.scale", "models.tuned.deploy", "models.base.adapters", "adapters.tone.path"),
    *("suites.domain.title", "suites.domain.tasks.fraud.args", "training.method", "training.data"),
    *("training.hyperparameters", "training.hyperparameters.rank", "training.hyperparameters.new.deep"),
]
VALUES = ["1", "x", "[1,2]", "{a: 1}", "{rank: {x: 1}}", "null", "true", "{}", "[]", "low", "'a b'", "[{a: 1},2]"]


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(st.lists(st.tuples(st.sampled_from(["", "~"]), st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=3))
def test_whatever_is_overridden_our_account_is_hydras(rows: list[tuple[str, str, str]]) -> None:
    overrides = [f"{sign}{key}" + ("" if sign else f"={value}") for sign, key, value in rows]
    changes, problems = parse_overrides(overrides)
    assert problems == []
    made = mix(Project(GOOD), "specs", "support-bot", changes)
    try:
        hydra = merged(Project(GOOD), "specs", "support-bot", changes, "x")
    except SpecError as error:  # deleted twice, or a list where a mapping stands
        assert {problem.code for problem in error.problems} <= {"FTS-108", "FTS-109"}
    else:
        assert same(made.root, hydra), overrides


def test_a_checkout_comes_before_a_stale_copy_and_a_wheel_uses_its_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "ftsafety_spec"
    (package / "_builtin").mkdir(parents=True)
    monkeypatch.setattr(ftsafety_spec, "__file__", str(package / "__init__.py"))
    assert builtin_root() == package / "_builtin"
    for folder in ("policies", "providers", "specs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert builtin_root() == tmp_path
