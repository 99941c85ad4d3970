"""deepbook.attention: worked by hand, then equal to Flax with the same weights, masks and heads."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.attention import EncoderBlock, LayerNorm, Positions, SelfAttention, attend, attention_weights
from deepbook.embeddings import MeanPool
from deepbook.layers import Dense, Masked, Sequential, count

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
X = jnp.asarray(RNG.normal(size=(3, 5, 8)), jnp.float32)
THERE = jnp.asarray(np.arange(5) < np.array([[5], [3], [1]]))


def shaken(params):
    """Params of which none is 0 or 1."""
    rng = np.random.default_rng(1)
    return jax.tree.map(lambda p: p + jnp.asarray(0.3 * rng.normal(size=p.shape), jnp.float32), params)


# attend


def test_attend_worked_by_hand():
    q, k = jnp.array([[2.0, 0, 0, 0]]), jnp.array([[1.0, 0, 0, 0], [0, 9, 9, 9], [3, 0, 0, 0]])
    v = jnp.array([[1.0, 0], [0, 1], [5, 5]])
    e = np.exp([1.0, 0, 3])  # q·k / √4
    np.testing.assert_allclose(attention_weights(q, k)[0], e / e.sum(), rtol=1e-6)
    np.testing.assert_allclose(attend(q, k, v)[0], (e @ v) / e.sum(), rtol=1e-6)
    e[2] = 0
    np.testing.assert_allclose(attend(q, k, v, jnp.array([True, True, False]))[0], (e @ v) / e.sum(), rtol=1e-6)


def test_attend_to_nothing_gives_zeros_and_no_nan():
    none = jnp.zeros((3, 5), bool)
    total, grads = jax.jit(jax.value_and_grad(lambda x: jnp.abs(attend(x, x, x, none)).sum()))(X)
    assert total == 0
    assert np.isfinite(grads).all()
    assert attend(X[:, :0], X[:, :0], X[:, :0]).shape == (3, 0, 8)
    assert attend(X, X[:, :0], X[:, :0]).tolist() == np.zeros((3, 5, 8)).tolist()


def test_attend_bears_large_scores():
    np.testing.assert_allclose(attend(1e4 * X, 1e4 * X, X), X[jnp.arange(3)[:, None], best(X)], atol=1e-4)


def best(x):
    return np.asarray(x @ x.swapaxes(1, 2)).argmax(-1)


def test_attend_does_not_look_at_what_is_masked():
    other = X.at[1, 3:].set(77.0)
    np.testing.assert_array_equal(attend(X, X, X, THERE)[1, :3], attend(other, other, other, THERE)[1, :3])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: attend(X, X[..., :4], X), "as many features"),
        (lambda: attend(X, X, X[:, :4]), "as many k as v"),
        (lambda: attend(X, X, X, jnp.ones((5, 5), bool)), r"needs \(3, 5\)"),
        (lambda: SelfAttention(3).init(KEY, X), "3 heads for 8 features"),
        (lambda: Positions(4).apply(Positions(4).init(KEY, X), X), "got 5 steps"),
    ],
)
def test_attention_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Layers, equal to Flax


def test_layer_norm_equals_flax():
    layer = LayerNorm(1e-12)
    params = shaken(layer.init(KEY, X))
    theirs = nn.LayerNorm(epsilon=1e-12).apply({"params": {"scale": params["scale"], "bias": params["shift"]}}, X)
    np.testing.assert_allclose(layer.apply(params, X), theirs, atol=2e-6)
    assert np.isfinite(LayerNorm().apply(layer.init(KEY, X), jnp.ones((1, 2, 8)))).all()


def flax_attention(params, x, mask, n_heads):
    """Our params in the order of Flax, whose projections have an axis of their own for the heads."""

    def split(p):
        return {"kernel": p["W"].reshape(8, n_heads, -1), "bias": p["b"].reshape(n_heads, -1)}

    theirs = {name: split(params[ours]) for name, ours in (("query", "q"), ("key", "k"), ("value", "v"))}
    theirs["out"] = {"kernel": params["out"]["W"].reshape(n_heads, -1, 8), "bias": params["out"]["b"]}
    layer = nn.MultiHeadDotProductAttention(n_heads, qkv_features=8)
    return layer.apply({"params": theirs}, x, x, mask=mask)


@pytest.mark.parametrize(("n_heads", "causal"), [(1, False), (4, False), (2, True)])
def test_self_attention_and_its_gradients_equal_flax(n_heads, causal):
    layer = SelfAttention(n_heads, causal)
    params = shaken(layer.init(KEY, X))
    mask = THERE[:, None, None, :] & (jnp.tril(jnp.ones((5, 5), bool)) if causal else True)

    def ours(params, x):
        return layer.apply(params, Masked(x, THERE)).x

    def theirs(params, x):
        return flax_attention(params, x, mask, n_heads)

    def all_of(f):
        def cost(params, x):
            return (f(params, x) ** 2).sum()

        return f(params, X), jax.grad(cost, (0, 1))(params, X)

    for a, b in zip(*(jax.tree.leaves(jax.jit(lambda f=f: all_of(f))()) for f in (ours, theirs)), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-4, rtol=1e-4)


def test_encoder_block_equals_flax():
    block = EncoderBlock(2, 16, eps=1e-12)
    params = shaken(block.init(KEY, X))

    def norm(name, x):
        p = params[name]
        return nn.LayerNorm(epsilon=1e-12).apply({"params": {"scale": p["scale"], "bias": p["shift"]}}, x)

    def dense(name, x):
        return nn.Dense(params[name]["b"].size).apply(
            {"params": {"kernel": params[name]["W"], "bias": params[name]["b"]}}, x
        )

    def theirs(x):
        h = norm("norm", x + flax_attention(params["attention"], x, THERE[:, None, None, :], 2))
        return norm("norm_out", h + dense("out", nn.gelu(dense("hidden", h), approximate=False)))

    out, without_mask, expected = jax.jit(
        lambda: (block.apply(params, Masked(X, THERE)), block.apply(params, X[:1]), theirs(X))
    )()
    assert (out.mask == THERE).all()
    np.testing.assert_allclose(out.x, expected, atol=5e-6)
    np.testing.assert_allclose(without_mask, out.x[:1], atol=5e-6)  # its sequence has no padding
    assert count(params) == 4 * (64 + 8) + 2 * 16 + (8 * 16 + 16) + (16 * 8 + 8)


# What attention means


def test_causal_attention_does_not_look_ahead():
    layer = EncoderBlock(2, 16, causal=True)
    params = layer.init(KEY, X)
    later = X.at[:, 3:].set(0)
    apply, both = jax.jit(layer.apply), jax.jit(EncoderBlock(2, 16).apply)
    np.testing.assert_allclose(apply(params, X)[:, :3], apply(params, later)[:, :3], atol=1e-6)
    assert np.abs(both(params, X)[:, :3] - both(params, later)[:, :3]).max() > 1e-3


def test_attention_knows_the_order_only_by_positions():
    model = Sequential([EncoderBlock(2, 16), MeanPool()])
    params = model.init(KEY, X)
    apply = jax.jit(model.apply)
    np.testing.assert_allclose(apply(params, X), apply(params, X[:, ::-1]), atol=1e-5)
    model = Sequential([Positions(6), EncoderBlock(2, 16), MeanPool()])
    params, apply = shaken(model.init(KEY, X)), jax.jit(model.apply)
    assert np.abs(apply(params, X) - apply(params, X[:, ::-1])).max() > 1e-3


def test_encoder_block_drops_only_in_training():
    block = EncoderBlock(2, 16, rate=0.5)
    params = block.init(KEY, X)
    quiet = jax.jit(EncoderBlock(2, 16).apply)(params, X)
    np.testing.assert_allclose(jax.jit(block.apply)(params, X), quiet, atol=1e-6)
    assert np.abs(jax.jit(block.apply)(params, X, jax.random.key(1)) - quiet).max() > 0.01


@pytest.mark.parametrize("time", [0, 1])
def test_blocks_take_short_and_all_masked_sequences(time):
    model = Sequential([Positions(4), LayerNorm(), EncoderBlock(2, 16), Dense(8), MeanPool()])
    params = model.init(KEY, X[:, :1])
    out = jax.jit(model.apply)(params, Masked(X[:, :time], jnp.zeros((3, time), bool)))
    assert out.shape == (3, 8) and not out.any()
    assert np.isfinite(jax.jit(model.apply)(params, X[:, :time])).all()


def test_a_block_learns_to_look_for_a_word():
    """The answer is the number beside the mark: attention finds it wherever it is."""
    from deepbook.losses import mse
    from deepbook.optim import Adam
    from deepbook.train import fit

    rng = np.random.default_rng(0)
    x = rng.normal(size=(512, 6, 4)).astype(np.float32)
    place = rng.integers(0, 6, 512)
    x[..., 0] = 4 * (np.arange(6) == place[:, None])
    y = x[np.arange(512), place, 1:2]
    model = Sequential([SelfAttention(1), MeanPool(), Dense(1)])
    params = model.init(KEY, x[:1])
    _, history = fit(model, params, (x, y), key=KEY, loss=mse, optimizer=Adam(1e-2), epochs=15, batch_size=64)
    assert history["loss"][-1] < 0.1 * y.var()
