"""Defaults from `midstream.toml`, from `[tool.midstream]` of `pyproject.toml`, and from the user's own configuration."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from midstream_cli.errors import UsageError

NOTHING: Mapping[str, Any] = {}


def files() -> list[Path]:
    """The configuration files that count, weakest first."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - never fails
    candidates = [Path(home) / "midstream" / "config.toml", Path("pyproject.toml"), Path("midstream.toml")]
    return [path for path in candidates if path.is_file() and (path.name != "pyproject.toml" or _has_section(path))]


def _has_section(path: Path) -> bool:
    try:
        return b"[tool.midstream" in path.read_bytes()
    except OSError:
        return False


def defaults(command: Any) -> dict[str, Any]:
    """The defaults of every command's options, as the option parser takes them.

    A key at the top of a file is a default of every command that has such an option; a table holds those of one
    command, and a table of a group those of every command in it. Keys are the long names of options.

    Raises:
        UsageError: a file is not TOML, or has a key that no command knows or a value that its option does not take.
    """
    merged: dict[str, Any] = {}
    for path in files():
        merged = _over(merged, _settings(path, _read(path), command, ""))
    # a command without settings must not be mistaken for an option of that name, such as --help
    return {name: values for name, values in merged.items() if values}


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        content: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "mend that line") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", f"ls -l {path} shows who may read it") from None
    if path.name == "pyproject.toml":
        content = content.get("tool", {}).get("midstream", {})
    if not isinstance(content, dict):
        raise UsageError(f"{path}: tool.midstream is not a table", "write [tool.midstream] above its keys")
    return content


def _settings(
    path: Path, table: Mapping[str, Any], command: Any, section: str, above: Mapping[str, tuple[str, Any]] = NOTHING
) -> dict[str, Any]:
    """What a table sets for a command; of a group, for each command in it.

    Args:
        section: how the table is called, with a dot at its end.
        above: what tables around it set, by key: how that is called there, and its value.
    """
    inside = getattr(command, "commands", None) or {}
    own = {key: value for key, value in table.items() if not (key in inside and isinstance(value, dict))}
    known = _takes(command)
    for key, value in own.items():
        if isinstance(value, dict):
            raise _unknown(path, f"[{section}{key}]", inside, "commands")
        if key not in known:
            raise _unfit(path, section, key, known, inside)
    given = {**above, **{key: (section + key, value) for key, value in own.items()}}
    if not inside:
        return {known[key].name: _value(path, *named, known[key]) for key, named in given.items()}
    return {
        name: _settings(
            path,
            table[name] if isinstance(table.get(name), dict) else {},
            each,
            f"{section}{name}.",
            {key: named for key, named in given.items() if key in _takes(each)},
        )
        for name, each in inside.items()
    }


def _takes(command: Any) -> dict[str, Any]:
    """The options of a command, or of all commands of a group, by their long names."""
    inside = getattr(command, "commands", None)
    if inside is not None:
        return {key: option for each in inside.values() for key, option in _takes(each).items()}
    return {
        name.removeprefix("--"): parameter
        for parameter in command.params
        if parameter.param_type_name == "option"
        for name in parameter.opts
        if name.startswith("--")
    }


def _value(path: Path, key: str, value: Any, option: Any) -> Any:
    """A value as the command line would have it, found to be one that the option takes."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{path}: {key} = {value!r} is neither true nor false", "TOML has no quotes around them")
        return value
    values = value if isinstance(value, list) and option.multiple else [value]
    for each in values:
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            raise UsageError(
                f"{path}: {key} = {each!r} is neither text nor a number", f"see --{key.rpartition('.')[2]}"
            )
        try:
            option.type(str(each), param=option, ctx=None)
        except Exception as error:
            # the shape of the parser's errors is known, their class is not
            if not hasattr(error, "message"):
                raise
            raise UsageError(f"{path}: {key}: {str(error.message).rstrip('.')}", "mend that line") from None
    return [str(each) for each in values] if option.multiple else str(value)


def _over(weak: dict[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with those of a stronger file over them."""
    merged = dict(weak)
    for name, value in strong.items():
        merged[name] = _over(merged.get(name, {}), value) if isinstance(value, dict) else value
    return merged


def _unfit(path: Path, section: str, key: str, known: Iterable[str], commands: Iterable[str]) -> UsageError:
    if key in commands:
        return UsageError(f"{path}: {section}{key} is not a table", f"write [{section}{key}] above its keys")
    return _unknown(
        path, section + key, known, f"options of {section[:-1].replace('.', ' ')}" if section else "options"
    )


def _unknown(path: Path, key: str, known: Iterable[str], what: str) -> UsageError:
    from difflib import get_close_matches

    listed = sorted(known)
    close = get_close_matches(key.strip("[]").rpartition(".")[2], listed, n=1)
    hint = f"did you mean {close[0]}?" if close else f"{what} are: {', '.join(listed) or 'none'}"
    return UsageError(f"{path} has an unknown key {key}", hint)
