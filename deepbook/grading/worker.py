"""The jailed side: runs a student's code, and nothing else in the grader does.

The grader sends the files' text and then asks: load a file, call a function, export a function as a program of JAX. It
believes nothing that comes back. This file is standalone: inside the jail are Python, NumPy, JAX and cloudpickle, and
of deepbook only the module `wire`.
"""

import contextlib
import functools
import importlib.abc
import importlib.util
import sys

import wire

KEYS = {"fry": "threefry2x32", "rbg": "rbg", "urbg": "unsafe_rbg"}  # JAX's kinds of random keys: short and full name
SCALARS = (str, int, float, bool, type(None))
MANY = 400  # names that are sent along with a NameError


def main():
    requests, answers = int(sys.argv[1]), int(sys.argv[2])
    Worker().serve(
        lambda: wire.read_frame(lambda size: wire.read(requests, size)), lambda frame: wire.write(answers, frame)
    )


class Files(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports `chNN_name.<set>` from the text that the grader has sent; there are no files."""

    def __init__(self, files: dict[str, bytes]):
        self.files = files
        self.modules = {name.removesuffix(".py").replace("/", "."): name for name in files}
        self.packages = {name.split("/")[0] for name in files}

    def find_spec(self, name, path=None, target=None):
        if name in self.packages or name in self.modules:
            return importlib.util.spec_from_loader(name, self, is_package=name in self.packages)
        return None

    def is_package(self, name):
        return name in self.packages

    def get_source(self, name):
        return self.files[self.modules[name]].decode("utf-8-sig", "replace") if name in self.modules else ""

    def get_code(self, name):
        source = self.files[self.modules[name]] if name in self.modules else b""
        return compile(source, self.modules.get(name, name), "exec", dont_inherit=True)


class Worker:
    """Answers requests. A request is a dict with "op" and "nonce"; its answer has the same nonce."""

    def __init__(self):
        self.files = Files({})

    def serve(self, receive, send):
        while True:
            try:
                header, body = receive()
            except EOFError:
                return
            send(self.answer(header, body))

    def answer(self, header, body) -> bytes:
        request = wire.decode(header, body, jax_value, python_function)
        nonce = request.pop("nonce")
        try:
            found = getattr(self, "do_" + request.pop("op"))(**request)
            return wire.pack({"nonce": nonce, "ok": found}, jax_array)
        except wire.NotPlain as error:
            return wire.pack({"nonce": nonce, "not plain": str(error)})
        except BaseException as error:
            return wire.pack({"nonce": nonce, "error": self.described(error)})
        finally:
            flush()

    def do_files(self, files):
        """Take the text of all files; nothing runs yet."""
        self.files = Files(files)
        sys.meta_path.insert(0, self.files)

    def do_load(self, module):
        """Import one file. Gives the names of what can be called in it, and the other names."""
        found = vars(importlib.import_module(module))
        names = [name for name in list(found) if type(name) is str and name.isidentifier() and len(name) < 100][:2000]
        return [
            [name for name in names if callable(found[name])],
            [name for name in names if not callable(found[name])],
        ]

    def do_call(self, module, name, args, kwargs):
        """Gives the value, and the inputs if the function has written into them."""
        before = fingerprint((args, kwargs))
        value = getattr(sys.modules[module], name)(*args, **kwargs)
        after = fingerprint((args, kwargs))
        return [value, None if after == before else [without_functions(args), without_functions(kwargs)]]

    def do_export(self, module, name, args, kwargs, avals, order):
        """The function as a program of JAX, with the leaves of args and kwargs as its inputs.

        avals: of each leaf (kind, dtype, shape, whether its type is weak). order: how often it can be derived.
        """
        import jax
        from jax import export

        kinds, found = [kind for kind, *_ in avals], {}
        function = getattr(sys.modules[module], name)

        def program(*leaves):
            leaves = [wrapped(leaf, kind) for leaf, kind in zip(leaves, kinds, strict=True)]
            value = function(*wire.put_back(args, leaves), **wire.put_back(kwargs, leaves))
            arrays = []
            found["tree"] = wire.take_out(value, lambda each: isinstance(each, jax.Array), arrays)
            found["kinds"] = [key_kind(each) or "j" for each in arrays]
            return [jax.random.key_data(each) if key_kind(each) else each for each in arrays]

        inputs = [jax.ShapeDtypeStruct(shape, dtype, weak_type=weak) for _, dtype, shape, weak in avals]
        exported = export.export(jax.jit(program))(*inputs)
        outputs = [
            [kind, aval.dtype.name, list(aval.shape)]
            for kind, aval in zip(found["kinds"], exported.out_avals, strict=True)
        ]
        return [bytes(exported.serialize(vjp_order=order)), found["tree"], outputs]

    def described(self, error):
        """An exception in plain words: its classes, its arguments, and the place in the student's files."""
        place, frame = None, None
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.files.files:
                place = [trace.tb_frame.f_code.co_filename, trace.tb_lineno]
            frame, trace = trace.tb_frame, trace.tb_next
        args = [each if type(each) in SCALARS else str(each) for each in getattr(error, "args", ())[:6]]
        said = {
            "classes": [str(each.__name__)[:100] for each in type(error).__mro__][:20],
            "args": [each[:4000].encode("utf-8", "replace").decode() if type(each) is str else each for each in args],
            "text": str(error)[:4000].encode("utf-8", "replace").decode(),
            "place": place,
            "names": [],
        }
        if isinstance(error, SyntaxError):
            said["syntax"] = [
                error.filename,
                error.lineno,
                error.offset,
                error.text,
                error.end_lineno,
                error.end_offset,
            ]
            said["args"] = [str(error.msg)]
        elif isinstance(error, NameError) and frame is not None:
            said["name"], said["names"] = error.name, plain_names([*frame.f_locals, *frame.f_globals])
        elif isinstance(error, AttributeError):
            said["name"], said["names"] = error.name, plain_names(dir(error.obj))
        return said


def flush():
    """What the code has printed belongs to this request."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def plain_names(names):
    return [name for name in names if type(name) is str and name.isidentifier() and len(name) < 100][:MANY]


# ------------------------------------------------------------------ values


def jax_value(found: wire.JaxArray):
    """An array, or random keys, as JAX's."""
    import jax

    return jax.numpy.asarray(found.array) if found.kind == "j" else wrapped(found.array, found.kind)


def wrapped(numbers, kind):
    import jax

    return numbers if kind == "j" else jax.random.wrap_key_data(numbers, impl=KEYS[kind])


def key_kind(value) -> str:
    """ "fry" for random keys of that kind; "" for anything else."""
    name = str(getattr(value, "dtype", ""))
    return name[4:-1] if name.startswith("key<") else ""


def jax_array(value) -> wire.JaxArray | None:
    """JAX's arrays and keys in the form in which they travel."""
    import jax
    import numpy as np

    if isinstance(value, jax.core.Tracer):
        raise wire.NotPlain("a value that JAX is still tracing: it left its function by a list or a global name")
    if isinstance(value, jax.Array):
        kind = key_kind(value)
        return wire.JaxArray(np.asarray(jax.random.key_data(value) if kind else value), kind or "j")
    return None


def python_function(found: wire.Function):
    """A function of the tests. Only here is it unpacked."""
    import cloudpickle

    function = cloudpickle.loads(found.code)
    if found.counted:
        function = marked(function)
    if callable(function):
        FUNCTIONS[id(function)] = function
    return function


FUNCTIONS = {}  # the tests' functions by id: they count as unchanged inputs


def marked(function):
    """`function`, with a mark in the exported program wherever Python calls it."""

    @functools.wraps(function)
    def counted(*args, **kwargs):
        import jax

        leaves, tree = jax.tree.flatten((args, kwargs))
        traced = [number for number, leaf in enumerate(leaves) if isinstance(leaf, jax.core.Tracer)]
        traced = [number for number in traced if not key_kind(leaves[number])] or traced
        if traced:
            for number, leaf in zip(traced, jax.lax.optimization_barrier([leaves[n] for n in traced]), strict=True):
                leaves[number] = leaf
        args, kwargs = jax.tree.unflatten(tree, leaves)
        return function(*args, **kwargs)

    return counted


def without_functions(tree):
    """A tree with None in place of the tests' functions."""
    if id(tree) in FUNCTIONS:
        return None
    if isinstance(tree, dict):
        return {key: without_functions(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(map(without_functions, tree))
    return tree


def fingerprint(tree):
    """Bytes that change when a function writes into its inputs; of what cannot travel, its type's name."""
    try:
        return wire.pack(without_functions(tree), jax_array)
    except wire.NotPlain as error:
        return str(error)


if __name__ == "__main__":
    main()
