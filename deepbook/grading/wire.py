"""Plain values as bytes, and back: what the grader and the jailed code of a student say to each other.

A frame is a header (JSON: the tree of the value) and a body (the raw numbers of its arrays). Nothing is pickled, and
whoever decodes takes every byte for hostile: sizes, depth, counts and types are checked before memory is taken, and
whatever is wrong raises one WireError. The one exception is marked: a test's function travels from the grader to the
student's side, and only that side unpacks it.

This file also runs inside the jail, so it needs nothing but Python and NumPy.
"""

import json
import math
import os
import struct
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER, BODY = 1 << 20, 64 << 20  # bytes: the largest header and the largest body that are read
DEPTH, NODES, AXES = 40, 300_000, 32
STRANGE = 1000  # keys of one dict that are neither texts nor usual integers
DIGITS = 3500  # hexadecimal digits of an integer
PREFIX = struct.Struct("<4sII")  # "book", the bytes of the header, the bytes of the body
MAGIC = b"book"
DTYPES = {
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "bfloat16", "complex64", "complex128"),
}
KEYS = ("fry", "rbg", "urbg")  # the kinds of JAX's random keys


class WireError(ValueError):
    """What came is no frame of plain values."""


class NotPlain(TypeError):
    """A value that cannot travel. The message names its type, and nothing else of it."""


@dataclass(frozen=True)
class Function:
    """A test's function on its way to the student's side, as cloudpickle's bytes; counted: calls of it leave marks."""

    code: bytes
    counted: bool = False


@dataclass(frozen=True)
class Leaf:
    """Stands for the array number `index` of a list, in a tree whose arrays travel apart."""

    index: int


@dataclass(frozen=True)
class JaxArray:
    """An array of JAX (kind "j"), or its random keys (the kind is one of KEYS; then these are their numbers)."""

    array: np.ndarray
    kind: str = "j"


# ------------------------------------------------------------------ values to bytes


def encode(value, special=None) -> tuple[bytes, list[bytes]]:
    """The header, and the pieces of the body.

    special: turns a value that is not NumPy's into a JaxArray or a Function, or gives None if it is neither.
    Raises NotPlain for a value that cannot travel.
    """
    writer = _Writer(special or (lambda value: None))
    try:
        header = json.dumps(writer.tree(value, 0), separators=(",", ":")).encode()
    except RecursionError:
        raise NotPlain("a value that contains itself") from None
    size = sum(map(len, writer.body))
    if len(header) > HEADER or size > BODY:
        raise NotPlain(f"a value of {max(size, len(header)) / 1e6:.0f} MB, where {BODY / 1e6:.0f} MB are allowed")
    return header, writer.body


def pack(value, special=None) -> bytes:
    """`value` as one frame."""
    header, body = encode(value, special)
    return b"".join([PREFIX.pack(MAGIC, len(header), sum(map(len, body))), header, *body])


class _Writer:
    def __init__(self, special):
        self.special, self.body, self.nodes = special, [], 0

    def tree(self, value, depth):
        self.nodes += 1
        if depth > DEPTH:
            raise NotPlain("a value that is nested too deeply")
        if self.nodes > NODES:
            raise NotPlain(f"a value of more than {NODES} parts")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str or kind is np.str_:
            try:
                value.encode()
            except UnicodeEncodeError:
                raise NotPlain("a text with half a character in it") from None
            return str(value)
        if kind is int:
            return value if -(2**53) < value < 2**53 else ["i", self.hexadecimal(value)]
        if kind is float:
            self.body.append(struct.pack("<d", value))
            return ["f"]
        if kind is complex:
            self.body.append(struct.pack("<dd", value.real, value.imag))
            return ["c"]
        if kind is bytes:
            self.body.append(value)
            return ["b", len(value)]
        if isinstance(value, list | tuple):
            return self.sequence(value, depth)
        if isinstance(value, dict):
            return ["d", [[self.tree(k, depth + 1), self.tree(v, depth + 1)] for k, v in value.items()]]
        return self.other(value, kind, depth)

    def hexadecimal(self, value):
        if value.bit_length() > 4 * DIGITS:
            raise NotPlain("a very large integer")
        return hex(value)

    def sequence(self, value, depth):
        sign = "t" if isinstance(value, tuple) else "l"
        kinds = set(map(type, value)) if len(value) > 1 else ()
        if kinds == {float}:
            self.body.append(np.array(value, "<f8").tobytes())
            return [sign.upper(), "f", len(value)]
        if kinds == {int} and max(value) < 2**63 and min(value) >= -(2**63):
            self.body.append(np.array(value, "<i8").tobytes())
            return [sign.upper(), "i", len(value)]
        return [sign, [self.tree(each, depth + 1) for each in value]]

    def other(self, value, kind, depth):
        if kind is Function:
            self.body.append(value.code)
            return ["x", len(value.code), value.counted]
        if kind is Leaf:
            return ["o", value.index]
        if kind is JaxArray:
            return self.array(value.array, value.kind)
        if kind is np.ndarray:
            if value.dtype.kind == "U":
                return ["u", list(value.shape), [self.tree(each, depth + 1) for each in value.ravel().tolist()]]
            return self.array(value, "n")
        if isinstance(value, np.generic) and kind.__module__ in ("numpy", "ml_dtypes"):
            return self.array(np.asarray(value), "s")
        if kind is range or (kind.__module__ == "collections" and kind.__name__ == "deque"):
            return self.sequence(list(value), depth)
        found = self.special(value)
        if found is None:
            raise NotPlain(type_name(value))
        return self.other(found, type(found), depth)

    def array(self, array, kind):
        if type(array) is not np.ndarray or array.dtype.name not in DTYPES or array.ndim > AXES:
            raise NotPlain(f"an array of {array.dtype.name}" if array.dtype != object else "an array of objects")
        array = np.ascontiguousarray(array).reshape(array.shape)
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        self.body.append(array.tobytes())
        return ["a", kind, array.dtype.name, list(array.shape)]


