"""A student's function inside what JAX traces: a program takes its place, and a second jail runs that program."""

import numpy as np

from deepbook.grading import wire
from deepbook.grading.travel import KEYS, NotReturned, no_value

PER_CALL = (
    4  # the student may have taken the marks out: one call is thought to repeat no operation more often than that
)


class Program:
    """A student's function as a program, for certain shapes."""

    def __init__(self, student, module, name, tree, avals):
        self.student, self.request = student, {"module": module, "name": name, "avals": avals}
        self.args, self.kwargs = tree
        self.numbers = {}  # by how often it can be derived: the program's number, and the jail that knows it
        self.form, self.outputs, self.marks = self.export(0)

    def export(self, order):
        """Let the worker export it and the second jail read it. Gives the form of its value, its outputs, its marks."""
        student = self.student
        student.ensure(self.request["module"])
        try:
            answer = student.ask_worker("export", args=self.args, kwargs=self.kwargs, order=order, **self.request)
        except NotReturned as error:
            raise no_value(self.request["name"], error) from None
        try:
            code, form, outputs = answer
            outputs = [(kind, np.dtype(dtype_named(name)), tuple(shape)) for kind, name, shape in outputs]
            wire.put_back(form, outputs)
            good = type(code) is bytes and all(kind in ("j", *KEYS) and sized(d, s) for kind, d, s in outputs)
        except (TypeError, ValueError, KeyError):
            good = False
        if not good:
            raise student.broken(student.worker, "it gave no program")
        number, marks, most = self.numbers_of(student.ask_evaluator("load", program=code))
        self.numbers[order] = number, student.evaluator
        return form, outputs, max(marks, most // PER_CALL)

    def numbers_of(self, answer):
        if type(answer) is not list or len(answer) != 3 or not all(type(n) is int and 0 <= n < 2**40 for n in answer):
            raise self.student.broken(self.student.evaluator, "it gave no numbers")
        return answer

    def __call__(self, leaves):
        import jax

        outputs = self.derivable()(*leaves) if self.outputs else []
        arrays = [
            jax.random.wrap_key_data(each, impl=KEYS[kind]) if kind in KEYS else each
            for each, (kind, *_) in zip(outputs, self.outputs, strict=True)
        ]
        return wire.put_back(self.form, arrays)

    def derivable(self):
        """A function of JAX that is run by the second jail, and so is its gradient."""
        import jax

        specs = [jax.ShapeDtypeStruct(shape, dtype) for _, dtype, shape in self.outputs]

        @jax.custom_vjp
        def call(*inputs):
            return jax.pure_callback(self.run, specs, *inputs, vmap_method="sequential")

        def forward(*inputs):
            if 1 not in self.numbers:
                self.export(1)
            return call(*inputs), inputs

        def backward(inputs, slopes):
            real = jax.numpy.inexact
            kinds = [(np.dtype(dtype_named(name)), shape) for _, name, shape, _ in self.request["avals"]]
            wanted = [jax.ShapeDtypeStruct(s, d) for d, s in kinds if jax.numpy.issubdtype(d, real)]
            steep = [s for s, (_, d, _) in zip(slopes, self.outputs, strict=True) if jax.numpy.issubdtype(d, real)]
            found = jax.pure_callback(self.pull, wanted, inputs, steep, vmap_method="sequential") if wanted else []
            found = iter(found)
            none = jax.dtypes.float0  # the slope along an integer
            return tuple(next(found) if jax.numpy.issubdtype(d, real) else np.zeros(s, none) for d, s in kinds)

        call.defvjp(forward, backward)
        return call

    def run(self, *inputs):
        specs = [(dtype, shape) for _, dtype, shape in self.outputs]
        return self.evaluate("run", 0, specs, inputs=[np.asarray(each) for each in inputs])

    def pull(self, inputs, slopes):
        import jax.numpy as jnp

        slopes = iter(slopes)
        slopes = [np.asarray(next(slopes)) if jnp.issubdtype(d, jnp.inexact) else None for _, d, _ in self.outputs]
        inputs = [np.asarray(each) for each in inputs]
        specs = [(x.dtype, x.shape) for x in inputs if jnp.issubdtype(x.dtype, jnp.inexact)]
        return self.evaluate("pull", 1, specs, inputs=inputs, slopes=slopes)

    def evaluate(self, op, order, specs, **request):
        """Arrays of the second jail, of just these dtypes and shapes. An error is kept: JAX would hide what it was."""
        try:
            if self.numbers[order][1] is not self.student.evaluator:
                self.export(order)
            found = self.student.ask_evaluator(op, number=self.numbers[order][0], **request)
            found = [each for each in found if each is not None]
            if [(each.dtype, each.shape) for each in found] != specs:
                raise self.student.broken(self.student.evaluator, "it gave other arrays than its program says")
            return found
        except BaseException as error:
            self.student.pending = error
            raise RuntimeError("the call failed; see `pending`") from None


def dtype_named(name):
    if name not in wire.DTYPES:
        raise ValueError(name)
    return wire._bfloat16() if name == "bfloat16" else name


def sized(dtype, shape):
    """Whether an array of this kind may exist."""
    if not all(type(n) is int and 0 <= n < 2**31 for n in shape) or len(shape) > wire.AXES:
        return False
    return dtype.itemsize * int(np.prod(shape, dtype=object)) <= wire.BODY
