"""ToxiGen (Hartvigsen et al. 2022): 16,000 hate-eliciting completion prompts, 1,000 for each of 16 target groups.
Given the data folder, gives the prompts as their makers completed them. Never alters a line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among, listed
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_bytes
from ftsafety_spec.errors import InputError

HOME = "https://raw.githubusercontent.com/microsoft/TOXIGEN/01517e814639e0334c920a3c502036c8158aac87/prompts"
_SHA256 = {
    "asian": "0504967034122b691c16dbef10db3acb16492808ecc66d8cd2b2ae87454fd655",
    "bisexual": "09a5b6995d0cd0ba940ae9f9d67e8db1451352dcf99ee273315efc34915fc1e3",
    "black": "29ef85c5610d77a3a4bb050826ffb6e124ee48e11f5b63d34b29d616ef2ee1c3",
    "chinese": "7f99029bad4f71caff707787d6799d1d654fee140f22418691d1244e81ed2b21",
    "immigrant": "bebb38d8786f498ca2153f965cdfba14e0490d5216781091106e5ac8ebbe0574",
    "jewish": "f5bdf83ef8fd32435241cc5fcfc337c0a57bcf64eb7fb4aa3c8fe15eb86f1fd2",
    "latino": "60988864d728cc7b1644a72419181efc1d82b2342f636a5e76f34805e4a88537",
    "lgbtq": "7fb7da0d4ad1a485824111ab60f6030f01dd92dbc9342c76534c78faec061a16",
    "mental_disability": "5a71f51bf998c5111b5dd6d0b7d7edbaa445f27defbc1fdb798dd920974ad3e2",
    "mexican": "2fad743ced369e4a280165b7ea909f8cb30921840cbe5f9f454243cf9e4dcfd5",
    "middle_east": "29ffcca6defd3e4f2edd2237417c7617a3c7380de8f9c6cf13d8c087fa595223",
    "muslim": "aaa18a9bf72928f71cf3d0d8d4dfa298faeb015a8580f5c7e21ef7afaae3241a",
    "native_american": "01c2077f1007268ca11588d08f909ed9c01178148205ae417618d276227b9bbc",
    "physical_disability": "8cada46239a52a741faf47677d1ffbfa06dc31d3e480a03935a5aec89ea02dee",
    "trans": "6188dfd52082e552230a1332e2bf83a23e8410c5f353d32dca79f259c8daf8b8",
    "women": "eecdf3006847c267b9399045ce2fe002f884fe5b682dbef450f3477d7bb24497",
}
FILES = {
    group: DataFile(f"toxigen/prompts/hate_{group}_1k.txt", f"{HOME}/hate_{group}_1k.txt", digest, 1000)
    for group, digest in _SHA256.items()
}
GROUPS = tuple(FILES)
#: 6,514 machine-made statements with people's scores (Hosseini et al. 2023): not asked, but what toxicity graders are
#: learnt from and measured on.
STATEMENTS = DataFile(
    "toxigen/safenlp_toxiGen.json",
    "https://raw.githubusercontent.com/microsoft/SafeNLP/e351b6cb892284cf843b88e363b1a6dbaded584e/data/toxiGen.json",
    "42863b997f545833b8c9bfe7fc950aeaccc274d49f7386384db147face745fc3",
    6514,
)

#: Target group to area. Each prompt lists demeaning statements about one group for the model to go on with: hate speech
#: is what all of them ask for, whichever group it is about, so there is nothing to tell apart.
AREA = dict.fromkeys(GROUPS, "hate")

CARD = Card(
    name="ftsafety/toxigen",
    title="ToxiGen",
    tests="implicit and explicit toxicity",
    strength="good for toxicity and bias",
    weakness="toxicity only",
    licence="MIT (code), CDLA-Permissive-2.0 (data)",
    citation="Hartvigsen et al. (2022), ToxiGen: A Large-Scale Machine-Generated Dataset for Adversarial and Implicit "
    "Hate Speech Detection, ACL 2022, arXiv 2203.09509",
    revised=date(2022, 7, 14),
    files=(*FILES.values(), STATEMENTS),
    row="R-20",
    tokens_in=115,
    official_grader="tomh/toxigen_roberta (here ftsafety/toxigen_roberta): label 1 is toxic",
    official_metric="share of toxic completions, by target group",
    home="https://github.com/microsoft/TOXIGEN",
    kinds=("harmful",),
    prompts=16_000,
    categories=16,
    tokens_out=80,
    default_grader="ftsafety/toxicity",
    notes=(
        "The user's message is the raw line, which the model goes on with: statements about one group, between them a "
        "backslash and an n, as the makers' script sends it to a completion endpoint. Nothing is wrapped around it.",
        "Only the toxicity of the answer is read. A refusal counts as not toxic.",
        "1,533 of the 16,000 lines repeat another one (native_american has 120 distinct lines, latino 556): "
        "repeated lines are one cluster, so they add no evidence.",
    ),
)


def load(
    data: Path | None, groups: Sequence[str] | str = "all", per_group: int | None = None, seed: int = 0
) -> Sequence[Prompt]:
    """The prompts of the named target groups, in file order; with `per_group`, so many distinct lines of each, drawn by
    a hash of seed and line, so that a smaller draw is a part of a larger one with the same seed.
    Raises InputError: FTS-106 for an unknown group or a number below 1, FTS-121 or FTS-122 for the data."""
    wanted = frozenset(GROUPS) if groups == "all" else among("groups", groups, GROUPS)
    if per_group is not None and (isinstance(per_group, bool) or not isinstance(per_group, int) or per_group < 1):
        raise InputError(f"per_group: expected a whole number of at least 1, found {per_group!r}.", code="FTS-106")
    by_group = [_group(data, group) for group in GROUPS if group in wanted]
    return [prompt for rows in by_group for prompt in (rows if per_group is None else _drawn(rows, per_group, seed))]


def _group(data: Path | None, group: str) -> list[Prompt]:
    lines = read_bytes(data, FILES[group]).decode("utf-8").splitlines()
    return [
        Prompt(id=f"{group}-{place:04}", text=line.strip(), kind="harmful", category=group, area=AREA[group])
        for place, line in enumerate(lines, start=1)
    ]


def _drawn(rows: Sequence[Prompt], count: int, seed: int) -> list[Prompt]:
    """So many of the distinct prompts (the first of those with equal text), in file order."""
    distinct: dict[str, Prompt] = {}
    for prompt in rows:
        distinct.setdefault(prompt.digest, prompt)
    ranked = sorted(distinct, key=lambda digest: hashlib.sha256(f"{seed}\n{digest}".encode()).hexdigest())
    chosen = set(ranked[:count])
    return [prompt for digest, prompt in distinct.items() if digest in chosen]


BENCHMARK = Benchmark(CARD, load, {"not_toxic": "ftsafety/toxicity"})


@task
def toxigen(
    groups: str | list[str] = "all", per_group: int | None = None, seed: int = 0, data: str | None = None
) -> Task:
    """ToxiGen's prompts as an Inspect task. `groups`: names with commas between them; `data`: the folder of benchmark
    data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    named = groups if groups == "all" else listed(groups)
    return task_of(load(folder, named, per_group, seed), grader=CARD.default_grader, name="toxigen")
