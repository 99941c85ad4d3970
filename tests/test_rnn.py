"""deepbook.rnn: outputs and gradients against Flax and PyTorch; counts by formula; masks, carries, both ways."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import rnn
from deepbook.layers import Dense, Dropout, Masked, Sequential, count, summary
from deepbook.rnn import GRU, LSTM, RNN, Bidirectional, gradient_by_distance

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
BATCH, TIME, N_IN, N = 4, 6, 3, 5
X = RNG.normal(size=(BATCH, TIME, N_IN)).astype(np.float32)
LENGTHS = np.array([6, 4, 1, 0])
MASK = np.arange(TIME) < LENGTHS[:, None]
LAYERS = {
    "RNN": RNN(N, sequence=True),
    "LSTM": LSTM(N, sequence=True),
    "GRU": GRU(N, sequence=True),
    "GRU of the paper": GRU(N, sequence=True, reset_after=False),
}


def some_params(layer, n_in=N_IN):
    """Random numbers everywhere, in the biases too."""
    shapes = jax.eval_shape(layer.init, KEY, jax.ShapeDtypeStruct((1, 1, n_in), jnp.float32))
    return jax.tree.map(lambda a: (0.6 * RNG.normal(size=a.shape)).astype(np.float32), shapes)


def cost(outputs):
    """Some scalar of them that each number moves in its own way."""
    leaves = jax.tree.leaves(outputs)
    return sum(jnp.sum(jnp.sin(leaf + jnp.arange(leaf.size).reshape(leaf.shape))) for leaf in leaves)


def close(ours, theirs):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), ours, theirs)


# Flax


def gates(params, k):
    Wx, Wh = (np.split(params[name], k, axis=1) for name in ("Wx", "Wh"))
    return list(zip(Wx, Wh, np.split(params["b"], k), strict=True))


def flax_rnn(params):
    return nn.SimpleCell(N), {"i": {"kernel": params["Wx"], "bias": params["b"]}, "h": {"kernel": params["Wh"]}}


def flax_lstm(params):
    theirs = {}
    for name, (wx, wh, b) in zip("ifgo", gates(params, 4), strict=True):
        theirs[f"i{name}"], theirs[f"h{name}"] = {"kernel": wx}, {"kernel": wh, "bias": b}
    return nn.OptimizedLSTMCell(N), theirs


def flax_gru(params):
    theirs = {}
    bh = np.split(params["bh"], 3)
    for name, (wx, wh, b), more in zip("rzn", gates(params, 3), bh, strict=True):
        theirs[f"i{name}"] = {"kernel": wx, "bias": b if name == "n" else b + more}
        theirs[f"h{name}"] = {"kernel": wh, "bias": more} if name == "n" else {"kernel": wh}
    return nn.GRUCell(N), theirs


@pytest.mark.parametrize("name, convert", [("RNN", flax_rnn), ("LSTM", flax_lstm), ("GRU", flax_gru)])
@pytest.mark.parametrize("lengths", [None, LENGTHS[:3]])
def test_output_and_gradients_are_those_of_flax(name, convert, lengths):
    layer, n = LAYERS[name], BATCH if lengths is None else len(lengths)
    params, x, mask = some_params(layer), X[:n], MASK[:n]
    cell, theirs = convert(params)
    there = np.ones((n, TIME, 1)) if lengths is None else mask[..., None]

    def ours(params, x):
        carry, y = layer.run(params, layer.start(n), x if lengths is None else Masked(x, mask))
        return cost((carry, y.x * there if lengths is not None else y)), carry

    def flax(theirs, x):
        carry, y = nn.RNN(cell, return_carry=True).apply({"params": {"cell": theirs}}, x, seq_lengths=lengths)
        carry = carry[::-1] if name == "LSTM" else carry  # theirs is (c, h)
        return cost((carry, y * there)), carry

    (value, carry), (slopes, dx) = jax.jit(jax.value_and_grad(ours, (0, 1), has_aux=True))(params, x)
    (value2, carry2), (slopes2, dx2) = jax.jit(jax.value_and_grad(flax, (0, 1), has_aux=True))(theirs, x)
    close((value, carry, dx), (value2, carry2, dx2))
    converted = convert(jax.tree.map(np.asarray, slopes))[1]
    for gate, arrays in slopes2.items():
        for what, slope in arrays.items():
            if what == "kernel" or name != "GRU" or gate in ("in", "hn"):
                np.testing.assert_allclose(converted[gate][what], slope, rtol=1e-5, atol=1e-5)


def test_gru_of_the_paper_is_the_other_where_they_agree():
    """Where the reset gate is open, or h is 0, both are the same."""
    after, before = LAYERS["GRU"], LAYERS["GRU of the paper"]
    params = some_params(before)
    params["b"][:N] = 50
    wide = params | {"bh": np.zeros(3 * N, np.float32)}
    close(after.apply(wide, X), before.apply(params, X))
    params["b"][:N] = 0.1
    close(after.apply(wide, X[:, :1]), before.apply(params, X[:, :1]))
    assert not np.allclose(after.apply(wide, X), before.apply(params, X))


# PyTorch


def torch_weights(name, params):
    """weight_ih, weight_hh, bias_ih, bias_hh, in PyTorch's shapes."""
    more = params["bh"] if name == "GRU" else np.zeros_like(params["b"])
    return params["Wx"].T, params["Wh"].T, params["b"], more


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("masked", [False, True])
def test_output_and_gradients_are_those_of_pytorch(name, masked):
    torch = pytest.importorskip("torch", reason="needs PyTorch; the same is shown against Flax above")
    layer, n = LAYERS[name], 3
    params, x, mask = some_params(layer), X[:n], MASK[:n]

    def ours(params, x):
        carry, y = layer.run(params, layer.start(n), Masked(x, mask) if masked else x)
        y = y.x * mask[..., None] if masked else y  # PyTorch pads with zeros
        return sum(jnp.sum(jnp.sin(leaf + 1)) for leaf in jax.tree.leaves((carry, y))), (carry, y)

    (_, (carry, y)), (slopes, dx) = jax.jit(jax.value_and_grad(ours, (0, 1), has_aux=True))(params, x)
    network = getattr(torch.nn, name)(N_IN, N, batch_first=True)
    for parameter, value in zip(network.parameters(), torch_weights(name, params), strict=True):
        parameter.data = torch.tensor(np.ascontiguousarray(value))
    given = torch.tensor(x, requires_grad=True)
    if masked:
        out, state = network(torch.nn.utils.rnn.pack_padded_sequence(given, LENGTHS[:n], batch_first=True))
        out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
    else:
        out, state = network(given)
    states = state if name == "LSTM" else (state,)
    sum(torch.sin(part + 1).sum() for part in (*states, out)).backward()
    close(y, out.detach().numpy())
    close(jax.tree.leaves(carry), [part[0].detach().numpy() for part in states])
    close(dx, given.grad.numpy())
    slopes = {"bh": slopes["b"], **slopes}  # without a second bias of ours, both of theirs have the same gradient
    theirs = [parameter.grad.numpy() for parameter in network.parameters()]
    close([*torch_weights("GRU", slopes)], theirs)