def type_name(value) -> str:
    """ "a set", "an object of the type Grid": what a value is, and nothing of what is in it."""
    name = clean(str(getattr(type(value), "__name__", "?")), 60)
    if callable(value):
        return "a function"
    if isinstance(value, np.ndarray):
        return f"an array of the class {name}"
    return f"a {name}" if type(value).__module__ == "builtins" else f"an object of the type {name}"


# ------------------------------------------------------------------ bytes to values


def decode(header, body, build=None, functions=None) -> Any:
    """The value of a frame. Raises WireError, whatever the bytes are.

    build: makes a value of a JaxArray. functions: makes a value of a Function; without it none is allowed.
    """
    reader = _Reader(memoryview(body), build or (lambda found: found), functions)
    try:
        tree = json.loads(
            bytes(header).decode("utf-8"),
            object_pairs_hook=_no_objects,
            parse_float=_no_number,
            parse_constant=_no_number,
            parse_int=_small,
        )
        value = reader.value(tree, 0)
    except WireError:
        raise
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"a frame that cannot be read ({type(error).__name__})") from None
    if reader.place != len(reader.body):
        raise WireError("a frame with more in its body than its header says")
    return value


def _no_objects(_):
    raise WireError("an object in the header")


def _no_number(_):
    raise WireError("a number with a fraction in the header")


def _small(text):
    if len(text) > 17:
        raise WireError("a long number in the header")
    return int(text)


class _Reader:
    def __init__(self, body, build, functions):
        self.body, self.build, self.functions = body, build, functions
        self.place, self.nodes = 0, 0

    def take(self, size) -> memoryview:
        if type(size) is not int or not 0 <= size <= len(self.body) - self.place:
            raise WireError("a body that is shorter than its header says")
        piece = self.body[self.place : self.place + size]
        self.place += size
        return piece

    def count(self, more):
        self.nodes += more
        if self.nodes > NODES:
            raise WireError("a value of too many parts")

    def value(self, tree, depth):
        self.count(1)
        if depth > DEPTH:
            raise WireError("a value that is nested too deeply")
        if tree is None or type(tree) in (bool, int):
            return tree
        if type(tree) is str:
            return self.text(tree)
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise WireError("a part of no known kind")
        read = getattr(self, f"read_{NAMES.get(tree[0])}", None)
        if read is None:
            raise WireError("a part of no known kind")
        return read(*tree[1:], depth=depth)

    def text(self, tree):
        try:
            tree.encode()
        except UnicodeEncodeError:
            raise WireError("a text with half a character in it") from None
        return tree

    def read_integer(self, digits, depth):
        if type(digits) is not str or len(digits) > DIGITS + 3:
            raise WireError("a very large integer")
        return int(digits, 16)

    def read_float(self, depth):
        return struct.unpack("<d", self.take(8))[0]

    def read_complex(self, depth):
        return complex(*struct.unpack("<dd", self.take(16)))

    def read_bytes(self, size, depth):
        return bytes(self.take(size))

    def read_list(self, parts, depth):
        if type(parts) is not list:
            raise WireError("a list without parts")
        return [self.value(each, depth + 1) for each in parts]

    def read_tuple(self, parts, depth):
        return tuple(self.read_list(parts, depth))

    def read_numbers(self, kind, size, depth):
        if kind not in ("f", "i") or type(size) is not int or size < 0:
            raise WireError("a list of no known kind")
        self.count(size)
        return np.frombuffer(self.take(8 * size), {"f": "<f8", "i": "<i8"}[kind]).tolist()

    def read_tuple_of_numbers(self, kind, size, depth):
        return tuple(self.read_numbers(kind, size, depth))

    def read_dict(self, pairs, depth):
        found, strange = {}, 0
        for key, value in pairs:
            key = self.value(key, depth + 1)
            strange += type(key) not in (str, int, bool) or (type(key) is int and abs(key) >= 2**53)
            if strange > STRANGE:  # such keys can be made to collide in the dict, which takes very long
                raise WireError("a dict with many keys that are no texts")
            if key in found:
                raise WireError("a dict with the same key twice")
            found[key] = self.value(value, depth + 1)
        return found

    def read_function(self, size, counted, depth):
        if self.functions is None or type(counted) is not bool:
            raise WireError("a function where none is allowed")
        return self.functions(Function(bytes(self.take(size)), counted))

    def read_leaf(self, index, depth):
        if type(index) is not int or not 0 <= index < NODES:
            raise WireError("a leaf without a number")
        return Leaf(index)

    def read_texts(self, shape, texts, depth):
        size = self.size(shape, 1)
        if type(texts) is not list or len(texts) != size or not all(type(each) is str for each in texts):
            raise WireError("an array of texts that does not fit its shape")
        longest = max(map(len, texts), default=1)
        if 4 * longest * size > BODY:
            raise WireError("an array of long texts")
        self.count(size)
        return np.array([self.text(each) for each in texts], dtype=f"<U{max(longest, 1)}").reshape(shape)

    def read_array(self, kind, name, shape, depth):
        if kind not in ("n", "s", "j", *KEYS) or name not in DTYPES:
            raise WireError("an array of no known kind")
        dtype = np.dtype(name) if name != "bfloat16" else _bfloat16()
        piece = self.take(self.size(shape, dtype.itemsize) * dtype.itemsize)
        if name == "bool" and len(piece) and np.frombuffer(piece, np.uint8).max() > 1:
            raise WireError("an array of truth values that are neither 0 nor 1")
        array = np.frombuffer(piece, dtype).reshape(shape).copy()  # a copy: writable, and aligned
        if kind == "n":
            return array
        if kind == "s":
            if array.ndim:
                raise WireError("a scalar with axes")
            return array[()]
        if kind in KEYS and (name != "uint32" or not array.ndim):
            raise WireError("random keys of another kind")
        return self.build(JaxArray(array, kind))

    def size(self, shape, itemsize):
        """How many elements; never more than the body could hold."""
        if type(shape) is not list or len(shape) > AXES or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
            raise WireError("an array of no possible shape")
        elements = math.prod(shape)
        if math.prod(n for n in shape if n) * itemsize > BODY:
            raise WireError("an array that is too large")
        return elements


