"""Chapter 5: weights that others trained and published, read into the book's own layers.

Each array is found by its name, its shape and type are compared before anything is read, and its axes are turned:
    theirs     Conv (out, in, height, width), Linear (out, in): PyTorch's and Caffe's
    ours       Conv (height, width, in, out), Dense (in, out)
    like       parameters of the model, for the structure; they stay as they are, whatever the file holds
"""

import math
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from deepbook import weights
from deepbook.architectures import RESNET, Basic, squeezenet
from deepbook.downloads import catalogue, files

# ------------------------------------------------------------------ their axes


def to_our_axes(array):
    """An array of PyTorch's or Caffe's with its axes in the book's order; one of a single axis stays as it is.

    (out, in, height, width) becomes (height, width, in, out); (out, in) becomes (in, out). Chapter 5.

    >>> to_our_axes(np.zeros((64, 3, 7, 7))).shape, to_our_axes(np.zeros((10, 512))).shape
    ((7, 7, 3, 64), (512, 10))
    """
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T


def _their_shape(shape):
    return (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1]


# ------------------------------------------------------------------ ResNet, by name

# What the book calls an array of a layer, and what PyTorch does.
ROLES = {
    "Conv": {"W": "weight"},
    "BatchNorm": {"scale": "weight", "shift": "bias", "mean": "running_mean", "var": "running_var"},
    "Dense": {"W": "weight", "b": "bias"},
}
COUNTER = ".num_batches_tracked"  # how many batches a BatchNorm of PyTorch's has seen: not needed


def load_resnet(path, like, depth=18):
    """A published ResNet's parameters, from a safetensors file.

    path:  a file with torchvision's and timm's names ("layer1.0.conv1.weight") or those of transformers
           ("resnet.encoder.stages.0.layers.0.layer.0.convolution.weight").
    like:  parameters of resnet(depth), for their structure and shapes: model.init(key, x), or only the shapes,
           jax.eval_shape(model.init, key, x). Of resnet(depth, None), which has no top: then the file's is left out.
    depth: 18, 34 or 50.
    Returns a tree like `like`, float32; float16, bfloat16 and float64 become float32.
    Raises FileNotFoundError if there is no such file, and ValueError, which names what is missing, too much, or of
    another shape or type, if it does not fit. Chapter 5, "Weights from a file"; He et al. (2015).
    """
    names, wanted = resnet_names(depth), weights.shapes(like)
    if strange := [name for name in wanted if name not in names]:
        raise ValueError(
            f"load_resnet: got parameters `like` with {weights.some(strange, 3)}; needs those of resnet({depth}); "
            f"try like=resnet({depth}).init(key, x[:1])"
        )
    with weights.opened(path, "load_resnet", "try its whole path") as file:
        found = {name: what for name, what in weights.contents(file).items() if not name.endswith(COUNTER)}
        theirs = _in_their_words(names, found)
        needed = {theirs[name]: (_their_shape(shape), "float32") for name, (shape, _) in wanted.items()}
        spare = set(theirs.values()) - set(needed)
        held = {name: what for name, what in found.items() if name not in spare}
        if wrong := weights.differences(held, needed):
            raise ValueError(
                f"load_resnet: got {path}, which does not fit resnet({depth}): {weights.some(wrong)}; needs each array "
                f"by the name that torchvision, timm or transformers give it; {_advice(depth, found, wrong)}"
            )
        leaves = [_finite("load_resnet", path, name, file.get_tensor(name)) for name in needed]
    return _tree(leaves, like)


