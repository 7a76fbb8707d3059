"""Objects as a tree of plain values and a list of buffers, and back: what a running analysis knows, on disk.

What an object's `__getstate__` gives is its state; `__setstate__` takes it back. Arrays keep their addresses modulo 64 and
the buffers they share, as kernels expect. Only classes and modules of this package are made.
"""

import importlib
import json
from collections import Counter, deque
from collections.abc import Sequence
from enum import Enum
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError

PACKAGE = __name__.partition(".")[0]
ALIGNMENT = 64
_PLAIN = (str, int, float, bool, type(None))
_LISTS: dict[str, Any] = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}

Buffer = npt.NDArray[np.uint8]


class Writer:
    """Turns objects into a tree; what occurs twice is one object again when it is read."""

    def __init__(self) -> None:
        self.buffers: list[Buffer] = []
        self._objects: dict[int, int] = {}
        self._roots: dict[int, int] = {}
        self._kept: list[Any] = []
        """Everything that was numbered by its identity, which must not be given to another object meanwhile."""

    def tree(self, value: Any) -> Any:
        """A value as JSON has it.

        Raises:
            TypeError: it holds something that is no state, such as a function.
        """
        if isinstance(value, Enum):
            return {"enum": _name(type(value)), "value": value.value}
        if isinstance(value, _PLAIN):
            return value.item() if isinstance(value, np.generic) else value
        if isinstance(value, ModuleType):
            return {"module": value.__name__}
        if id(value) in self._objects:
            return {"again": self._objects[id(value)]}
        if isinstance(value, np.ndarray | np.generic):
            return self._array(np.asarray(value)) | ({"scalar": True} if isinstance(value, np.generic) else {})
        number = self._objects[id(value)] = len(self._objects)
        self._kept.append(value)
        return {"number": number, **self._compound(value)}

    def _compound(self, value: Any) -> dict[str, Any]:
        name = next((name for name, kind in _LISTS.items() if type(value) is kind), None)
        if name is not None:
            return {name: [self.tree(each) for each in value]}
        if isinstance(value, deque):
            return {"deque": [self.tree(each) for each in value], "room": value.maxlen}
        if isinstance(value, Counter):
            return {"counter": [[self.tree(key), count] for key, count in value.items()]}
        if type(value) is dict:
            return {"dict": [[self.tree(key), self.tree(each)] for key, each in value.items()]}
        if not type(value).__module__.startswith(f"{PACKAGE}."):
            raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} is no state")
        if isinstance(value, tuple):
            return {"named": _name(type(value)), "values": [self.tree(each) for each in value]}
        return {"object": _name(type(value)), "state": self.tree(value.__getstate__())}

    def _array(self, array: npt.NDArray[Any]) -> dict[str, Any]:
        if array.dtype == object:
            return {"texts": [str(each) for each in array.ravel().tolist()], "shape": array.shape}
        root = array
        while isinstance(root.base, np.ndarray):
            root = root.base
        if not root.flags.forc or root.base is not None:
            # memory of somebody else: what is seen of it is copied
            array = root = np.ascontiguousarray(array)
        if id(root) not in self._roots:
            self._roots[id(root)] = len(self.buffers)
            self._kept.append(root)
            self.buffers.append(np.frombuffer(root.tobytes(order="A"), np.uint8))
        return {
            "array": self._roots[id(root)],
            "dtype": array.dtype.str,
            "at": int(array.__array_interface__["data"][0] - root.__array_interface__["data"][0]),
            "address": int(root.__array_interface__["data"][0] % ALIGNMENT),
            "shape": array.shape,
            "strides": array.strides,
        }


