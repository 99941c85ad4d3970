"""Chapters 2, 3 and 4 against PyTorch.

It is large, and therefore no dependency: without it these tests are skipped. What they show is shown against Flax,
Optax, SciPy or NumPy as well, in the test files of the modules.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import activations, cnn, layers, losses, mlp, optim

torch = pytest.importorskip(
    "torch", reason="needs PyTorch: pip install torch --index-url https://download.pytorch.org/whl/cpu"
)
F = torch.nn.functional

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
STEPS = 50


def tensor(array, grad=False):
    return torch.tensor(np.array(array), requires_grad=grad)


def close(ours, theirs, atol=1e-6):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-5, atol=atol)


# Activations

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "softmax": lambda z: F.softmax(z, dim=-1),
    "log_softmax": lambda z: F.log_softmax(z, dim=-1),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_gradients(name):
    f = getattr(activations, name)
    z = np.linspace(-6, 6, 48, dtype=np.float32).reshape(6, 8)
    weights = np.cos(z)
    theirs = tensor(z, grad=True)
    out = ACTIVATIONS[name](theirs)
    out.backward(tensor(weights))
    value, back = jax.vjp(f, z)
    close(value, out)
    close(back(weights)[0], theirs.grad)
    if f in activations.SLOPES:
        close(activations.slope(f)(z) * weights, theirs.grad)


# Losses

LOGITS = (3 * RNG.normal(size=(6, 4))).astype(np.float32)
Y = RNG.integers(0, 4, 6)
ROWS = RNG.dirichlet(np.ones(4), 6).astype(np.float32)
LOSSES = {
    "mse": (lambda z: losses.mse(z, ROWS), lambda z: F.mse_loss(z, tensor(ROWS))),
    "binary_cross_entropy": (
        lambda z: losses.binary_cross_entropy(z, ROWS),
        lambda z: F.binary_cross_entropy_with_logits(z, tensor(ROWS)),
    ),
    "cross_entropy of labels": (lambda z: losses.cross_entropy(z, Y), lambda z: F.cross_entropy(z, tensor(Y))),
    "cross_entropy of rows": (lambda z: losses.cross_entropy(z, ROWS), lambda z: F.cross_entropy(z, tensor(ROWS))),
    "smooth_labels": (
        lambda z: losses.cross_entropy(z, losses.smooth_labels(Y, 4, 0.2)),
        lambda z: F.cross_entropy(z, tensor(Y), label_smoothing=0.2),
    ),
    "kl_divergence": (
        lambda z: losses.kl_divergence(ROWS, activations.softmax(z)).mean(),
        lambda z: F.kl_div(F.log_softmax(z, -1), tensor(ROWS), reduction="batchmean"),
    ),
    "entropy": (
        lambda z: losses.entropy(activations.softmax(z)).mean(),
        lambda z: torch.distributions.Categorical(logits=z).entropy().mean(),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_gradients(name):
    ours, theirs = LOSSES[name]
    z = tensor(LOGITS, grad=True)
    loss = theirs(z)
    loss.backward()
    value, grads = jax.jit(jax.value_and_grad(ours))(LOGITS)
    close(value, loss)
    close(grads, z.grad)


# Layers


@pytest.mark.parametrize(
    ("name", "init"),
    [
        ("he", lambda W: torch.nn.init.kaiming_normal_(W, nonlinearity="relu")),
        ("lecun", lambda W: torch.nn.init.kaiming_normal_(W, nonlinearity="linear")),
        ("glorot", torch.nn.init.xavier_normal_),
    ],
)
def test_variance_of_initializers(name, init):
    torch.manual_seed(0)
    theirs = init(torch.empty(300, 200)).var().item()  # PyTorch's W is (outputs, inputs)
    assert float(getattr(mlp, name)(KEY, (200, 300)).var()) == pytest.approx(theirs, rel=0.02)


def test_the_network_by_hand():
    params = mlp.init(KEY, (5, 7, 6, 3))
    params = [(W, b + 0.1) for W, b in params]
    x, y = RNG.normal(size=(9, 5)).astype(np.float32), RNG.integers(0, 3, 9)
    theirs = [(tensor(W, grad=True), tensor(b, grad=True)) for W, b in params]
    h = tensor(x)
    for i, (W, b) in enumerate(theirs):
        h = h @ W + b
        h = F.relu(h) if i < 2 else h
    loss = F.cross_entropy(h, tensor(y))
    loss.backward()
    close(jax.jit(mlp.forward)(params, x), h)
    value, grads = jax.jit(mlp.backward)(params, x, y)
    close(value, loss)
    for ours, their in zip(jax.tree.leaves(grads), jax.tree.leaves(theirs), strict=True):
        close(ours, their.grad)


def test_dense():
    x = RNG.normal(size=(2, 5, 3)).astype(np.float32)
    params = {"W": RNG.normal(size=(3, 4)).astype(np.float32), "b": RNG.normal(size=4).astype(np.float32)}
    close(layers.Dense(4).apply(params, x), F.linear(tensor(x), tensor(params["W"].T), tensor(params["b"])))


@pytest.mark.parametrize("shape", [(8, 3), (4, 5, 6, 3)], ids=["table", "images"])
def test_batchnorm_in_training_and_afterwards(shape):
    """PyTorch puts the channel second, counts the momentum the other way round, and its running variance is n / (n - 1)
    times the batch's own."""
    x = (2 * RNG.normal(size=shape) + 1).astype(np.float32)
    weights = np.cos(np.arange(x.size, dtype=np.float32)).reshape(shape)
    ours = layers.BatchNorm(momentum=0.8, eps=1e-3)
    params = {"scale": jnp.array([1.5, -1.0, 0.3]), "shift": jnp.array([0.0, 1.0, -2.0])}
    params |= {"mean": jnp.array([0.1, 0.2, 0.3]), "var": jnp.array([1.0, 2.0, 0.5])}
    mean, var, scale, shift = (tensor(params[name]) for name in ("mean", "var", "scale", "shift"))
    theirs = tensor(x, grad=True)
    scale.requires_grad, shift.requires_grad = True, True
    out = F.batch_norm(theirs.movedim(-1, 1), mean, var, scale, shift, training=True, momentum=0.2, eps=1e-3)
    out.movedim(1, -1).backward(tensor(weights))
    n = x.size // 3
    unbiased = (1 - (n - 1) / n) * 0.8 * np.array([1.0, 2.0, 0.5])
    seen = ours.observe(params, x, KEY)
    close(ours.apply(params, x, KEY), out.movedim(1, -1), atol=1e-5)
    close(seen["mean"], mean)
    close(np.asarray(seen["var"]) - unbiased, var * (n - 1) / n)

    value = jax.jit(jax.grad(lambda p, x: jnp.sum(weights * ours.apply(p, x, KEY)), (0, 1)))
    grads, slopes = value(params, x)
    for a, b in ((slopes, theirs.grad), (grads["scale"], scale.grad), (grads["shift"], shift.grad)):
        close(a, b, atol=1e-5)
    after = F.batch_norm(tensor(x).movedim(-1, 1), mean, var, scale, shift, training=False, eps=1e-3)
    close(ours.apply(seen | {"var": var.numpy()}, x), after.movedim(1, -1), atol=1e-5)


