"""What the messages of well-known errors are really about."""

import ast
import re

# (part of "Type: its text", or parts with | between, what to say).
# The first that fits is said; one that speaks of jax. or np. only where the answer may use it.
TIPS = (
    # a value is None, or of another kind than one thinks
    ("Output was None", "The function that grad was given returns None: does it lack its `return`?"),
    ("'NoneType' object|NoneType object", "Something is None: does a function that you call lack its `return`?"),
    ("object is not callable", "Two names clash: you called a value as if it were a function."),
    ("can't multiply sequence", "Tuples and lists do not calculate: `jax.tree.map(lambda w: 0.1 * w, params)` does."),
    ("can't multiply sequence", "Lists and tuples do not calculate: multiply their numbers one by one, in a loop."),
    ("and 'tuple'|'tuple' and", "Tuples do not calculate: unpack them, or use `jax.tree.map` for all their parts."),
    ("and 'tuple'|'tuple' and", "Tuples do not calculate: unpack them, `a, b = …`."),
    ("'tuple'> at position", "A tuple is no array: unpack it, or use `jax.tree.map` for all its parts."),
    ("'list' and 'list'", "Lists do not calculate: make arrays of them with `np.array`, or loop with `zip`."),
    (
        "'list' and 'list'",
        "Lists do not calculate: go through their numbers in a loop, two lists at a time with `zip`.",
    ),
    ("'list'> at position", "jnp takes arrays, not lists: `jnp.array(…)` makes one of it."),
    ("'tuple' object has no attribute", "This is a tuple of several things: unpack it first, `a, b = …`."),
    ("'list' object has no attribute", "This is a list, not an array: `np.array(…)` makes one of it."),
    ("'list' object has no attribute", "This is a list, not an array: it has a length, `len(…)`, and no shape."),
    ("'float' object is not|'int' object is not", "This is one number: it has no parts to take or to loop over."),
    ("over a 0-d array", "This array is one number, of shape (): it has no parts to loop over."),
    ("values to unpack", "Print the right side of `=`: it has more parts, or fewer, than there are names."),
    ("cannot unpack", "The right side of `=` is one thing, and on the left are several names: print it."),
    ("unhashable type", "A list cannot be a key of a dict or a set; a tuple can."),
    ("required positional argument", "The call leaves something out: compare it with the `def` line."),
    ("positional arguments but", "The call has too many inputs: compare it with the `def` line."),
    # names, keys, indices
    ("NameError", "Is it spelled as where you made it, or is an import missing?"),
    ("UnboundLocalError", "On the way to this line the name has no value yet: give it one before the loop or `if`."),
    ("KeyError", "The dict has no such key: print its `.keys()` just above that line."),
    ("out of bounds for array of dimension", "The array has fewer axes: print its shape. The last axis is -1."),
    ("list indices must be", "A list takes one integer as its index; an array takes several at a time."),
    ("used as indices|valid indices|Indexer must", "An index must be an integer: `//` divides without a fraction."),
    ("NonConcreteBooleanIndexError", "Inside jit no shape depends on values: `jnp.where(mask, x, 0)`, not `x[mask]`."),
    ("IndexError", "Indices go from 0 to one less than the length: print the length just above that line."),
    ("only integer scalar arrays", "An array stands where one integer belongs: in `range(…)`, or as a list's index?"),
    # shapes
    (
        "truth value of an array",
        "`if` needs one yes or no, and this is an array: use `where` of np or jnp, or index it.",
    ),
    ("to Python scalars", "`float` takes one number, and this is an array: index it, or take its mean or sum."),
    (
        "core dimension|dot_general requires",
        "The shapes do not fit for @. Print both just above that line; `.T` turns a matrix round.",
    ),
    ("inhomogeneous", "Arrays of different shapes do not fit into one array: keep them in a list."),
    ("cannot reshape", "`reshape` keeps all the numbers, and -1 stands for what is left: print the shape."),
    ("broadcast", "Print the shapes of both arrays just above that line."),
    # writing into arrays, arithmetic, memory
    ("JAX arrays are immutable", "Write `x = x.at[i].set(value)` in place of `x[i] = value`."),
    ("read-only", "JAX owns this array: write into a copy, `x = np.array(x)`, or use `x.at[i].set(value)`."),
    ("Cannot cast ufunc", "An array of integers takes no fractions: make it with `np.zeros(n)` or `.astype(float)`."),
    ("division by zero", "What if there is nothing to divide by?"),
    ("math domain error", "Is that the log of 0, or the root of a negative number?"),
    ("math range error", "The exponential of a large number: can you make the exponent smaller first?"),
    ("RecursionError", "The function calls itself without end: when should it stop?"),
    ("MemoryError", "Is an array far larger than you meant? Print the shapes of what goes in."),
    # JAX
    ("grad requires real- or complex-valued inputs", "grad needs floats: 3.0 in place of 3, or `.astype(float)`."),
    ("grad requires real-valued outputs", "What grad derives must be a float: comparing and counting have no slope."),
    ("Gradient only defined for scalar-output", "grad needs ONE number: does the loss lack its mean or its sum?"),
    (
        "vmap got inconsistent sizes|vmap was requested to map",
        "vmap walks along axis 0 of every input: `in_axes=(0, None)` hands on the second one as it is.",
    ),
    ("carry input and carry output", "The carry keeps its shape and dtype at each step; 0 is an integer, 0.0 a float."),
    ("scan body output must be a pair", "The step returns two things: the new carry, and what to collect (or None)."),
    ("branches must have equal output", "Both branches must give one shape and dtype; 0 is an integer, 0.0 a float."),
    ("different types at key path", "A tuple here, a list there: both trees must have the same form."),
    ("pytree structure error", "The trees have different forms: print `jax.tree.structure` of each."),
    ("invalid PRNG key", "A random key is wanted: `jax.random.key(0)`, or a part of a split one."),
    ("accepts a single key", "These are several keys: `a, b = jax.random.split(key)` gives each a name."),
    ("TracerBoolConversionError", "Inside jit, grad and scan no value is known yet: use `jnp.where` in place of `if`."),
    ("TracerArrayConversionError", "Inside jit, grad and scan no value is known yet: use `jnp` in place of `np`."),
    ("TracerIntegerConversionError", "Inside jit no value is known yet: `lax.scan`, not `range`; arrays, not lists."),
    ("UnexpectedTracerError", "A value left the function that JAX traces, by a list or a global name: return it."),
    ("Shapes must be 1D sequences of concrete", "Inside jit shapes must be known: take them from `x.shape`."),
    ("ConcretizationTypeError", "Inside jit and grad no value is known yet: no `float(…)`; shapes from `x.shape`."),
    ("interpreting argument", "JAX was given something that is no array: a text, None or an object."),
    ("shapes|same shape|of dimensions", "Print the shapes of both arrays just above that line."),
)


