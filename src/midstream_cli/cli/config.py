"""Defaults from `midstream.toml`, from `[tool.midstream]` of `pyproject.toml`, and from the user's own configuration."""

import os
from pathlib import Path
from typing import Any

from midstream_cli.errors import UsageError


def files() -> list[Path]:
    """The configuration files that count, weakest first."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    candidates = [home / "midstream" / "config.toml", Path("pyproject.toml"), Path("midstream.toml")]
    return [path for path in candidates if path.is_file() and (path.name != "pyproject.toml" or _has_section(path))]


def _has_section(path: Path) -> bool:
    return b"[tool.midstream" in path.read_bytes()


def defaults(command: Any) -> dict[str, Any]:
    """The defaults of every command's options, as the option parser takes them.

    A key at the top of a file is a default of every command that has such an option; a table holds those of one
    command. Keys are the long names of options.

    Raises:
        UsageError: a file is not TOML, or has a key that no command knows.
    """
    merged: dict[str, Any] = {}
    for path in files():
        for name, values in _of_file(path, command).items():
            merged.setdefault(name, {}).update(values)
    return merged


def _of_file(path: Path, command: Any) -> dict[str, Any]:
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "mend that line") from None
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("midstream", {})
    found: dict[str, Any] = {name: {} for name in command.commands}
    for key, value in content.items():
        if isinstance(value, dict):
            if key not in command.commands:
                raise _unknown(path, f"[{key}]", list(command.commands), "commands")
            found[key].update(_options(path, key, value, command.commands[key]))
            continue
        takers = [name for name, sub in command.commands.items() if _parameter(key) in _parameters(sub)]
        if not takers:
            known = {option for sub in command.commands.values() for option in _parameters(sub)}
            raise _unknown(path, key, sorted(option.replace("_", "-") for option in known), "options")
        for name in takers:
            found[name] = {_parameter(key): value} | found[name]
    return found


def _options(path: Path, section: str, values: dict[str, Any], command: Any) -> dict[str, Any]:
    known = _parameters(command)
    for key, value in values.items():
        if _parameter(key) not in known and not isinstance(value, dict):
            raise _unknown(
                path, f"{section}.{key}", [name.replace("_", "-") for name in known], f"options of {section}"
            )
    return {_parameter(key): value for key, value in values.items()}


def _parameters(command: Any) -> list[str]:
    return [parameter.name for parameter in command.params if parameter.param_type_name == "option"]


def _parameter(key: str) -> str:
    return key.replace("-", "_")


def _unknown(path: Path, key: str, known: list[str], what: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(key.rpartition(".")[2].strip("[]"), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"{what} are: {', '.join(known)}"
    return UsageError(f"{path} has an unknown key {key}", hint)
