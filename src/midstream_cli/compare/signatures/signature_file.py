"""The files of signatures: JSON of ADR-099 (D7) with additions, which other tools can read and write too."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from midstream_cli.compare.signatures import background_fields, fields
from midstream_cli.compare.signatures.signature import DEFAULT_THRESHOLD, Signature
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
    return parse(_content(path), str(path))


def _content(path: Path) -> Any:
    """The JSON in a file."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", "check the path") from None
    except (ValueError, RecursionError) as error:
        raise SignatureError(f"{path} is not JSON: {error}", "capture the signature anew") from None


def parse(content: Any, path: str) -> Signature:
    """The signature in parsed JSON; `path` is for messages.

    Raises:
        SignatureError: it is not one.
    """
    if not isinstance(content, dict) or "vectors" not in content:
        raise fields.damaged(path, "it has no vectors")
    vectors = _matrix(content["vectors"], path)
    if content.get("length") not in (None, len(vectors)):
        raise fields.damaged(path, f"length says {content['length']}, but there are {len(vectors)} vectors")
    dtw, parameters = (fields.mapping(content, name, path) for name in ("dtw", "feature"))
    step_pattern = (dtw or {}).get("step_pattern", STEP_PATTERNS[0])
    if step_pattern not in STEP_PATTERNS:
        raise fields.damaged(path, f"its step pattern {step_pattern!r} is not one of {', '.join(STEP_PATTERNS)}")
    threshold = fields.number(content, "promotion_threshold", path, most=1.0)
    name = Path(path).name.removesuffix(SUFFIX)
    background = fields.mapping(content, "background", path)
    recognition = fields.mapping(content, "recognition", path) or {}
    return Signature(
        id=str(content.get("id") or name),
        label=str(content.get("label") or content.get("id") or name),
        vectors=vectors,
        feature_kind=str(content.get("feature_kind") or ""),
        captured_at=str(content.get("captured_at") or ""),
        window=fields.count(dtw or {}, "window", path, least=0),
        step_pattern=step_pattern,
        promotion_threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        rate_hz=fields.number(content, "rate_hz", path, most=MOST_RATE_HZ),
        parameters=parameters,
        background=None if background is None else background_fields.parse(background, vectors.shape[1], path),
        evidence_threshold=fields.number(recognition, "threshold", path),
        false_alarms_per_day=fields.number(recognition, "false_alarms_per_day", path),
        calibrated_hours=fields.number(recognition, "hours", path) or 0.0,
        calibrated_on=fields.names(recognition, "background", path),
        source=str(content.get("source") or ""),
        takes=fields.count(content, "takes", path, least=1) or 1,
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
        "promotion_threshold": fields.rounded(signature.promotion_threshold, 6),
        "rate_hz": signature.rate_hz,
        "feature": signature.parameters,
        "background": background and background_fields.as_json(background),
        **recognition_json(signature),
        "source": signature.source,
        "takes": signature.takes,
        "version": signature.version,
        "vectors": [[fields.rounded(value) for value in vector] for vector in signature.vectors],
    }


def recognition_json(signature: Signature) -> dict[str, Any]:
    """What a signature's calibration found, under `recognition`; nothing where there was none."""
    if signature.evidence_threshold is None:
        return {}
    found = {
        "threshold": fields.rounded(signature.evidence_threshold, 6),
        "false_alarms_per_day": signature.false_alarms_per_day and fields.rounded(signature.false_alarms_per_day, 6),
        "hours": fields.rounded(signature.calibrated_hours, 6),
        "background": list(signature.calibrated_on),
    }
    return {"recognition": found}


def write(signature: Signature, path: Path) -> None:
    """Write a signature's file, whole or not at all.

    Raises:
        SignatureError: it holds a value that is not finite, so that it could not be read again.
        StoreError: the file cannot be written.
    """
    _write(as_json(signature), path)


def annotate(signature: Signature) -> None:
    """Write what a signature's calibration found into the file it came from; all else there stays, whoever wrote it.

    Raises:
        SourceError: the file cannot be read.
        SignatureError: it does not hold a signature any more.
        StoreError: it cannot be written.
    """
    path = Path(signature.path).resolve()
    content = _content(path)
    parse(content, signature.path)
    _write({**content, **recognition_json(signature), "vectors": content["vectors"]}, path)


def _write(content: dict[str, Any], path: Path) -> None:
    """Write the content of a signature's file, the vectors last."""
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


def _matrix(values: Any, path: str) -> Float64:
    try:
        matrix = fields.numbers(values) if values else np.empty(0)
    except ValueError:
        raise fields.damaged(path, "its vectors are not lists of numbers of one length") from None
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or matrix.size == 0:
        raise fields.damaged(path, "it has no vectors")
    if not np.isfinite(matrix).all():
        raise fields.damaged(path, "its vectors hold a value that is not finite")
    return matrix
