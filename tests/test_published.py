"""deepbook.published: weights that others published come in by name and give the same answers, or not at all."""

import json
import pickle
import resource
import time
import tracemalloc
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from deepbook import weights
from deepbook.architectures import resnet, squeezenet
from deepbook.downloads import catalogue, place
from deepbook.layers import count
from deepbook.published import for_squeezenet, imagenet_classes, load_resnet, load_squeezenet, resnet_names, to_our_axes

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)


# Axes


def test_to_our_axes_worked_by_hand():
    W = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)  # (out, in, height, width)
    assert to_our_axes(W).shape == (4, 5, 3, 2)
    assert to_our_axes(W)[3, 4, 2, 1] == W[1, 2, 3, 4] == 119
    assert to_our_axes(np.array([[1, 2, 3], [4, 5, 6]])).tolist() == [[1, 4], [2, 5], [3, 6]]
    assert to_our_axes(np.array([1, 2])).tolist() == [1, 2]


# ResNet


@cache
def shapes_of(depth, n_classes=1000):
    model = resnet(depth, n_classes)
    return jax.eval_shape(model.init, KEY, jax.ShapeDtypeStruct((1, 64, 64, 3), jnp.float32))


def their_shape(shape):
    return (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1]


def published(depth=18, naming=0, like=None, counters=True):
    """Made-up arrays as a file would hold them: numbered, so that each can be told from the others."""
    names, arrays = resnet_names(depth), {}
    for i, (ours, (shape, _)) in enumerate(weights.shapes(like or shapes_of(depth)).items()):
        arrays[names[ours][naming]] = np.full(their_shape(shape), i % 100 + 1, np.float32)
        if counters and ours.endswith("mean"):
            arrays[names[ours][naming].replace("running_mean", "num_batches_tracked")] = np.array(7)
    return arrays


@pytest.mark.parametrize("naming", [0, 1], ids=["torchvision", "transformers"])
def test_load_resnet_finds_each_array_by_its_name(naming, tmp_path):
    save_file(published(naming=naming), tmp_path / "resnet18")
    like = shapes_of(18)
    params = load_resnet(tmp_path / "resnet18", like)
    assert jax.tree.structure(params) == jax.tree.structure(like)
    for i, (a, b) in enumerate(zip(jax.tree.leaves(params), jax.tree.leaves(like), strict=True)):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert (a == i % 100 + 1).all()


def test_load_resnet_knows_the_names_of_transformers_without_a_top(tmp_path):
    like = shapes_of(18, None)
    arrays = {name.removeprefix("resnet."): a for name, a in published(naming=1, like=like).items()}
    save_file(arrays, tmp_path / "resnet18")
    assert jax.tree.structure(load_resnet(tmp_path / "resnet18", like)) == jax.tree.structure(like)


def test_load_resnet_leaves_out_a_top_that_is_not_wanted(tmp_path):
    save_file(published(), tmp_path / "resnet18")
    whole = load_resnet(tmp_path / "resnet18", shapes_of(18))
    body = load_resnet(tmp_path / "resnet18", shapes_of(18, None))
    jax.tree.map(np.testing.assert_array_equal, body, whole[:-2])
    head = load_resnet(tmp_path / "resnet18", shapes_of(18)[:6])  # the first layers alone
    jax.tree.map(np.testing.assert_array_equal, head, whole[:6])


def test_load_resnet_turns_the_axes(tmp_path):
    arrays = {n: RNG.uniform(size=a.shape).astype(a.dtype) for n, a in published().items()}
    save_file(arrays, tmp_path / "resnet18")
    params = load_resnet(tmp_path / "resnet18", shapes_of(18))
    np.testing.assert_array_equal(params[0]["W"][2, 5, 1, 40], arrays["conv1.weight"][40, 1, 2, 5])
    np.testing.assert_array_equal(params[-1]["W"], arrays["fc.weight"].T)
    np.testing.assert_array_equal(params[6][0][1][0]["W"][0, 0], arrays["layer2.0.downsample.0.weight"][:, :, 0, 0].T)
    np.testing.assert_array_equal(params[6][0][0][4]["var"], arrays["layer2.0.bn2.running_var"])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_load_resnet_makes_float32_of_other_floats(dtype, tmp_path):
    arrays = {n: a.astype(jnp.dtype(dtype)) if a.ndim else a for n, a in published().items()}
    save_file(arrays, tmp_path / "resnet18")
    params = load_resnet(tmp_path / "resnet18", shapes_of(18))
    assert {leaf.dtype.name for leaf in jax.tree.leaves(params)} == {"float32"}
    assert (params[1]["shift"] == published()["bn1.bias"]).all()