def tip_for(error: BaseException, line: str = "", without: tuple[str, ...] = ()) -> str:
    """What is said of an error, with a space before it; "" if nothing.

    line: the code that raised it, as far as known. without: names that an answer does not use, such as "jax".
    """
    text = f"{type(error).__name__}: {error}"
    tips = (tip for parts, tip in TIPS if any(part in text for part in parts.split("|")))
    tip = _of_the_line(text, line) or next((tip for tip in tips if not _speaks_of(tip, without)), "")
    return f" {tip}" if tip else ""


def _speaks_of(tip, names):
    return any(re.search(rf"\b{name}[.(]", tip) for name in names)


def _of_the_line(text, line):
    """What is said only where the line of code is known; else ""."""
    tree = _parsed(line)
    products = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)]
    if "can't multiply sequence by non-int of type 'list'" in text and len(products) == 1:
        names = [ast.unparse(each) for each in (products[0].left, products[0].right)]
        if all(map(str.isidentifier, names)):
            who = f"{names[0]} and {names[1]} are lists" if names[0] != names[1] else f"{names[0]} is a list"
            return f"{who}: multiply them number by number, in a loop."
    if "truth value of an array" in text and tree.body:
        return _of_one_truth(tree, products)
    return ""


def _of_one_truth(tree, products):
    """Why one yes or no was needed in a line, and what to do about it."""
    nodes = list(ast.walk(tree))
    if chain := next((node for node in nodes if isinstance(node, ast.Compare) and len(node.ops) > 1), None):
        whole, first = ast.unparse(chain), ast.unparse(ast.Compare(chain.left, chain.ops[:1], chain.comparators[:1]))
        mended = f"({first}){whole[len(first) :]}"
        return f"Python reads `{whole}` as two questions with `and` between them: use brackets, `{mended}`."
    products = [each for each in products if not isinstance(each.left, ast.Constant)]
    if products and not any(isinstance(node, ast.MatMult) for node in nodes):
        a, b = (_bracketed(each) for each in (products[0].left, products[0].right))
        return (
            f"One yes or no is needed here. Is `{a} * {b}` an array of products? `{a} @ {b}` is their sum, one number."
        )
    if any(isinstance(node, ast.BoolOp | ast.Not) for node in nodes):
        return (
            "`and`, `or` and `not` need one yes or no, and this is an array: `&`, `|` and `~` take arrays, in brackets."
        )
    if any(isinstance(node, ast.If | ast.While | ast.IfExp) for node in nodes):
        return ""
    return "One yes or no is needed here, and this is an array: `np.maximum`, `np.where` and `np.all` take arrays."


def _bracketed(node):
    return f"({ast.unparse(node)})" if isinstance(node, ast.BinOp) else ast.unparse(node)


def _parsed(line):
    """One line of a program as a tree; an empty one if it is no whole statement."""
    line = line.strip()
    for whole in (line, f"{line} pass", f"{line.removeprefix('el')} pass"):
        try:
            return ast.parse(whole)
        except SyntaxError:
            continue
    return ast.Module([], [])