NAMES = {
    "i": "integer", "f": "float", "c": "complex", "b": "bytes", "l": "list", "t": "tuple", "L": "numbers",
    "T": "tuple_of_numbers", "d": "dict", "x": "function", "o": "leaf", "u": "texts", "a": "array",
}  # fmt: skip


def _bfloat16():
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)


# ------------------------------------------------------------------ frames


def take_out(tree, wanted, leaves: list):
    """A copy of a tree with Leaf(i) in place of everything that is `wanted`, which is added to `leaves`."""
    if wanted(tree):
        leaves.append(tree)
        return Leaf(len(leaves) - 1)
    if isinstance(tree, dict):
        return {key: take_out(value, wanted, leaves) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return (tuple if isinstance(tree, tuple) else list)([take_out(each, wanted, leaves) for each in tree])
    return tree


def put_back(tree, leaves):
    """The tree with the leaves in their places. Raises WireError if one is not there."""
    if isinstance(tree, Leaf):
        if tree.index >= len(leaves):
            raise WireError("a leaf that is not there")
        return leaves[tree.index]
    if isinstance(tree, dict):
        return {key: put_back(value, leaves) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)([put_back(each, leaves) for each in tree])
    return tree


def read_frame(read) -> tuple[bytearray, bytearray]:
    """Header and body of the next frame. read(n) gives n bytes or raises; it is asked only for what is allowed."""
    magic, header, body = PREFIX.unpack(read(PREFIX.size))
    if magic != MAGIC:
        raise WireError("bytes that are no frame")
    if header > HEADER or body > BODY:
        raise WireError("a frame that is too large")
    return read(header), read(body)


def read(descriptor: int, size: int) -> bytearray:
    """Just so many bytes, for who trusts the other side. Raises EOFError when it has gone."""
    found = bytearray()
    while len(found) < size:
        piece = os.read(descriptor, min(size - len(found), 1 << 20))
        if not piece:
            raise EOFError
        found += piece
    return found


def write(descriptor: int, frame: bytes):
    view = memoryview(frame)
    while view:
        view = view[os.write(descriptor, view) :]


def clean(text: str, most: int = 2000) -> str:
    """A text that can be shown anywhere: no control characters, no half characters, no marks that turn a line round."""
    text = text[: most + 1]
    text = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(letter if _is_harmless(letter) else _escaped(letter) for letter in text)


def _is_harmless(letter):
    number = ord(letter)
    if number < 0x7F:
        return number >= 0x20 or letter in "\n\t"
    turning = 0x200B <= number <= 0x200F or 0x202A <= number <= 0x202E or 0x2060 <= number <= 0x206F
    return not (number < 0xA0 or turning or 0xD800 <= number <= 0xDFFF or number in (0x2028, 0x2029, 0xFEFF))


def _escaped(letter):
    return letter.encode("ascii", "backslashreplace").decode() if ord(letter) > 0x7F else f"\\x{ord(letter):02x}"


if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("the grader needs a little-endian machine")