@pytest.mark.parametrize(("depth", "n"), [(18, 102), (34, 182), (50, 267)])
def test_resnet_names_are_those_of_all_arrays_and_each_is_another(depth, n):
    names = resnet_names(depth)
    assert names.keys() == weights.shapes(shapes_of(depth)).keys()
    assert [len({both[i] for both in names.values()}) for i in range(2)] == [len(names)] * 2
    assert len(names) == n


# The same answers as the reference implementations: pip install torch torchvision transformers

HUGGING = {18: ("basic", (2, 2, 2, 2), 64), 34: ("basic", (3, 4, 6, 3), 64), 50: ("bottleneck", (3, 4, 6, 3), 256)}


def reference(library, depth):
    """A ResNet of the library; skipped if it is not installed (or does not fit the PyTorch that is)."""
    pytest.importorskip("torch", reason="needs PyTorch")
    try:
        module = __import__(library)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"needs {library}: {error}")
    if library == "torchvision":
        return getattr(module.models, f"resnet{depth}")()
    if library == "timm":
        return module.create_model(f"resnet{depth}")
    kind, depths, width = HUGGING[depth]
    config = module.ResNetConfig(
        layer_type=kind, depths=depths, hidden_sizes=[width * 2**i for i in range(4)], num_labels=1000
    )
    return module.ResNetForImageClassification(config)


@pytest.mark.parametrize("depth", [18, 34, 50])
@pytest.mark.parametrize("library", ["torchvision", "timm", "transformers"])
def test_load_resnet_gives_the_logits_of_the_reference(library, depth, tmp_path):
    model = reference(library, depth).eval()
    import torch
    from safetensors.torch import save_file as save_torch

    torch.manual_seed(0)
    with torch.no_grad():  # weights as after some training: no mean is 0, no variance 1
        for name, p in [*model.named_parameters(), *model.named_buffers()]:
            if p.ndim > 1:
                p.normal_(0, p[0].numel() ** -0.5)
            elif p.ndim and name.endswith(("running_var", "weight")):
                p.uniform_(0.5, 1.5)
            elif p.ndim:
                p.normal_(0, 0.1)
    x = RNG.normal(size=(2, 96, 96, 3)).astype(np.float32)
    with torch.no_grad():
        answer = model(torch.tensor(x).permute(0, 3, 1, 2))
    logits = getattr(answer, "logits", answer).numpy()
    save_torch({n: a.contiguous() for n, a in model.state_dict().items()}, tmp_path / "model.safetensors")
    params = load_resnet(tmp_path / "model.safetensors", shapes_of(depth), depth)
    np.testing.assert_allclose(jax.jit(resnet(depth).apply)(params, x), logits, atol=1e-4)
    assert np.abs(logits).max() > 1


# A file that does not fit


def without(arrays, *names):
    return {n: a for n, a in arrays.items() if n not in names}