class Reader:
    """Makes objects out of a tree and its buffers."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._buffers = buffers
        self._objects: dict[int, Any] = {}
        self._rooms: dict[int, Buffer] = {}

    def value(self, tree: Any) -> Any:
        """What a tree was made from.

        Raises:
            FormatError: it was not made by a `Writer`.
        """
        if not isinstance(tree, dict):
            return tree
        if "enum" in tree:
            return _found(tree["enum"])(tree["value"])
        if "module" in tree:
            return module(tree["module"])
        if "again" in tree:
            return self._objects[tree["again"]]
        if "array" in tree or "texts" in tree:
            return self._array(tree)[()] if "scalar" in tree else self._array(tree)
        return self._compound(tree)

    def _compound(self, tree: dict[str, Any]) -> Any:
        if "object" in tree:
            kind = _found(tree["object"])
            made = self._objects[tree["number"]] = object.__new__(kind)
            _restore(made, self.value(tree["state"]))
            return made
        made = self._container(tree)
        self._objects[tree["number"]] = made
        return made

    def _container(self, tree: dict[str, Any]) -> Any:
        for name, kind in _LISTS.items():
            if name in tree:
                return kind(self.value(each) for each in tree[name])
        if "deque" in tree:
            return deque((self.value(each) for each in tree["deque"]), tree["room"])
        if "counter" in tree:
            return Counter({self.value(key): count for key, count in tree["counter"]})
        if "named" in tree:
            return _found(tree["named"])(*(self.value(each) for each in tree["values"]))
        return {self.value(key): self.value(each) for key, each in tree["dict"]}

    def _array(self, tree: dict[str, Any]) -> npt.NDArray[Any]:
        if "texts" in tree:
            texts = np.empty(len(tree["texts"]), object)
            texts[:] = tree["texts"]
            return texts.reshape(tree["shape"])
        which = tree["array"]
        if which not in self._rooms:
            stored = self._buffers[which]
            room = np.zeros(len(stored) + 2 * ALIGNMENT, np.uint8)
            start = (tree["address"] - room.__array_interface__["data"][0]) % ALIGNMENT
            room[start : start + len(stored)] = stored
            self._rooms[which] = room[start : start + len(stored)]
        return np.ndarray(
            tuple(tree["shape"]), tree["dtype"], self._rooms[which].data, tree["at"], tuple(tree["strides"])
        )


def _restore(made: Any, state: Any) -> None:
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
        return
    for part in state if isinstance(state, tuple) else (state,):
        for name, value in (part or {}).items():
            # frozen classes are filled too
            object.__setattr__(made, name, value)


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _found(name: str) -> Any:
    place, _, path = name.partition(":")
    found: Any = module(place)
    for part in path.split("."):
        found = getattr(found, part, None)
    if not isinstance(found, type):
        raise FormatError(f"there is no class {name}", "the file is of another version: begin anew")
    return found


def module(name: str) -> ModuleType:
    """A module of this package.

    Raises:
        FormatError: there is none of this name.
    """
    if not name.startswith(f"{PACKAGE}."):
        raise FormatError(f"{name} is no part of {PACKAGE}", "the file was not written by midstream")
    try:
        return importlib.import_module(name)
    except ImportError:
        raise FormatError(f"there is no module {name}", "the file is of another version: begin anew") from None


def dumped(value: Any) -> dict[str, Buffer]:
    """A value as named arrays of bytes.

    Raises:
        TypeError: it holds something that is no state.
    """
    writer = Writer()
    text = json.dumps(writer.tree(value), ensure_ascii=False, separators=(",", ":"))
    buffers = {f"b{i}": buffer for i, buffer in enumerate(writer.buffers)}
    return {"tree": np.frombuffer(text.encode(), np.uint8)} | buffers


def loaded(arrays: dict[str, Buffer]) -> Any:
    """The value of named arrays of bytes.

    Raises:
        FormatError: they were not made by `dumped`.
    """
    try:
        tree = json.loads(arrays["tree"].tobytes())
        return Reader([arrays[f"b{i}"] for i in range(len(arrays) - 1)]).value(tree)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise FormatError(f"what was kept is damaged: {error}", "delete the file, and begin anew") from None