@cache
def resnet_names(depth):
    """What the arrays of resnet(depth) are called elsewhere: a dict from our name to (torchvision's, transformers').

    >>> resnet_names(18)["4.0.0.0.W"]
    ('layer1.0.conv1.weight', 'resnet.encoder.stages.0.layers.0.layer.0.convolution.weight')
    """
    if depth not in (18, 34, 50):
        raise ValueError(f"load_resnet: got depth {depth}; needs 18, 34 or 50; try 18")
    block, stages = RESNET[depth]
    names = {}

    def add(kind, ours, *theirs):
        for role, their_role in ROLES[kind].items():
            names[f"{ours}.{role}"] = tuple(f"{module}.{their_role}" for module in theirs)

    def add_pair(ours, n, conv, norm, module):
        """A convolution and its batch normalization, the n-th and the next in a list of layers."""
        add("Conv", f"{ours}{n}", conv, f"resnet.{module}.convolution")
        add("BatchNorm", f"{ours}{n + 1}", norm, f"resnet.{module}.normalization")

    add_pair("", 0, "conv1", "bn1", "embedder.embedder")
    i = 4  # after Conv, BatchNorm, Relu, MaxPool
    for stage, repeats in enumerate(stages):
        for j in range(repeats):
            one, other = f"layer{stage + 1}.{j}", f"encoder.stages.{stage}.layers.{j}"
            for k in range(2 if block is Basic else 3):
                add_pair(f"{i}.0.0.", 3 * k, f"{one}.conv{k + 1}", f"{one}.bn{k + 1}", f"{other}.layer.{k}")
            if j == 0 and (stage or block is not Basic):
                add_pair(f"{i}.0.1.", 0, f"{one}.downsample.0", f"{one}.downsample.1", f"{other}.shortcut")
            i += 1
    add("Dense", f"{i + 1}", "fc", "classifier.1")
    return names


def _in_their_words(names, found):
    """From our names to those that this file uses: of the two customs the one with more names in it."""
    customs = [{ours: both[i] for ours, both in names.items()} for i in range(2)]
    # transformers' ResNetModel, without a classifier, leaves "resnet." out
    customs.append({ours: name.removeprefix("resnet.") for ours, name in customs[1].items()})
    return max(customs, key=lambda custom: sum(name in found for name in custom.values()))


def _advice(depth, found, wrong):
    """What to try, if a file does not fit."""
    if all(" has shape " in each and each.startswith(("fc.", "classifier.")) for each in wrong):
        return f"for the parameters before the top, try like=resnet({depth}, None).init(key, x[:1])"
    for other in (18, 34, 50):
        names = resnet_names(other)
        if other != depth and set(_in_their_words(names, found).values()) == set(found):
            return f"try resnet({other}) and depth={other}"
    return "try a file of exactly this network"


def _finite(caller, path, name, array):
    """An array as float32, after a look for what would make every answer NaN."""
    array = np.asarray(array, np.float32)
    if not np.isfinite(array).all() or (name.endswith("running_var") and (array < 0).any()):
        raise ValueError(
            f"{caller}: got {path} with NaN, infinity or a variance below 0 in {name}; needs trained weights; "
            "try to download it again"
        )
    return array


def _tree(leaves, like):
    ours = [np.ascontiguousarray(to_our_axes(array)) for array in leaves]
    return jax.tree.unflatten(jax.tree.structure(like), jax.device_put(ours))


# ------------------------------------------------------------------ SqueezeNet, packed

CODES = 256  # a weight is one of so many numbers: a byte says which
NAME = "compressed_SqueezeNet.net"


def load_squeezenet(path=None):
    """The parameters of squeezenet("1.0"), trained on ImageNet: 1,248,424 numbers from 0.7 MB.

    path: the file `compressed_SqueezeNet.net`; None takes that of the data catalogue, which is downloaded once.
    Returns a tree for squeezenet(): `squeezenet().apply(params, for_squeezenet(x))` are logits for
    `imagenet_classes()`; x (batch, 227, 227, 3), colours in [0, 1].
    Raises DataNotFound if it is not to be had, FileNotFoundError for another path, ValueError if it is not whole.

    Most weights are 0, and the others one of 256 numbers. For each of the 26 convolutions the file says how many codes
    there are (at the very beginning, little-endian, 32 bits each); then the 256 numbers and the biases as 32-bit
    floats, a byte for each code, and half a byte for the zeros skipped before it.
    Chapter 5, "The ImageNet network"; Han et al. (2016).
    """
    path = _ours(NAME) if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"load_squeezenet: there is no file {path}; try its whole path")
    like = jax.eval_shape(squeezenet().init, jax.random.key(0), jax.ShapeDtypeStruct((1, 227, 227, 3), jnp.float32))
    shapes = [_their_shape(leaf.shape) for leaf in jax.tree.leaves(like) if leaf.ndim == 4]
    with open(path, "rb") as file:
        parts = zip(_counts(path, file, shapes), shapes, strict=True)
        leaves = [leaf for n, shape in parts for leaf in _unpack(path, file, n, shape)]
    return _tree(leaves, like)


