"""Plain values travel and come back as they were; whatever else comes is a WireError, soon and in little memory."""

import contextlib
import json
import time
import tracemalloc

import hypothesis.strategies as st
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from deepbook.grading import wire


def there_and_back(value, **how):
    header, body = wire.encode(value)
    return wire.decode(header, b"".join(body), **how)


def alike(a, b) -> bool:
    if isinstance(a, np.ndarray | np.generic):
        return type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(alike, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


arrays = hnp.arrays(
    st.sampled_from(["bool", "int8", "int64", "uint32", "float16", "float32", "float64", "complex128"]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | arrays
values = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(values)
def test_plain_values_come_back_as_they_were(value):
    assert alike(there_and_back(value), value)


def test_lists_of_numbers_travel_in_a_piece():
    value = [1.5] * 30_000, [7, -(2**63)] * 10_000, [2**70, 1], [True, 2], [1, 2.0]
    assert alike(there_and_back(value), value)
    assert len(wire.encode(value)[0]) < 300


def test_scalars_texts_and_kinds_of_sequences():
    words = np.array([["a", "貓"], ["", "ß"]])
    found = there_and_back([np.float32(2), np.bool_(True), np.str_("x"), range(3), words, np.array([], "<U3")])
    assert (
        type(found[0]) is np.float32 and type(found[1]) is np.bool_ and type(found[2]) is str and found[3] == [0, 1, 2]
    )
    assert found[4].tolist() == words.tolist() and found[5].shape == (0,)


def test_arrays_are_writable_and_keep_their_order():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::-1]
    found = there_and_back(x)
    found[0] = 0
    assert alike(there_and_back(x.astype(">f8")), np.ascontiguousarray(x)) and np.all(found[1] == x[1])


def test_bfloat16_is_a_kind_of_number():
    x = np.asarray(jnp.array([1.5, -2.0], jnp.bfloat16))
    assert alike(there_and_back(x), x)


class Grid(np.ndarray):
    pass


class Equal:
    def __eq__(self, other):
        return True


def itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({1, 2}, "a set"), (Equal(), "an object of the type Equal"), (np.zeros(2).view(Grid), "class Grid"),
        (np.array([None]), "an array of objects"), (lambda: 0, "a function"), (itself(), "nested too deeply"),
        (np.ma.masked_array([1.0]), "class MaskedArray"), ("\ud800", "half a character"),
        (1 << 20_000, "large integer"),
        (np.zeros(9 << 20), "75 MB"), (np.zeros(2, "M8[s]"), "datetime64"), ([[]] * 400_000, "parts"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and value.isascii() else "",
)  # fmt: skip
def test_what_is_not_plain_is_named(value, name):
    with pytest.raises(wire.NotPlain, match=name):
        wire.encode(value)


def test_a_type_with_an_evil_name_is_cleaned():
    value = type("\x1b[2Jx", (), {})()
    with pytest.raises(wire.NotPlain) as error:
        wire.encode(value)
    assert "\x1b" not in str(error.value)


HOSTILE = {
    "no JSON": b"{",
    "not UTF-8": b'"\xff"',
    "an object": b'{"a": 1}',
    "the same key twice": b'["d",[["a",1],["a",2]]]',
    "NaN": b"NaN",
    "infinity": b"-Infinity",
    "a fraction": b"1e400",
    "a long number": b"9" * 5000,
    "deep": b"[" * 100_000,
    "deep and whole": b'["l",[' * 5000 + b"1" + b"]]" * 5000,
    "an unknown kind": b'["z",1]',
    "no kind": b"[1,2]",
    "nothing": b"[]",
    "a kind that is a method": b'["take",4]',
    "too few parts": b'["a","n"]',
    "too many parts": b'["f",1,2,3]',
    "a function": b'["x",0,false]',
    "objects": b'["a","n","object",[1]]',
    "a pointer": b'["a","n","V8",[1]]',
    "a text as dtype": b'["a","n","<U1000000000",[1]]',
    "a list as dtype": b'["a","n",["f8"],[1]]',
    "no such array": b'["a","q","float64",[0]]',
    "an enormous array": b'["a","n","float64",[1099511627775]]',
    "an enormous empty array": b'["a","n","float64",[0,1099511627775,1099511627775]]',
    "a negative size": b'["a","n","float64",[-1]]',
    "a size that is true": b'["a","n","float64",[true]]',
    "many axes": b'["a","n","float64",[' + b",".join([b"1"] * 40) + b"]]",
    "more than there is": b'["a","n","float64",[2]]',
    "a scalar with axes": b'["a","s","float64",[1]]',
    "keys of floats": b'["a","fry","float64",[1]]',
    "many bytes": b'["b",99]',
    "negative bytes": b'["b",-1]',
    "true bytes": b'["b",true]',
    "many numbers": b'["L","f",100000000000]',
    "numbers of no kind": b'["L","q",1]',
    "half a character": b'"\\ud800"',
    "an integer of a million digits": b'["i","0x' + b"f" * 100_000 + b'"]',
    "an integer that is none": b'["i","__import__"]',
    "a leaf below zero": b'["o",-1]',
    "texts of another shape": b'["u",[3],["a"]]',
    "texts that are none": b'["u",[1],[1]]',
    "a long text beside many": b'["u",[60000],["' + b"x" * 9000 + b'"' + b',""' * 59_999 + b"]]",
    "a dict that is none": b'["d",7]',
    "pairs of three": b'["d",[[1,2,3]]]',
    "a list as a key": b'["d",[[["l",[]],1]]]',
    "keys that collide": b'["d",['
    + b",".join(b'[["i","%s"],0]' % hex((2**61 - 1) * n).encode() for n in range(2000))
    + b"]]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_frames_are_refused(name):
    tracemalloc.start()
    began = time.process_time()
    for body in (b"", bytes(8)):  # what is right but for its rest of a body would pass with one of them
        with pytest.raises(wire.WireError):
            wire.decode(HOSTILE[name], body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - began < 5 and peak < 100e6


def test_truth_values_are_zero_or_one():
    with pytest.raises(wire.WireError):
        wire.decode(b'["a","n","bool",[1]]', b"\x02")


def test_a_rest_in_the_body_is_refused():
    with pytest.raises(wire.WireError, match="more in its body"):
        wire.decode(b"1", b"x")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_random_bytes_are_a_value_or_a_wire_error(header, body):
    with contextlib.suppress(wire.WireError):
        wire.decode(header, body)


tokens = st.sampled_from([*sorted(wire.NAMES), "float64", "n", "s", "j", "fry", "bool", "d", "q", "0x1f", ""])
trees = st.recursive(
    tokens | st.integers(-3, 70) | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=5), max_leaves=30
)


@settings(max_examples=500, deadline=None)
@given(trees, st.binary(max_size=64))
def test_trees_that_are_nearly_right_are_a_value_or_a_wire_error(tree, body):
    with contextlib.suppress(wire.WireError):
        wire.decode(json.dumps(tree).encode(), body, functions=lambda found: found)


@settings(max_examples=200, deadline=None)
@given(values, st.integers(0, 10_000), st.integers(0, 255))
def test_one_wrong_byte_is_a_value_or_a_wire_error(value, place, byte):
    header, body = wire.encode(value)
    whole = bytearray(header + b"".join(body))
    whole[place % len(whole)] = byte
    with contextlib.suppress(wire.WireError):
        wire.decode(whole[: len(header)], whole[len(header) :])


def reader(content: bytes):
    rest = bytearray(content)

    def read(size):
        if size > len(rest):
            raise EOFError
        piece = rest[:size]
        del rest[:size]
        return piece

    return read


def test_a_frame_is_read_whole():
    header, body = wire.read_frame(reader(wire.pack([1, b"xyz"])))
    assert wire.decode(header, body) == [1, b"xyz"]


@pytest.mark.parametrize(("header", "body"), [(wire.HEADER + 1, 0), (2, wire.BODY + 1), (2**32 - 1, 2**32 - 1)])
def test_a_frame_that_is_too_large_is_refused_before_it_is_read(header, body):
    with pytest.raises(wire.WireError, match="too large"):
        wire.read_frame(reader(wire.PREFIX.pack(wire.MAGIC, header, body)))


def test_a_frame_begins_with_its_sign():
    with pytest.raises(wire.WireError, match="no frame"):
        wire.read_frame(reader(b"HTTP/1.1 200 OK\r\n"))


def test_clean_takes_what_a_terminal_obeys():
    dirty = "a\x1b[31mb\x07\r\u202ec\ud800\x9b\u2028\n\té貓"
    assert wire.clean(dirty) == "a\\x1b[31mb\\x07\\x0d\\u202ec\\ud800\\x9b\\u2028\n\té貓"
    assert wire.clean("x" * 5000, 10) == "x" * 9 + "…"


def test_leaves_are_taken_out_and_put_back():
    tree, leaves = [1, {"a": (2.0, [3.0])}], []
    form = wire.take_out(tree, lambda each: type(each) is float, leaves)
    assert leaves == [2.0, 3.0] and there_and_back(form) == form and wire.put_back(form, leaves) == tree
    with pytest.raises(wire.WireError):
        wire.put_back(form, [])