NAN = np.full(64, np.nan, np.float32)
MISFITS = {
    "missing": (lambda a: without(a, "bn1.bias"), "bn1.bias is missing"),
    "extra": (lambda a: a | {"layer1.0.se.weight": np.ones(3, np.float32)}, "layer1.0.se.weight is not in the model"),
    "shape": (lambda a: a | {"bn1.bias": np.ones(32, np.float32)}, "bn1.bias has shape (32,) in place of (64,)"),
    "axes": (
        lambda a: a | {"conv1.weight": a["conv1.weight"].transpose(2, 3, 1, 0).copy()},
        "conv1.weight has shape (7, 7, 3, 64) in place of (64, 3, 7, 7)",
    ),
    "integers": (lambda a: a | {"bn1.bias": np.ones(64, np.int8)}, "bn1.bias holds int8 in place of float32"),
    "top": (
        lambda a: a | {"fc.weight": np.ones((10, 512), np.float32), "fc.bias": np.ones(10, np.float32)},
        "fc.bias has shape (10,) in place of (1000,)",
    ),
    "foreign": (lambda a: {"bert.embeddings.weight": np.ones((3, 3), np.float32)}, "conv1.weight is missing"),
    "nan": (lambda a: a | {"bn1.running_mean": NAN}, "infinity or a variance below 0 in bn1.running_mean"),
    "infinite": (lambda a: a | {"bn1.bias": NAN * 0 + np.inf}, "infinity or a variance below 0 in bn1.bias"),
    "variance": (lambda a: a | {"bn1.running_var": -np.ones(64, np.float32)}, "a variance below 0 in bn1.running_var"),
    "depth": (lambda a: published(34), "try resnet(34) and depth=34"),
    "deeper": (lambda a: published(50, 1), "try resnet(50) and depth=50"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_load_resnet_names_what_does_not_fit_and_changes_nothing(name, tmp_path):
    change, message = MISFITS[name]
    save_file(change(published()), tmp_path / "file")
    like = jax.tree.map(lambda leaf: jnp.ones(leaf.shape, leaf.dtype), shapes_of(18))
    with pytest.raises(ValueError, match=r"^load_resnet: got .*file.*; needs .*; try|.*; for the parameters") as raised:
        load_resnet(tmp_path / "file", like)
    assert message in str(raised.value)
    assert all((leaf == 1).all() for leaf in jax.tree.leaves(like))
    if name == "top":
        assert "try like=resnet(18, None)" in str(raised.value)


def test_load_resnet_refuses_parameters_of_another_network(tmp_path):
    save_file(published(), tmp_path / "file")
    with pytest.raises(ValueError, match=r"load_resnet: got parameters `like` with 7.0.1.0.W; .*needs those of resn"):
        load_resnet(tmp_path / "file", shapes_of(34))
    small = jax.eval_shape(resnet(18, 10, small=True).init, KEY, jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    with pytest.raises(ValueError, match=r"load_resnet: got parameters `like` with"):
        load_resnet(tmp_path / "file", small)
    with pytest.raises(ValueError, match=r"load_resnet: got depth 101; needs 18, 34 or 50; try 18"):
        load_resnet(tmp_path / "file", shapes_of(18), 101)


def test_load_resnet_of_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"load_resnet: there is no file .*nothing; try its whole path"):
        load_resnet(tmp_path / "nothing", shapes_of(18))


def test_load_resnet_looks_at_names_and_shapes_before_it_reads(tmp_path):
    """A file of 1 GB that does not fit costs neither its memory nor its time."""
    size, like = 1_000_000_000, shapes_of(50)
    header = json.dumps({"conv1.weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
    with open(tmp_path / "file", "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(file.tell() + size)  # zeros that take no room on the disk
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"load_resnet: got .*file, which does not fit resnet\(50\): "):
        load_resnet(tmp_path / "file", like, 50)
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


# SqueezeNet


@cache
def squeezenet_shapes():
    return jax.eval_shape(squeezenet().init, KEY, jax.ShapeDtypeStruct((1, 227, 227, 3), jnp.float32))


def pack(weight, bias, codebook):
    """One convolution as the file holds it: how many codes, and the bytes. weight holds places of the codebook."""
    codes, gaps, last = [], [], -1
    for i in np.flatnonzero(weight).tolist():
        while i - last > 16:  # half a byte counts up to 15 zeros: a 0 is written in between
            codes.append(0)
            gaps.append(15)
            last += 16
        codes.append(weight.flat[i])
        gaps.append(i - last - 1)
        last = i
    odd = [*gaps, 0] if len(gaps) % 2 else gaps
    halves = np.uint8(odd).reshape(-1, 2)
    parts = codebook.astype("<f4"), bias.astype("<f4"), np.uint8(codes), halves[:, 0] | halves[:, 1] << 4
    return len(codes), b"".join(part.tobytes() for part in parts)


@cache
def packed():
    """(counts, blocks, arrays): a made-up file, and what is in it."""
    rng, counts, blocks, arrays = np.random.default_rng(1), [], [], []
    for leaf in jax.tree.leaves(squeezenet_shapes()):
        if leaf.ndim == 1:
            continue
        shape = their_shape(leaf.shape)
        codes = rng.integers(1, 256, shape) * (rng.random(shape) < 0.05)
        codebook = np.append(0, rng.normal(size=255)).astype(np.float32)
        bias = rng.normal(size=shape[0]).astype(np.float32)
        n, block = pack(codes, bias, codebook)
        counts.append(n)
        blocks.append(block)
        arrays += [codebook[codes], bias]
    return counts, blocks, arrays


def as_bytes(counts, blocks):
    return np.asarray(counts, "<u4").tobytes() + b"".join(blocks)


def test_load_squeezenet_unpacks_what_was_packed(tmp_path):
    counts, blocks, arrays = packed()
    (tmp_path / "net").write_bytes(as_bytes(counts, blocks))
    params = load_squeezenet(tmp_path / "net")
    assert jax.tree.structure(params) == jax.tree.structure(squeezenet_shapes())
    for ours, theirs in zip(jax.tree.leaves(params), arrays, strict=True):
        np.testing.assert_array_equal(ours, to_our_axes(theirs))


def nan_bias(block, shape):
    return block[:1024] + np.full(shape, np.nan, "<f4").tobytes() + block[1024 + 4 * shape :]


BROKEN = {
    "empty": lambda whole, *_: b"",
    "short": lambda whole, *_: whole[:50],
    "cut": lambda whole, *_: whole[:-1],
    "longer": lambda whole, *_: whole + b"0",
    "huge": lambda whole, *_: b"\xff" * 104 + whole[104:],  # 26 times 4 billion codes
    "text": lambda whole, *_: b"<!DOCTYPE html>" + b" " * 1000,
    "pickle": lambda whole, *_: pickle.dumps({"weights": list(range(1000))}),
    "many": lambda whole, counts, blocks: as_bytes(
        [30_000, *counts[1:]], [blocks[0][: 1024 + 4 * 96] + bytes(45_000), *blocks[1:]]
    ),
    "outside": lambda whole, counts, blocks: as_bytes(
        [1000, *counts[1:]], [blocks[0][: 1024 + 4 * 96] + bytes(1000) + b"\xff" * 500, *blocks[1:]]
    ),
    "none": lambda whole, counts, blocks: as_bytes([0, *counts[1:]], [blocks[0][: 1024 + 4 * 96], *blocks[1:]]),
    "nan": lambda whole, counts, blocks: as_bytes(counts, [nan_bias(blocks[0], 96), *blocks[1:]]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_load_squeezenet_refuses_a_broken_file_without_reading_more_than_it_has(name, tmp_path):
    counts, blocks, _ = packed()
    (tmp_path / "net").write_bytes(BROKEN[name](as_bytes(counts, blocks), counts, blocks))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"load_squeezenet: got .*net.*; needs .*; try to download it again"):
        load_squeezenet(tmp_path / "net")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_load_squeezenet_of_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(FileNotFoundError, match=r"load_squeezenet: there is no file .*; try its whole path"):
            load_squeezenet(path)


def test_for_squeezenet_worked_by_hand():
    x = np.float32([[[[1.0, 0.5, 0.0]]]])  # red 255, green 127.5, blue 0
    np.testing.assert_allclose(for_squeezenet(x), [[[[0 - 104, 127.5 - 117, 255 - 123]]]])
    np.testing.assert_allclose(jax.jit(for_squeezenet)(x), for_squeezenet(x))


@pytest.mark.parametrize(
    "x", [np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 2, 2, 1), np.float32), np.zeros((2, 2, 3), np.float32)]
)
def test_for_squeezenet_refuses_bytes_and_grey(x):
    with pytest.raises(ValueError, match=r"for_squeezenet: got x of shape .* and type .*; needs .*; try x / 255 for"):
        for_squeezenet(x)


def test_imagenet_classes_are_a_thousand_names(tmp_path):
    file = tmp_path / "words"
    file.write_text("".join(f"n{i:08} name {i}, other\n" for i in range(1000)))
    assert imagenet_classes(file)[7] == "name 7, other"
    file.write_text("n00000000 tench\n")
    with pytest.raises(ValueError, match=r"imagenet_classes: got .* with 1 lines; needs .* 1,000 classes"):
        imagenet_classes(file)


# The real file, where it is


def real():
    """The parameters from the catalogue's file, if it is on this machine; nothing is downloaded."""
    if not place(catalogue()["squeezenet"]):
        pytest.skip("needs the data set squeezenet: deepbook data fetch squeezenet")
    return load_squeezenet()


def in_torch(params, x):
    """The network as its prototxt describes it, written with PyTorch's functions alone."""
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    F = torch.nn.functional
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(params)]
    tensors = iter([torch.tensor(a.transpose(3, 2, 0, 1).copy() if a.ndim == 4 else a) for a in leaves])

    def conv(x, **how):
        return F.relu(F.conv2d(x, next(tensors), next(tensors), **how))

    def pool(x):
        return F.max_pool2d(x, 3, 2, ceil_mode=True)

    h = pool(conv(torch.tensor(np.array(x)).permute(0, 3, 1, 2), stride=2))
    for i in range(2, 10):
        squeezed = conv(h)
        h = torch.cat([conv(squeezed), conv(squeezed, padding=1)], dim=1)
        h = pool(h) if i in (4, 8) else h
    return conv(h, padding=1).mean((2, 3)).numpy()


def test_squeezenet_gives_the_logits_of_pytorch():
    """With the real weights where they are, otherwise with made-up ones: in the layers, every place of each counts."""
    try:
        params = real()
    except pytest.skip.Exception:
        params = squeezenet().init(KEY, jnp.ones((1, 227, 227, 3)))
    x = for_squeezenet(RNG.uniform(size=(2, 227, 227, 3)).astype(np.float32))
    logits = in_torch(params, x)
    np.testing.assert_allclose(jax.jit(squeezenet().apply)(params, x), logits, atol=1e-4, rtol=1e-5)
    assert np.abs(logits).max() > 1


def test_the_real_weights_are_the_published_ones():
    """Sums worked out from the decoded file of the repository; 1,248,424 numbers, two of three of them 0."""
    params = real()
    assert count(params) == 1_248_424
    assert sum((np.asarray(leaf) == 0).sum() for leaf in jax.tree.leaves(params)) == 828_527
    assert float(np.asarray(params[0]["W"], np.float64).sum()) == pytest.approx(-0.565541, abs=1e-3)
    assert imagenet_classes()[281].startswith("tabby")
