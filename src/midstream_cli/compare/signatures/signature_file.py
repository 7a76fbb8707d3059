"""The files of signatures: JSON of ADR-099 (D7) with additions, which other tools can read and write too."""

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from midstream_cli.compare.signatures.signature import DEFAULT_THRESHOLD, Background, Signature
from midstream_cli.compare.warping.convention import STEP_PATTERNS
from midstream_cli.errors import SignatureError, SourceError, StoreError
from midstream_cli.frames import Float64

SUFFIX = ".sig.json"

MOST_RATE_HZ = 1000.0
"""A grid finer than that has few frames and much memory."""


def read(path: Path) -> Signature:
    """The signature in a file.

    Raises:
        SourceError: the file cannot be read.
        SignatureError: it does not hold a signature.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", "check the path") from None
    except (ValueError, RecursionError) as error:
        raise SignatureError(f"{path} is not JSON: {error}", "capture the signature anew") from None
    return parse(content, str(path))


def parse(content: Any, path: str) -> Signature:
    """The signature in parsed JSON; `path` is for messages.

    Raises:
        SignatureError: it is not one.
    """
    if not isinstance(content, dict) or "vectors" not in content:
        raise _damaged(path, "it has no vectors")
    vectors = _matrix(content["vectors"], path)
    if content.get("length") not in (None, len(vectors)):
        raise _damaged(path, f"length says {content['length']}, but there are {len(vectors)} vectors")
    dtw, parameters = (_object(content, name, path) for name in ("dtw", "feature"))
    step_pattern = (dtw or {}).get("step_pattern", STEP_PATTERNS[0])
    if step_pattern not in STEP_PATTERNS:
        raise _damaged(path, f"its step pattern {step_pattern!r} is not one of {', '.join(STEP_PATTERNS)}")
    threshold = _number(content, "promotion_threshold", path, most=1.0)
    name = Path(path).name.removesuffix(SUFFIX)
    background = _object(content, "background", path)
    return Signature(
        id=str(content.get("id") or name),
        label=str(content.get("label") or content.get("id") or name),
        vectors=vectors,
        feature_kind=str(content.get("feature_kind") or ""),
        captured_at=str(content.get("captured_at") or ""),
        window=_count(dtw or {}, "window", path, least=0),
        step_pattern=step_pattern,
        promotion_threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        rate_hz=_number(content, "rate_hz", path, most=MOST_RATE_HZ),
        parameters=parameters,
        background=None if background is None else _background(background, vectors.shape[1], path),
        source=str(content.get("source") or ""),
        takes=_count(content, "takes", path, least=1) or 1,
        version=str(content.get("version") or ""),
        path=path,
    )


def as_json(signature: Signature) -> dict[str, Any]:
    """The content of a signature's file."""
    background = signature.background
    return {
        "id": signature.id,
        "label": signature.label,
        "captured_at": signature.captured_at,
        "feature_kind": signature.feature_kind,
        "length": signature.length,
        "dtw": {"window": signature.window, "step_pattern": signature.step_pattern},
        "promotion_threshold": _rounded(signature.promotion_threshold, 6),
        "rate_hz": signature.rate_hz,
        "feature": signature.parameters,
        "background": background
        and {
            "mean": [_rounded(value) for value in background.mean],
            "deviation": [_rounded(value) for value in background.deviation],
            "source": background.source,
            "seconds": round(background.seconds, 3),
        },
        "source": signature.source,
        "takes": signature.takes,
        "version": signature.version,
        "vectors": [[_rounded(value) for value in vector] for vector in signature.vectors],
    }


def write(signature: Signature, path: Path) -> None:
    """Write a signature's file, whole or not at all.

    Raises:
        SignatureError: it holds a value that is not finite, so that it could not be read again.
        StoreError: the file cannot be written.
    """
    content = as_json(signature)
    try:
        vectors = ",\n    ".join(json.dumps(vector, allow_nan=False) for vector in content.pop("vectors"))
        head = _compact(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)).removesuffix("\n}")
    except ValueError:
        raise SignatureError(
            f"{path} would hold a value that is not finite", "capture it where no value is missing"
        ) from None
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f'{head},\n  "vectors": [\n    {vectors}\n  ]\n}}\n', encoding="utf-8")
        temporary.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        raise StoreError(f"{path} cannot be written: {error}", "choose another --out, or make room there") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _compact(text: str) -> str:
    """Indented JSON with each list of numbers on one line."""
    return re.sub(r"\[\s+([-+.,\deE\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def _object(content: Mapping[str, Any], name: str, path: str) -> dict[str, Any] | None:
    value = content.get(name)
    if value is not None and not isinstance(value, dict):
        raise _damaged(path, f"its {name} is not an object")
    return value


def _number(content: Mapping[str, Any], name: str, path: str, most: float = sys.float_info.max) -> float | None:
    """A number above 0, where there is one."""
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= most:
        raise _damaged(
            path,
            f"its {name} {value!r} is not a number above 0"
            + (f", at most {most:g}" if most < sys.float_info.max else ""),
        )
    return float(value)


def _count(content: Mapping[str, Any], name: str, path: str, least: int) -> int | None:
    value = content.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise _damaged(path, f"its {name} {value!r} is not a whole number from {least}")
    return value


def _numbers(values: Any) -> Float64:
    """Nested lists of numbers as an array; text and truths are no numbers.

    Raises:
        ValueError: they are something else, or ragged.
    """
    array = np.array(values)
    if array.dtype.kind not in "iuf":
        raise ValueError
    return array.astype(np.float64)


def _matrix(values: Any, path: str) -> Float64:
    try:
        matrix = _numbers(values) if values else np.empty(0)
    except ValueError:
        raise _damaged(path, "its vectors are not lists of numbers of one length") from None
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or matrix.size == 0:
        raise _damaged(path, "it has no vectors")
    if not np.isfinite(matrix).all():
        raise _damaged(path, "its vectors hold a value that is not finite")
    return matrix


def _background(content: Mapping[str, Any], dims: int, path: str) -> Background:
    try:
        mean, deviation = (_numbers(content[name]) for name in ("mean", "deviation"))
    except (KeyError, ValueError):
        raise _damaged(path, "its background lacks mean or deviation") from None
    if mean.shape != (dims,) or deviation.shape != (dims,) or not np.isfinite([mean, deviation]).all():
        raise _damaged(path, f"its background does not have {dims} finite dimensions as its vectors do")
    if (deviation < 0).any():
        raise _damaged(path, "its background has a negative deviation")
    seconds = content.get("seconds") or 0.0
    if not isinstance(seconds, int | float):
        raise _damaged(path, f"its background lasts {seconds!r} seconds")
    return Background(mean, deviation, str(content.get("source") or ""), float(seconds))


def _rounded(value: float, digits: int = 9) -> float:
    """Nine significant digits: a millionth of any feature's noise, and files that people can read.

    Whole numbers may stand for names, and stay as they are.
    """
    return float(value) if float(value).is_integer() else float(f"{value:.{digits}g}")


def _damaged(path: str, why: str) -> SignatureError:
    return SignatureError(
        f"{path} is not a usable signature: {why}", "midstream signatures check shows all that is wrong"
    )
