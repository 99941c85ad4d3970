"""deepbook.cells against numbers worked by hand and jax.grad; tests/test_rnn.py has Flax and PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import cells

RNG = np.random.default_rng(0)
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def s(z):
    return 1 / (1 + np.exp(-z))


def one_unit(*blocks, **more):
    """Parameters of a cell of one unit that reads one number: (wx, wh, b) for each gate."""
    wx, wh, b = (np.array([blocks]).T.reshape(3, 1, -1)).astype(np.float32)
    return {"Wx": wx, "Wh": wh, "b": b[0], **more}


# One step


def test_rnn_step_worked_by_hand():
    h, y = cells.rnn_step(one_unit((2, 3, 0.5)), jnp.array([[0.1]]), jnp.array([[-0.2]]))
    assert h.tolist() == y.tolist() == [[pytest.approx(np.tanh(2 * -0.2 + 3 * 0.1 + 0.5))]]


def test_lstm_step_worked_by_hand():
    params = one_unit((1, 0, 0), (2, 0, 1), (3, 1, 0), (4, 0, -1))
    (h, c), y = cells.lstm_step(params, (jnp.array([[0.5]]), jnp.array([[2.0]])), jnp.array([[0.1]]))
    kept = s(2 * 0.1 + 1) * 2 + s(0.1) * np.tanh(3 * 0.1 + 0.5)
    assert float(c[0, 0]) == pytest.approx(kept)
    assert float(h[0, 0]) == float(y[0, 0]) == pytest.approx(s(4 * 0.1 - 1) * np.tanh(kept))


@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_step_worked_by_hand(reset_after):
    params = one_unit((1, 2, 0), (0, -1, 1), (3, 4, 0.5), bh=np.float32([0.1, 0.2, 0.3]) * reset_after)
    h, _ = cells.gru_step(params, jnp.array([[0.5]]), jnp.array([[0.1]]), reset_after)
    more = params["bh"]
    r, u = s(0.1 + 2 * 0.5 + more[0]), s(-0.5 + 1 + more[1])
    g = np.tanh(0.3 + 0.5 + r * (4 * 0.5 + more[2]))
    assert float(h[0, 0]) == pytest.approx(u * 0.5 + (1 - u) * g, rel=1e-6)


def test_a_gate_at_its_end_keeps_forgets_or_hides():
    x, carry = jnp.zeros((1, 1)), (jnp.array([[0.3]]), jnp.array([[0.7]]))
    closed, opened = -50, 50

    def after(i, f, o):
        return cells.lstm_step(one_unit((0, 0, i), (0, 0, f), (0, 0, 1), (0, 0, o)), carry, x)[0]

    assert after(closed, opened, closed)[1].item() == pytest.approx(0.7)
    assert after(closed, closed, opened) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
    assert after(opened, closed, opened)[1].item() == pytest.approx(np.tanh(1))
    assert after(closed, opened, closed)[0].item() == pytest.approx(0, abs=1e-6)


# A scan


def test_scan_repeats_the_step():
    params, xs = one_unit((1, 0.5, 0)), np.float32([[[1]], [[0]], [[2]]])
    h, expected = 0.0, []
    for x in xs.ravel():
        h = np.tanh(x + 0.5 * h)
        expected.append(h)
    last, hs = cells.scan(cells.rnn_step, params, jnp.zeros((1, 1)), xs)
    np.testing.assert_allclose(hs.ravel(), expected, rtol=1e-6)
    assert last.item() == hs[-1].item()


def test_scan_backwards_reads_the_sequence_turned_round():
    params, xs = one_unit((1, 0.5, 0)), np.float32([[[1]], [[0]], [[2]]])
    last, hs = cells.scan(cells.rnn_step, params, jnp.zeros((1, 1)), xs, reverse=True)
    turned_last, turned = cells.scan(cells.rnn_step, params, jnp.zeros((1, 1)), xs[::-1])
    np.testing.assert_array_equal(hs, turned[::-1])
    assert last.item() == turned_last.item() == hs[0].item()


def test_scan_waits_where_there_is_nothing():
    params, xs = one_unit((1, 0.5, 0)), np.float32([[[1]], [[9]], [[2]]])
    mask = np.array([[True], [False], [True]])
    last, hs = cells.scan(cells.rnn_step, params, jnp.zeros((1, 1)), xs, mask)
    assert hs[1].item() == hs[0].item() == pytest.approx(np.tanh(1))
    assert last.item() == pytest.approx(np.tanh(2 + 0.5 * np.tanh(1)))


# The fast scan


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", GATES)
def test_fast_scan_and_its_gradients_are_those_of_the_step(name, masked, reverse, time=6):
    n, columns = 4, 4 * GATES[name]
    shapes = {"Wx": (3, columns), "Wh": (n, columns), "b": columns} | ({"bh": columns} if name == "gru" else {})
    params = {key: RNG.normal(size=shape).astype(np.float32) for key, shape in shapes.items()}
    states = tuple(RNG.normal(size=(2, 5, n)).astype(np.float32))
    carry, xs = states if name == "lstm" else states[0], RNG.normal(size=(time, 5, 3)).astype(np.float32)
    mask = np.arange(time)[:, None] < np.array([time, 3, 0, 1, 5]) if masked else None

    def cost(scan, what):
        def run(params, carry, xs):
            leaves = jax.tree.leaves(scan(what, params, carry, xs, mask, reverse))
            return sum(jnp.sum(jnp.sin(leaf + jnp.arange(leaf.size).reshape(leaf.shape))) for leaf in leaves), leaves

        return jax.jit(jax.value_and_grad(run, (0, 1, 2), has_aux=True))(params, carry, xs)

    one, other = cost(cells.fast_scan, name), cost(cells.scan, getattr(cells, f"{name}_step"))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), one, other)


def test_fast_scan_in_chunks(monkeypatch):
    monkeypatch.setattr(cells, "ROWS", 40)
    assert [cells._chunk(*sizes) for sizes in ((24, 5), (23, 5), (8, 5), (9, 5), (0, 5), (24, 0))] == [
        8,
        23,
        8,
        9,
        1,
        24,
    ]
    for reverse in (False, True):
        test_fast_scan_and_its_gradients_are_those_of_the_step("lstm", True, reverse, 24)


def test_fast_scan_has_second_derivatives_and_says_what_it_lacks():
    xs = RNG.normal(size=(4, 2, 1)).astype(np.float32)

    def end(scan, what):
        weights = {"Wx": np.float32([[0.3]]), "b": np.zeros(1, np.float32)}
        return lambda w: scan(what, weights | {"Wh": w[None, None]}, jnp.zeros((2, 1)), xs)[0].sum()

    w = jnp.float32(0.5)
    fast = jax.grad(jax.grad(end(cells.fast_scan, "rnn")))(w)
    slow = jax.grad(jax.grad(end(cells.scan, cells.rnn_step)))(w)
    assert float(fast) == pytest.approx(float(slow), rel=1e-4)
    with pytest.raises(TypeError, match="forward-mode"):
        jax.jvp(end(cells.fast_scan, "rnn"), (w,), (w,))


def loops(program):
    """The loops of a program, also those in the functions that it calls."""
    for step in program.eqns:
        if step.primitive.name == "scan":
            yield step
        elif "jaxpr" in step.params:
            yield from loops(step.params["jaxpr"])


def test_the_weights_gradient_is_a_product_outside_of_the_loop():
    """The loop over the steps carries what goes from step to step, and no sum of gradients."""
    params, xs = one_unit((0.3, 0.5, 0)), np.ones((4, 2, 1), np.float32)
    program = jax.make_jaxpr(jax.grad(lambda p: cells.fast_scan("rnn", p, jnp.zeros((2, 1)), xs)[0].sum()))(params)
    forward, chunks = loops(program)
    (back,) = loops(chunks.params["jaxpr"])
    assert forward.params["num_carry"] == back.params["num_carry"] == 1
    assert (chunks.params["length"], back.params["length"]) == (1, 4)


# Backwards through time


@pytest.mark.parametrize("u", [0.5, -1.5])
def test_bptt_is_the_gradient(u):
    xs, y, h = [0.3, -1.0, 0.8, 0.1], 0.4, 0.2

    def loss(w, u, b, pushes):
        state = h
        for x, push in zip(xs, pushes, strict=True):
            state = jnp.tanh(w * x + u * state + b) + push
        return (state - y) ** 2 / 2

    value, (dw, du, db), dhs = cells.bptt(0.7, u, 0.1, xs, y, h)
    *slopes, pushes = jax.grad(loss, (0, 1, 2, 3))(0.7, u, 0.1, jnp.zeros(4))
    assert value == pytest.approx(float(loss(0.7, u, 0.1, jnp.zeros(4))), rel=1e-5)
    assert (dw, du, db) == pytest.approx(tuple(map(float, slopes)), rel=1e-5)
    assert dhs == pytest.approx(pushes.tolist(), rel=1e-5)


def test_bptt_of_no_steps():
    assert cells.bptt(1.0, 1.0, 1.0, [], 0.5) == (0.125, (0, 0, 0), [])