def _counts(path, file, shapes):
    """How many codes each convolution has, after a look whether the file has as many bytes as that takes."""
    start = file.read(4 * len(shapes)).ljust(4 * len(shapes), b"\xff")
    counts, size = np.frombuffer(start, "<u4").tolist(), path.stat().st_size
    parts = list(zip(counts, shapes, strict=True))
    announced = len(start) + sum(4 * (CODES + shape[0]) + n + (n + 1) // 2 for n, shape in parts)
    if size != announced or any(n > math.prod(shape) for n, shape in parts):
        raise ValueError(
            f"load_squeezenet: got {path} of {size:,} bytes, other than its beginning announces; needs {NAME}; "
            "try to download it again"
        )
    return counts


def _ours(name):
    """Where a file of the catalogue's "squeezenet" is; it is downloaded if it is not here."""
    return next(path for file, path in files(catalogue()["squeezenet"]).items() if Path(file).name == name)


def _unpack(path, file, n, shape):
    """The weights and the biases of one convolution, from where the file is."""
    numbers = np.frombuffer(file.read(4 * (CODES + shape[0])), "<f4")
    codebook = numbers[:CODES]
    b = _finite("load_squeezenet", path, "the biases", numbers[CODES:])
    codes = np.frombuffer(file.read(n), np.uint8)
    pairs = np.frombuffer(file.read((n + 1) // 2), np.uint8)
    # the low half of each byte first
    gaps = np.stack([pairs & 15, pairs >> 4], axis=1).reshape(-1)[:n]
    places = np.cumsum(gaps.astype(np.int64) + 1) - 1
    if not n or places[-1] >= math.prod(shape):
        raise ValueError(
            f"load_squeezenet: got {path} with {n} codes for {shape}, which do not "
            f"fit in; needs {NAME}; try to download it again"
        )
    W = np.zeros(math.prod(shape), np.float32)
    W[places] = codebook[codes]
    return _finite("load_squeezenet", path, "the weights", W.reshape(shape)), b


def for_squeezenet(x):
    """Images as SqueezeNet was trained to see them: blue, green, red, from 0 to 255, less ImageNet's mean of each.

    x: (batch, height, width, 3), red, green, blue, floats in [0, 1]. Returns the same shape.
    Raises ValueError for integers, which are mostly 0 to 255 already, and for other channels than three.
    Chapter 5, "The wrong preprocessing".
    """
    x = jnp.asarray(x)
    if x.ndim != 4 or x.shape[-1] != 3 or not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(
            f"for_squeezenet: got x of shape {x.shape} and type {x.dtype}; "
            "needs (batch, height, width, 3), floats in [0, 1]; "
            "try x / 255 for bytes, and jnp.repeat(x, 3, axis=-1) for grey images"
        )
    return 255 * x[..., ::-1] - jnp.array([104.0, 117.0, 123.0], x.dtype)


def imagenet_classes(path=None):
    """The names of ImageNet's 1,000 classes, in the order of the logits.

    path: the file `synset_words.txt`; None takes that of the data catalogue. Raises as `load_squeezenet` does.
    """
    path = _ours("synset_words.txt") if path is None else Path(path)
    names = tuple(line.partition(" ")[2] for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    if len(names) != 1000 or not all(names):
        raise ValueError(
            f"imagenet_classes: got {path} with {len(names)} lines; needs a number and a name for each of 1,000 "
            "classes; try to download it again"
        )
    return names