# Optimizers: 50 steps with the same random gradients

OPTIMIZERS = {
    "SGD": (optim.SGD(0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "Momentum": (optim.Momentum(0.05, 0.8), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8)),
    "Nesterov": (
        optim.Momentum(0.05, 0.8, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    ),
    "AdaGrad": (optim.AdaGrad(0.2, eps=0.1), lambda p: torch.optim.Adagrad(p, lr=0.2, eps=0.1)),
    "RMSProp": (optim.RMSProp(0.02, 0.85, eps=0.1), lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.85, eps=0.1)),
    "Adam": (optim.Adam(0.03, 0.8, 0.95, eps=0.1), lambda p: torch.optim.Adam(p, lr=0.03, betas=(0.8, 0.95), eps=0.1)),
    "AdamW": (
        optim.AdamW(0.03, weight_decay=0.1),
        lambda p: torch.optim.AdamW(
            [{"params": p[:1]}, {"params": p[1:], "weight_decay": 0.0}], lr=0.03, weight_decay=0.1
        ),
    ),
}
PARAMS = (RNG.normal(size=(3, 4)).astype(np.float32), RNG.normal(size=4).astype(np.float32))
GRADS = tuple((RNG.normal(size=(STEPS, *w.shape)) ** 3).astype(np.float32) for w in PARAMS)


def walk(optimizer):
    def step(carry, grads):
        params, state = carry
        updates, state = optimizer.update(grads, state, params)
        params = optim.add(params, updates)
        return (params, state), params

    start = jax.tree.map(jnp.asarray, PARAMS)
    path = jax.jit(lambda grads: jax.lax.scan(step, (start, optimizer.init(start)), grads)[1])
    return path(GRADS)


def torch_walk(make, schedule=None, max_norm=None):
    params = [tensor(w, grad=True) for w in PARAMS]
    optimizer = make(params)
    scheduler = schedule and schedule(optimizer)
    path = []
    for t in range(STEPS):
        for w, grads in zip(params, GRADS, strict=True):
            w.grad = tensor(grads[t])
        if max_norm:
            torch.nn.utils.clip_grad_norm_(params, max_norm)
        optimizer.step()
        if scheduler:
            scheduler.step()
        path.append([w.detach().numpy().copy() for w in params])
    return [np.stack(each) for each in zip(*path, strict=True)]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_of_an_optimizer(name):
    ours, theirs = OPTIMIZERS[name]
    for a, b in zip(walk(ours), torch_walk(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)  # Adam: PyTorch has b2ᵗ in float64, we as Optax in 32


SCHEDULES = {
    "StepDecay": (optim.StepDecay(0.1, 7, 0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.5)),
    "Exponential": (optim.Exponential(0.1, 10, 0.5), lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.5**0.1)),
    "Cosine": (optim.Cosine(0.1, 60, 0.01), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 60, 0.01)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_fifty_steps_with_a_schedule(name):
    ours, theirs = SCHEDULES[name]
    expected = torch_walk(lambda p: torch.optim.SGD(p, lr=0.1), theirs)
    for a, b in zip(walk(optim.SGD(ours)), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=2e-6)


def test_fifty_steps_with_clipped_gradients():
    expected = torch_walk(lambda p: torch.optim.SGD(p, lr=0.1), max_norm=2.0)
    for a, b in zip(walk(optim.Clip(optim.SGD(0.1), 2.0)), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=2e-6)


# Convolution and pooling


def random_case(seed):
    """Images, a Conv and its parameters; a quarter of them ordinary ones, with our own gradient."""
    rng = np.random.default_rng(seed)
    groups = int(rng.choice([1, 1, 2, 3])) if seed % 4 else 1
    stride, dilation = (tuple(map(int, rng.integers(1, 4, 2))) if seed % 4 else (1, 1) for _ in range(2))
    padding = [0, 1, 2, "valid", ((0, 1), (2, 0)), "same"][seed % 6]
    if padding == "same":
        stride = 1  # PyTorch has no other
    size = tuple(map(int, rng.integers(1, 4, 2)))
    layer = cnn.Conv(groups * int(rng.integers(1, 4)), size, stride, padding, dilation, groups)
    x = rng.normal(size=(2, *rng.integers(7, 10, 2), groups * rng.integers(1, 4))).astype(np.float32)
    params = layer.init(KEY, x)
    return layer, params | {"b": rng.normal(size=params["b"].shape).astype(np.float32)}, x


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("seed", range(24), ids=lambda seed: layers.label(random_case(seed)[0]))
def test_conv_and_its_gradients(seed):
    ours, params, x = random_case(seed)
    W, b = tensor(jnp.transpose(params["W"], (3, 2, 0, 1)), grad=True), tensor(params["b"], grad=True)
    theirs, padding = tensor(x, grad=True), ours.padding
    images = theirs.movedim(-1, 1)
    if isinstance(padding, tuple):
        (top, bottom), (left, right) = padding
        images, padding = F.pad(images, (left, right, top, bottom)), 0
    out = F.conv2d(images, W, b, ours.stride, padding, ours.dilation, ours.groups).movedim(1, -1)
    weights = np.cos(np.arange(out.numel(), dtype=np.float32)).reshape(out.shape)
    out.backward(tensor(weights))

    @jax.jit
    def value_and_gradients(params, x, weights):
        value, back = jax.vjp(ours.apply, params, x)
        return value, *back(weights)

    value, grads, slopes = value_and_gradients(params, x, weights)
    close(value, out, atol=1e-4)
    close(slopes, theirs.grad, atol=1e-4)
    close(grads["b"], b.grad, atol=1e-4)
    close(grads["W"], W.grad.permute(2, 3, 1, 0), atol=1e-4)


@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [((2, 2), None, 0), ((3, 2), None, 0), ((3, 3), 2, 0), ((3, 3), 2, 1), ((2, 3), (1, 2), (1, 0))],
)
def test_pooling_and_its_gradient(size, stride, padding):
    x = RNG.normal(size=(2, 7, 8, 3)).astype(np.float32)
    pairs = (
        (cnn.MaxPool(size, stride, padding), lambda x: F.max_pool2d(x, size, stride, padding)),
        (
            cnn.AvgPool(size, stride, padding),
            lambda x: F.avg_pool2d(x, size, stride, padding, count_include_pad=False),
        ),
        (cnn.GlobalAvgPool(), lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1)[:, :, None, None]),
    )
    for ours, pool in pairs:
        theirs = tensor(x, grad=True)
        out = pool(theirs.movedim(-1, 1)).movedim(1, -1)
        out.square().sum().backward()
        value, slopes = jax.jit(lambda x, f=ours: (f.apply({}, x), jax.grad(lambda x: (f.apply({}, x) ** 2).sum())(x)))(
            x
        )
        close(value.reshape(out.shape), out)
        close(slopes, theirs.grad)
