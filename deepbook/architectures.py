"""Chapter 4: the networks that made history, from the book's own layers.

Each function returns a Sequential: the published form, for 224 × 224 × 3 and 1,000 classes; with small=True one of the
same kind for 28 × 28 or 32 × 32 that trains in minutes: a quarter of the filters, a first layer that shrinks nothing,
batch normalization, hardly any dense layers. `conv_pool` and `lenet` are small as they are.
    n_classes  how many logits come out; None leaves out the top: what follows the last feature maps
Numbers of parameters are those of torchvision's documentation. They leave out the running mean and variance of each
BatchNorm, which no gradient trains; `count` counts them too, since they are saved with the rest.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from deepbook.cnn import AvgPool, Conv, GlobalAvgPool, MaxPool
from deepbook.layers import BatchNorm, Dense, Dropout, Flatten, Layer, Relu, Sequential, Tanh

# ------------------------------------------------------------------ side by side


class Branches(Layer):
    """Layers side by side: each gets the same x, and `join` makes one output of theirs. Its params are a tuple.

    One of your own says which `layers`, a tuple, and how to `join(outputs)`.
    """

    def init(self, key, x):
        return tuple(layer.init(k, x) for layer, k in zip(self.layers, self._keys(key), strict=True))

    def apply(self, params, x, key=None):
        self._check(params)
        outputs = [layer.apply(p, x, k) for layer, p, k in zip(self.layers, params, self._keys(key), strict=True)]
        return self.join(outputs)

    def observe(self, params, x, key):
        parts = zip(self.layers, params, self._keys(key), strict=True)
        return tuple(layer.observe(p, x, k) for layer, p, k in parts)

    def _keys(self, key):
        n = len(self.layers)
        return [None] * n if key is None else list(jax.random.split(key, n))

    def _check(self, params):
        if len(params) != len(self.layers):
            raise ValueError(
                f"{type(self).__name__}: got parameters for {len(params)} layers; needs {len(self.layers)}; "
                "try model.init(key, x[:1]) of this very model"
            )


@dataclass(frozen=True)
class Concat(Branches):
    """Layers side by side, their feature maps laid one behind the other: the channels add up.

    layers: a list of layers; put those that follow one another into a Sequential.
    Raises ValueError if there are none, and if their maps are not of equal height and width.
    Chapter 4; Szegedy et al. (2014).

    >>> both = Concat([Conv(4, (1, 1)), Conv(8, (3, 3))])
    >>> both.apply(both.init(jax.random.key(0), jnp.ones((1, 5, 5, 3))), jnp.ones((1, 5, 5, 3))).shape
    (1, 5, 5, 12)
    """

    layers: tuple

    def __post_init__(self):
        if not self.layers:
            raise ValueError("Concat: got no layers; needs one at least; try Concat([Conv(8, (1, 1)), Relu()])")
        object.__setattr__(self, "layers", Sequential(self.layers).layers)

    def join(self, outputs):
        shapes = [y.shape for y in outputs]
        if len({shape[:-1] for shape in shapes}) > 1:
            raise ValueError(
                f"Concat: got outputs of shapes {', '.join(map(str, shapes))}; needs equal heights and widths; "
                'try padding="same" and equal strides'
            )
        return jnp.concatenate(outputs, axis=-1)


@dataclass(frozen=True)
class Residual(Branches):
    """x + body(x): the layers need to learn only what to change, and the gradient always has a way around them.

    body: a list of layers, one after the other. shortcut: the layers on the way around, none if it is x itself; where
    the body changes the shape, a Conv(n_out, (1, 1), stride) that changes it equally.
    params: (those of body, those of shortcut), each a tuple. Raises ValueError if the two shapes differ.
    Chapter 4; He et al. (2015).

    >>> layer = Residual([Conv(3, (3, 3))])
    >>> x = jnp.ones((1, 2, 2, 3))
    >>> silent = jax.tree.map(jnp.zeros_like, layer.init(jax.random.key(0), x))
    >>> bool((layer.apply(silent, x) == x).all())  # a body of zeros does no harm
    True
    """

    body: tuple
    shortcut: tuple = ()

    def __post_init__(self):
        for name in ("body", "shortcut"):
            object.__setattr__(self, name, Sequential(getattr(self, name)).layers)

    @property
    def layers(self):
        return Sequential(self.body), Sequential(self.shortcut)

    def join(self, outputs):
        change, x = outputs
        if change.shape != x.shape:
            raise ValueError(
                f"Residual: got {change.shape} from the body and {x.shape} from the "
                "shortcut; needs equal shapes; try "
                f"shortcut=[Conv({change.shape[-1]}, (1, 1))], with the stride of the body"
            )
        return change + x


class Block(Layer):
    """A layer that is short for others: `parts(n_in)` says which, once the channels that come in are known."""

    def init(self, key, x):
        return self.parts(x.shape[-1]).init(key, x)

    def apply(self, params, x, key=None):
        return self.parts(x.shape[-1]).apply(params, x, key)

    def observe(self, params, x, key):
        return self.parts(x.shape[-1]).observe(params, x, key)


def normed(n_out, size, eps=1e-5, **how):
    """The usual three: a convolution without bias, since BatchNorm shifts, BatchNorm, ReLU."""
    return [Conv(n_out, size, bias=False, **how), BatchNorm(eps=eps), Relu()]


# ------------------------------------------------------------------ 1998 to 2014: deeper


def conv_pool(n_classes=10, widths=(64, 128, 256)):
    """The book's first: convolution and pooling, once for each width; then two dense layers.

    On CIFAR-10's 32 × 32 × 3 it has 896,522 parameters.
    """
    features = [layer for n in widths for layer in (Conv(n, (3, 3)), Relu(), MaxPool((2, 2)))]
    return Sequential([*features, Flatten(), Dense(128), Relu(), Dropout(0.25), Dense(n_classes)])


def lenet(n_classes=10):
    """LeNet-5, which read the digits on cheques: convolution, pooling, twice; then dense layers. 61,706 parameters.

    For 28 × 28; the padding makes them the paper's 32 × 32. The paper has 60,000: there each of the second filters sees
    only some of the first maps, and pooling has weights. LeCun et al. (1998).
    """
    return Sequential([
        Conv(6, (5, 5), padding=2), Tanh(), AvgPool((2, 2)),  # (batch, 14, 14, 6)
        Conv(16, (5, 5), padding="valid"), Tanh(), AvgPool((2, 2)),  # (batch, 5, 5, 16)
        Flatten(), Dense(120), Tanh(), Dense(84), Tanh(), Dense(n_classes),
    ])  # fmt: skip


def alexnet(n_classes=1000, small=False):
    """AlexNet, which won ImageNet by ten points: ReLU, Dropout, two graphics cards. 61,100,840 parameters.

    In the form of Krizhevsky (2014), for one card, as torchvision has it; that of 2012 had other numbers of filters, in
    two groups, one for each card. Krizhevsky, Sutskever and Hinton (2012).
    """
    if small:
        features = [
            *normed(16, (5, 5)), MaxPool((3, 3), 2, "same"), *normed(48, (5, 5)), MaxPool((3, 3), 2, "same"),
            *normed(96, (3, 3)), *normed(64, (3, 3)), *normed(64, (3, 3)), MaxPool((3, 3), 2, "same"),
        ]  # fmt: skip
        return _with_top(features, [Flatten(), Dropout(0.5), Dense(256), Relu()], n_classes)
    features = [
        Conv(64, (11, 11), stride=4, padding=2), Relu(), MaxPool((3, 3), 2),  # (batch, 27, 27, 64)
        Conv(192, (5, 5)), Relu(), MaxPool((3, 3), 2),  # (batch, 13, 13, 192)
        Conv(384, (3, 3)), Relu(), Conv(256, (3, 3)), Relu(), Conv(256, (3, 3)), Relu(), MaxPool((3, 3), 2),
    ]  # fmt: skip
    top = [Flatten(), Dropout(0.5), Dense(4096), Relu(), Dropout(0.5), Dense(4096), Relu()]
    return _with_top(features, top, n_classes)


# Convolutions in each of the five stages: Simonyan and Zisserman (2014), table 1, columns A, B, D, E.
VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(depth=16, n_classes=1000, small=False):
    """VGG: nothing but 3 × 3, since two of them see 5 × 5 with fewer weights and one more ReLU.

    depth: 11, 13, 16 or 19 layers with weights: 132,863,336, 133,047,848, 138,357,544, 143,667,240 parameters; depth 16
    without its top 14,714,688. Raises ValueError for another depth. Simonyan and Zisserman (2014).
    """
    _known("vgg", depth, VGG)
    features = []
    for n_out, repeats in zip((64, 128, 256, 512, 512), VGG[depth], strict=True):
        for _ in range(repeats):
            features += normed(n_out // 4, (3, 3)) if small else [Conv(n_out, (3, 3)), Relu()]
        features.append(MaxPool((2, 2), padding="same" if small else "valid"))
    dense = [Flatten(), Dense(4096), Relu(), Dropout(0.5), Dense(4096), Relu(), Dropout(0.5)]
    return _with_top(features, [GlobalAvgPool()] if small else dense, n_classes)


# ------------------------------------------------------------------ 2014: wider


@dataclass(frozen=True)
class Inception(Block):
    """Filters of several sizes at once; 1 × 1 before the large ones makes them cheap.

    n1: filters of 1 × 1. n3, n5: (how many 1 × 1 before, filters of 3 × 3) and the same of widest × widest.
    n_pool: 1 × 1 after a max pooling. Returns n1 + n3[1] + n5[1] + n_pool channels.
    """

    n1: int
    n3: tuple
    n5: tuple
    n_pool: int
    widest: int = 3

    def parts(self, n_in):
        (few3, n3), (few5, n5) = self.n3, self.n5
        widest = (self.widest, self.widest)
        return Concat([
            Sequential(normed(self.n1, (1, 1), EPS)),
            Sequential(normed(few3, (1, 1), EPS) + normed(n3, (3, 3), EPS)),
            Sequential(normed(few5, (1, 1), EPS) + normed(n5, widest, EPS)),
            Sequential([MaxPool((3, 3), 1, "same"), *normed(self.n_pool, (1, 1), EPS)]),
        ])  # fmt: skip


EPS = 1e-3  # of GoogLeNet's batch normalizations
# Szegedy et al. (2014), table 1: n1, n3, n5 and n_pool of each block; a stage ends with a pooling.
GOOGLENET = (
    ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
    (
        (192, (96, 208), (16, 48), 64), (160, (112, 224), (24, 64), 64), (128, (128, 256), (24, 64), 64),
        (112, (144, 288), (32, 64), 64), (256, (160, 320), (32, 128), 128),
    ),
    ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
)  # fmt: skip


def inception(n_classes=1000, small=False, widest=3):
    """GoogLeNet: nine Inception blocks, a mean over each map in place of dense layers. 6,624,904 parameters.

    In torchvision's form: batch normalization after each convolution, no side outputs, and 3 × 3 where the paper has
    5 × 5 (a slip that its published weights keep); widest=5 is the paper's. Szegedy et al. (2014).
    """
    part = 4 if small else 1
    features = normed(48, (3, 3), EPS) if small else [
        *normed(64, (7, 7), EPS, stride=2, padding=3), MaxPool((3, 3), 2, "same"),  # (batch, 56, 56, 64)
        *normed(64, (1, 1), EPS), *normed(192, (3, 3), EPS), MaxPool((3, 3), 2, "same"),  # (batch, 28, 28, 192)
    ]  # fmt: skip
    for i, stage in enumerate(GOOGLENET):
        if i:
            features.append(MaxPool((3, 3) if i == 1 else (2, 2), 2, "same"))
        features += [Inception(*jax.tree.map(lambda n: n // part, block), widest) for block in stage]
    return _with_top(features, [GlobalAvgPool(), Dropout(0.2)], n_classes)


# ------------------------------------------------------------------ 2015: around


@dataclass(frozen=True)
class Basic(Block):
    """ResNet's block of two 3 × 3; the first may have a stride. Where the shape changes, so does the shortcut."""

    n_out: int
    stride: int = 1

    def parts(self, n_in):
        first = normed(self.n_out, (3, 3), stride=self.stride, padding=1)
        last = normed(self.n_out, (3, 3))[:-1]
        return Sequential([Residual(first + last, _projection(n_in, self.n_out, self.stride)), Relu()])