# Counts


@pytest.mark.parametrize("n_in, n", [(3, 5), (64, 32)])
def test_counts_by_formula(n_in, n):
    x = jnp.ones((1, 2, n_in))
    formulas = {
        RNN(n): n * (n_in + n + 1),
        LSTM(n): 4 * n * (n_in + n + 1),
        GRU(n): 3 * n * (n_in + n + 2),
        GRU(n, reset_after=False): 3 * n * (n_in + n + 1),
        Bidirectional(LSTM(n)): 8 * n * (n_in + n + 1),
    }
    for layer, numbers in formulas.items():
        assert count(jax.eval_shape(layer.init, KEY, x)) == numbers


def test_counts_are_those_that_keras_prints():
    """Of 64 numbers a step into 32 units; seen in keras 3: SimpleRNN, LSTM, GRU, GRU(reset_after=False)."""
    x = jnp.ones((1, 2, 64))
    layers = RNN(32), LSTM(32), GRU(32), GRU(32, reset_after=False)
    assert [count(jax.eval_shape(layer.init, KEY, x)) for layer in layers] == [3104, 12416, 9408, 9312]


def test_summary_of_a_stack():
    model = Sequential([Bidirectional(LSTM(4, sequence=True)), GRU(3), Dense(2)])
    text = summary(model, X[:1])
    assert "(batch, 6, 8)" in text and "(batch, 3)" in text and text.endswith(str(256 + 117 + 8))


