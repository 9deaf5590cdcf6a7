"""`ftsafety init`: a new project from a template, with JSON Schemas for editors. Given a folder, writes files that
validate as they are; never overwrites one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.text import safe
from ftsafety_spec.errors import InputError, Where

TEMPLATE_ROOT = Path(__file__).parent / "templates"
TEMPLATES = ("llamacpp", "local", "openai", "recorded")
SCHEMAS = ("spec", "suite", "policy", "provider", "policy-test", "acceptance", "assessment")


@click.command("init", help=help_of("init"))
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    default="llamacpp",
    show_default=True,
    help="Where the models are: GGUF files, safetensors, a provider's fine-tune, or answers made elsewhere.",
)
@format_option
def init_command(folder: Path, template: str, form: str) -> None:
    """Write the project and say what to do next."""
    written = write_project(folder, template)
    commands = next_commands(folder, template)
    if form == "json":
        print_json({"project": str(folder), "template": template, "files": written, "next": commands})
        return
    for name in written:
        print(f"  {safe(name)}")
    print(f"\n{len(written)} files written. Next:")
    for command in commands:
        print(f"  {safe(command)}")


def write_project(folder: Path, template: str) -> list[str]:
    """Write a template and the schemas; the names of the files. Raises InputError where one is there already."""
    from ftsafety_spec.compose.schemas import schema_of

    sources = template_files(template)
    taken = [folder / name for name in sources if (folder / name).exists()]
    if taken:
        raise InputError(
            f"init overwrites nothing, but {len(taken)} file(s) of the template are there already.",
            code="FTS-113",
            where=Where(file=str(taken[0])),
            hint="Give another folder.",
        )
    for name, source in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)
    for kind in SCHEMAS:
        schema = folder / ".ftsafety" / f"{kind}.schema.json"
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(sources)


def template_files(template: str) -> dict[str, Path]:
    """Name in the new project to file: what all templates share, then the template's own."""
    found: dict[str, Path] = {}
    for root in (TEMPLATE_ROOT / "common", TEMPLATE_ROOT / template):
        for path in sorted(root.rglob("*")):
            if path.is_file():
                found[_target_name(path.relative_to(root).as_posix())] = path
    return dict(sorted(found.items()))


def next_commands(folder: Path, template: str) -> list[str]:
    """What to type next."""
    move = [] if folder.resolve() == Path.cwd().resolve() else [f"cd {folder}"]
    last = "ftsafety run specs/first.yaml" if template == "recorded" else "ftsafety plan specs/first.yaml"
    return [*move, "ftsafety validate", last]


def _target_name(name: str) -> str:
    """`gitignore` becomes `.gitignore`: build tools leave out the dotted one."""
    return ".gitignore" if name == "gitignore" else name