@dataclass(frozen=True)
class Bottleneck(Block):
    """ResNet's block for depth: 1 × 1 to n channels, 3 × 3 on these few, 1 × 1 back to 4 n.

    The stride is that of the 3 × 3, as in torchvision; in the paper it is that of the first 1 × 1.
    """

    n: int
    stride: int = 1

    def parts(self, n_in):
        first = normed(self.n, (1, 1)) + normed(self.n, (3, 3), stride=self.stride, padding=1)
        last = normed(4 * self.n, (1, 1))[:-1]
        return Sequential([Residual(first + last, _projection(n_in, 4 * self.n, self.stride)), Relu()])


def _projection(n_in, n_out, stride):
    return [] if n_in == n_out and stride == 1 else normed(n_out, (1, 1), stride=stride)[:-1]


# Blocks in each stage: He et al. (2015), table 1; 20 layers are section 4.2's, for 32 × 32.
RESNET = {
    18: (Basic, (2, 2, 2, 2)), 20: (Basic, (3, 3, 3)), 34: (Basic, (3, 4, 6, 3)), 50: (Bottleneck, (3, 4, 6, 3)),
}  # fmt: skip


def resnet(depth=18, n_classes=1000, small=False):
    """ResNet: each block adds to what it was given, so that depth does no harm.

    depth: 18, 34 or 50 layers with weights: 11,689,512, 21,797,672, 25,557,032 parameters. With small=True also 20, the
    paper's for CIFAR-10: 0.27 million. Raises ValueError for another depth. He et al. (2015).
    """
    _known("resnet", depth, RESNET if small else [known for known in RESNET if known != 20])
    block, stages = RESNET[depth]
    width = 16 if small else 64
    large = [*normed(64, (7, 7), stride=2, padding=3), MaxPool((3, 3), 2, padding=1)]  # (batch, 56, 56, 64)
    features = normed(width, (3, 3)) if small else large
    for i, repeats in enumerate(stages):
        features += [block(width * 2**i, stride=2 if i and not j else 1) for j in range(repeats)]
    return _with_top(features, [GlobalAvgPool()], n_classes)