# Where to start


def test_the_first_weights():
    params = LSTM(40).init(KEY, jnp.ones((1, 1, 30)))
    for block in np.split(np.asarray(params["Wh"]), 4, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(40), atol=1e-5)
    assert params["b"].tolist() == [0] * 40 + [1] * 40 + [0] * 80
    assert float(params["Wx"].std()) == pytest.approx(np.sqrt(2 / (30 + 160)), rel=0.05)
    traced = jax.jit(LSTM(40).init)(KEY, jnp.ones((1, 1, 30)))["Wh"]
    np.testing.assert_allclose(traced[:, :40] @ traced[:, :40].T, np.eye(40), atol=1e-5)


# Sequence, reverse, carry


@pytest.mark.parametrize("name", LAYERS)
def test_the_last_output_is_the_end_of_the_sequence(name):
    layer, params = LAYERS[name], some_params(LAYERS[name])
    last = rnn.replace(layer, sequence=False)
    close(last.apply(params, X), layer.apply(params, X)[:, -1])


@pytest.mark.parametrize("name", LAYERS)
def test_reverse_reads_the_sequence_turned_round(name):
    layer, params = LAYERS[name], some_params(LAYERS[name])
    back = rnn.replace(layer, reverse=True)
    close(back.apply(params, X), layer.apply(params, X[:, ::-1])[:, ::-1])
    close(rnn.replace(back, sequence=False).apply(params, X), back.apply(params, X)[:, 0])


@pytest.mark.parametrize("name", LAYERS)
def test_two_pieces_are_one_sequence(name):
    model = Sequential([LAYERS[name], Dropout(0.5), LAYERS[name], Dense(2)])
    params = model.init(KEY, X)
    carry = rnn.start(model, BATCH)
    carry, first = rnn.run(model, params, carry, X[:, :2])
    _, rest = rnn.run(model, params, carry, X[:, 2:])
    close(jnp.concatenate([first, rest], axis=1), model.apply(params, X))


def test_run_of_a_part_alone_and_of_a_bidirectional():
    assert rnn.start(Dense(2), 3) == () == rnn.run(Dense(2), Dense(2).init(KEY, X), (), X)[0]
    with pytest.raises(ValueError, match=r"start: got Bidirectional\(LSTM\(2\)\).*forwards"):
        rnn.start(Sequential([Bidirectional(LSTM(2))]), 3)


# Masks


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_a_padded_row_is_the_row_without_its_padding(name, reverse):
    layer = rnn.replace(LAYERS[name], reverse=reverse)
    params = some_params(layer)
    junk = np.where(MASK[..., None], X, 99).astype(np.float32)
    y = layer.apply(params, Masked(junk, MASK))
    last = rnn.replace(layer, sequence=False).apply(params, Masked(junk, MASK))
    assert isinstance(y, Masked) and (np.asarray(y.mask) == MASK).all()
    for row, length in enumerate(LENGTHS):
        alone = layer.apply(params, X[row : row + 1, :length])
        close(y.x[row, :length], alone[0])
        close(last[row], alone[0, 0 if reverse else -1] if length else np.zeros(N))


@pytest.mark.parametrize("name", LAYERS)
def test_rows_of_padding_have_finite_gradients(name):
    layer, params = rnn.replace(LAYERS[name], sequence=False), some_params(LAYERS[name])
    slopes, dx = jax.grad(lambda params, x: cost(layer.apply(params, Masked(x, MASK))), (0, 1))(params, X)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))
    assert not np.asarray(dx)[~MASK].any() and np.asarray(dx)[MASK].any()


@pytest.mark.parametrize("name", LAYERS)
def test_sequences_of_no_and_of_one_step(name):
    layer, params = LAYERS[name], some_params(LAYERS[name])
    last = rnn.replace(layer, sequence=False)
    assert layer.apply(params, X[:, :0]).shape == (BATCH, 0, N)
    assert not last.apply(params, X[:, :0]).any()
    assert last.apply(params, X[:, :1]).shape == (BATCH, N)
    slopes = jax.grad(lambda params: cost(last.apply(params, X[:, :0])))(params)
    assert not any(np.any(leaf) for leaf in jax.tree.leaves(slopes))


