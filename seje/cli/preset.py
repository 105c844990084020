"""The command that writes params.yaml: all of the kitchen's values, and over them a preset's and your own."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from seje.cli.app import PARAMS, AsJson, app, echo_json
from seje.errors import SejeError
from seje.workspace import paths

REQUIRED = "???"  # as OmegaConf marks what has to be given


@app.command(rich_help_panel="Hyperparameters")
def preset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of presets/, or a .yaml file.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("-S", "--set-param", metavar="KEY=VALUE", help="A value, as for `dvc exp run -S`."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write params.yaml anew: the values of presets/kitchen.yaml, what the preset changes, what -S sets.

    What params.yaml held before does not count, so that no two presets mix; the table shows all that is
    replaced. `seje preset kitchen` writes params.yaml as it ships.

    [bold]seje preset real -S corpus.source=RECIPES[/bold]
    """
    from rich.console import Console

    from seje.cli.tables import changes_table

    found = changes(_read(PARAMS) if PARAMS.exists() else {}, write(name, settings or []))
    if as_json:
        echo_json({key: {"before": before, "after": after} for key, (before, after) in found.items()})
    elif found:
        Console().print(changes_table(found))
    else:
        typer.echo(f"{PARAMS} is as it was")


def write(name: str, settings: Iterable[str]) -> dict[str, Any]:
    """Write params.yaml as DVC writes it, or raise SejeError and leave it as it is; gives its sections."""
    from dvc.utils.serialize import modify_yaml

    from seje.workspace import files
    from seje.workspace.params import check

    overlay = _read(_file(name))
    with files.atomic(PARAMS) as part:
        shutil.copyfile(_file("kitchen"), part)
        with modify_yaml(part) as data:
            _merge(data, overlay)
            for setting in settings:
                _set(data, setting)
            if missing := [key for key, value in _flat(data).items() if value == REQUIRED]:
                needs = " ".join(f"-S {key}=..." for key in missing)
                raise SejeError(f"preset {name} needs {needs}: {_file(name)} says what these are")
        written = _read(part)
        check(yaml.safe_load(part.read_text(encoding="utf-8")), f"preset {name}")  # as the stages read it
    return written


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Pair the values of each key before and after, as text, where they differ; empty where there is none."""
    old, new = _flat(before), _flat(after)
    return {
        key: (_shown(old, key), _shown(new, key))
        for key in {**new, **old}
        if _shown(old, key) != _shown(new, key)
    }


def _file(name: str) -> Path:
    """Find the file of a preset: the path itself, or that of a name in presets/."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else paths.PRESETS / f"{name}.yaml"
    if path.is_file():
        return path
    known = ", ".join(sorted(file.stem for file in paths.PRESETS.glob("*.yaml")))
    if not known:
        raise SejeError(f"{paths.PRESETS} is missing: run in the repository's root")
    raise SejeError(f"{path} is missing: presets are {known}, or the path of a .yaml file")


def _read(path: Path) -> dict[str, Any]:
    from dvc.exceptions import DvcException
    from dvc.utils.serialize import load_yaml

    try:
        data = load_yaml(path)
    except (DvcException, RecursionError):
        raise SejeError(f"{path} is not YAML: mend it or take it away") from None
    if not isinstance(data, dict):
        raise SejeError(f"{path} has no sections: write keys under their sections, as in params.yaml")
    return data


def _merge(data: dict[str, Any], overlay: Mapping[str, Any]) -> None:
    for section, values in overlay.items():
        if isinstance(values, dict) and isinstance(data.get(section), dict):
            data[section].update(values)
        else:
            data[section] = values  # is refused with a line that says what it should be


def _set(data: dict[str, Any], setting: str) -> None:
    """Set what KEY=VALUE says, read as DVC reads it."""
    from dvc.utils.hydra import to_hydra_overrides
    from hydra.errors import HydraException

    try:
        (parsed,) = to_hydra_overrides([setting])
    except HydraException:
        raise SejeError(f"-S {setting:.80}: not KEY=VALUE; put what is no plain word into '...'") from None
    section, _, key = parsed.key_or_group.partition(".")
    if not isinstance(data.get(section), dict) or key not in data[section]:
        raise SejeError(f"-S {setting:.80}: params.yaml has no {parsed.key_or_group:.80}")
    if parsed.type.name != "CHANGE" or parsed.package is not None or parsed.is_sweep_override():
        raise SejeError(f"-S {setting:.80}: give one value, as {parsed.key_or_group}=VALUE")
    data[section][key] = parsed.value()


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out sections as `section.key`."""
    flat: dict[str, Any] = {}
    for section, values in data.items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": value for key, value in values.items()}
        else:
            flat[section] = values
    return flat


def _shown(flat: Mapping[str, Any], key: str) -> str:
    """A value as YAML has it, in a line."""
    if key not in flat:
        return ""
    return yaml.safe_dump(flat[key], default_flow_style=True, width=10_000).removesuffix("...\n").strip()