# ------------------------------------------------------------------ 2016: few weights


@dataclass(frozen=True)
class Fire(Block):
    """SqueezeNet's block: few 1 × 1, then 1 × 1 and 3 × 3 side by side, n of each, which see only these few channels.

    Returns 2 n channels.
    """

    few: int
    n: int

    def parts(self, n_in):
        both = Concat([Conv(self.n, (1, 1)), Conv(self.n, (3, 3))])
        return Sequential([Conv(self.few, (1, 1)), Relu(), both, Relu()])


# The sizes of the Fire blocks, a pooling after each part: Iandola et al. (2016), table 1; 1.1 pools earlier.
SQUEEZENET = {
    "1.0": (((16, 64), (16, 64), (32, 128)), ((32, 128), (48, 192), (48, 192), (64, 256)), ((64, 256),)),
    "1.1": (((16, 64), (16, 64)), ((32, 128), (32, 128)), ((48, 192), (48, 192), (64, 256), (64, 256))),
}


def squeezenet(version="1.0", n_classes=1000):
    """SqueezeNet: AlexNet's accuracy with a fiftieth of its parameters: hardly any 3 × 3, no dense layer.

    version: "1.0", for 227 × 227, 1,248,424 parameters, or "1.1", 1,235,496, which computes less than half as much.
    Raises ValueError for another. As its authors published it in Caffe: the 1 × 1 of 1.0's top has a border of zeros,
    and poolings look one pixel over the edge where the windows do not end there. Iandola et al. (2016).
    """
    if version not in SQUEEZENET:
        raise ValueError(f'squeezenet: got version {version!r}; needs one of {", ".join(SQUEEZENET)}; try "1.0"')
    pool = MaxPool((3, 3), 2, ((0, 1), (0, 1)))
    first, border = (Conv(96, (7, 7), 2, "valid"), 1) if version == "1.0" else (Conv(64, (3, 3), 2, "valid"), 0)
    features = [first, Relu()]
    for part in SQUEEZENET[version]:
        features += [pool, *(Fire(few, n) for few, n in part)]
    if n_classes is None:
        return Sequential(features)
    return Sequential([*features, Dropout(0.5), Conv(n_classes, (1, 1), padding=border), Relu(), GlobalAvgPool()])


def _with_top(features, top, n_classes):
    return Sequential(features if n_classes is None else [*features, *top, Dense(n_classes)])


def _known(name, depth, depths):
    if depth not in depths:
        raise ValueError(
            f"{name}: got depth {depth}; needs one of {', '.join(map(str, depths))}; try {name}({min(depths)})"
        )