def test_masks_go_through_a_stack():
    model = Sequential([Bidirectional(GRU(4, sequence=True)), Dropout(0.1), Dense(3), LSTM(2)])
    params = model.init(KEY, Masked(X, MASK))
    y = model.apply(params, Masked(X, MASK))
    close(y[1:2], model.apply(params, X[1:2, :4]))
    assert not y[3].any()


# Both ways, dropout


def test_bidirectional_is_two_layers_side_by_side():
    layer = Bidirectional(LSTM(N, sequence=True))
    params = layer.init(KEY, X)
    forward, backward = LSTM(N, sequence=True), LSTM(N, sequence=True, reverse=True)
    y = layer.apply(params, X)
    close(y[..., :N], forward.apply(params["forward"], X))
    close(y[..., N:], backward.apply(params["backward"], X))
    last = Bidirectional(LSTM(N)).apply(params, X)
    close(last, jnp.concatenate([y[:, -1, :N], y[:, 0, N:]], axis=1))
    assert not np.allclose(params["forward"]["Wx"], params["backward"]["Wx"])


def test_dropout_drops_the_same_features_at_all_steps():
    layer = RNN(N, sequence=True, dropout=0.5)
    params = {"Wx": np.eye(N, dtype=np.float32), "Wh": np.zeros((N, N), np.float32), "b": np.zeros(N, np.float32)}
    x = np.ones((200, 3, N), np.float32)
    y = np.asarray(layer.apply(params, x, KEY))
    assert {round(v, 5) for v in y.ravel().tolist()} == {0.0, round(float(np.tanh(2)), 5)}
    assert (y == y[:, :1]).all() and (y == 0).mean() == pytest.approx(0.5, abs=0.05)
    assert (np.asarray(layer.apply(params, x)) == np.tanh(np.float32(1))).all()


# jit, vmap


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("mask", [None, MASK])
def test_under_jit_vmap_and_grad(transforms, name, mask):
    layer = LAYERS[name]
    x = X if mask is None else Masked(X, mask)
    transforms(lambda params: layer.run(params, layer.start(BATCH), x), some_params(layer))


# How far a gradient reaches


def test_gradient_by_distance_of_a_cell_without_a_bend():
    """With tiny weights tanh is the identity: the slope by an input d steps before is Wx Whᵈ."""
    params = {"Wx": np.float32([[1e-3]]), "Wh": np.float32([[0.5]]), "b": np.zeros(1, np.float32)}
    for layer in (RNN(1), RNN(1, sequence=True), Sequential([RNN(1)])):
        p = params if isinstance(layer, RNN) else (params,)
        reach = gradient_by_distance(layer, p, np.ones((2, 4, 1), np.float32))
        np.testing.assert_allclose(reach, 1e-3 * 0.5 ** np.arange(4), rtol=1e-4)


def test_an_lstm_reaches_farther_than_a_plain_cell():
    x = RNG.normal(size=(3, 30, 4)).astype(np.float32)
    reach = {type(layer): gradient_by_distance(layer, layer.init(KEY, x), x) for layer in (RNN(8), LSTM(8))}
    assert reach[LSTM][29] / reach[LSTM][0] > 10 * reach[RNN][29] / reach[RNN][0]


# Bad input


def test_errors():
    layer = LSTM(N)
    params = some_params(layer)
    with pytest.raises(ValueError, match=r"LSTM\(5\): got x of shape \(4, 6\); needs \(batch, time, features\)"):
        layer.apply(params, X[..., 0])
    with pytest.raises(ValueError, match=r"LSTM\(5\): got x of shape \(4, 6\).*sequence=True"):
        layer.init(KEY, X[..., 0])
    with pytest.raises(ValueError, match=r"LSTM\(5\): got x of shape \(4, 6, 2\); needs 3 features"):
        layer.apply(params, X[..., :2])
    with pytest.raises(ValueError, match="Dropout: got the rate 1"):
        LSTM(N, dropout=1)
    with pytest.raises(ValueError, match=r"Bidirectional: got Dense\(3\); needs an RNN, LSTM or GRU"):
        Bidirectional(Dense(3))
