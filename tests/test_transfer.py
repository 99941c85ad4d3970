"""deepbook.transfer: what is frozen keeps its bits and costs no gradient, and what is borrowed helps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import transfer, weights
from deepbook.architectures import Basic, Residual, vgg
from deepbook.cnn import Conv, GlobalAvgPool, MaxPool
from deepbook.layers import BatchNorm, Dense, Dropout, Frozen, Relu, Sequential, count, freeze
from deepbook.losses import accuracy
from deepbook.optim import SGD, Adam, AdamW, Clip, Cosine, Momentum
from deepbook.train import Setup, evaluate, fit
from deepbook.transfer import ByDepth, by_depth, cut, features, few, few_shot_curve, thaw

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 8, 8, 1)).astype(np.float32)
Y = RNG.integers(0, 3, 60).astype(np.int32)
MODEL = Sequential([
    Sequential([Conv(4, (3, 3)), BatchNorm(), Relu(), Dropout(0.5), Conv(4, (3, 3)), Relu()]),
    GlobalAvgPool(), Dense(8), Dropout(0.2), Relu(), Dense(3),
])  # fmt: skip
START = MODEL.init(KEY, X[:1])


def same(a, b):
    return jax.tree.all(jax.tree.map(lambda x, y: np.array_equal(np.asarray(x), np.asarray(y)), a, b))


def total(params):
    return sum(map(jnp.sum, jax.tree.leaves(params)))


# Which layers


@pytest.mark.parametrize("n", [1, 2, 5, -1, -3])
def test_cut_gives_two_parts_that_together_are_the_model(n):
    backbone, head = cut(MODEL, n)
    assert backbone.layers + head.layers == MODEL.layers
    seen = backbone.apply(START[:n], X)
    np.testing.assert_array_equal(head.apply(START[n:], seen), MODEL.apply(START, X))


@pytest.mark.parametrize("n", [0, 6, 7, -6, -7])
def test_cut_refuses_an_empty_part(n):
    with pytest.raises(ValueError, match=rf"cut: got n={n} for 6 layers; needs one in each part .*; try n=5"):
        cut(MODEL, n)


@pytest.mark.parametrize("function", [lambda m: cut(m, 1), lambda m: thaw(m, 1), lambda m: by_depth(m, 0.5)])
def test_cut_thaw_and_by_depth_need_a_sequential(function):
    with pytest.raises(ValueError, match=r"(cut|thaw|by_depth): got Dense\(3\); needs a Sequential; try Sequential"):
        function(Dense(3))


T, F = True, False


@pytest.mark.parametrize(
    ("n", "flags"),
    [
        (0, False),
        (1, (F, F, F, F, F, T)),
        (2, (F, F, T, T, T, T)),
        (3, ((F, F, F, F, T, T), T, T, T, T, T)),
        (4, ((F, T, T, T, T, T), T, T, T, T, T)),
        (5, True),
    ],
)
def test_thaw_worked_by_hand(n, flags):
    assert thaw(MODEL, n) == flags
    model = freeze(MODEL, flags)
    assert not n or same(model.apply(START, X), MODEL.apply(START, X))


def test_thaw_counts_a_block_as_one_and_never_thaws_what_is_frozen():
    model = Sequential([Conv(4, (3, 3)), Basic(4), Residual([Conv(4, (3, 3))]), GlobalAvgPool(), Dense(2)])
    assert thaw(model, 2) == (F, F, T, T, T)
    assert thaw(model, 3) == (F, T, T, T, T)
    frozen = Sequential([Frozen(Dense(4)), Relu(), Dense(2)])
    assert thaw(frozen, 1) == (F, F, T)
    with pytest.raises(ValueError, match="needs 0 to 1"):
        thaw(frozen, 2)


@pytest.mark.parametrize("n", [-1, 6])
def test_thaw_refuses_more_layers_than_there_are(n):
    with pytest.raises(ValueError, match=rf"thaw: got n={n}; needs 0 to 5, .*; try n=1"):
        thaw(MODEL, n)


@pytest.mark.parametrize("n", range(6))
def test_thaw_moves_through_fit_just_the_last_n_and_all_else_keeps_its_bits(n):
    """With what moves weights even without a gradient: AdamW, running means, dropout, a penalty."""
    before = jax.tree.map(np.array, START)
    how = {"optimizer": AdamW(0.01, weight_decay=0.5), "penalty": total}
    learned, history = fit(MODEL, START, (X, Y), key=KEY, epochs=2, batch_size=20, trainable=thaw(MODEL, n), **how)
    moved = {name for name, a in weights.named(learned).items() if not np.array_equal(a, weights.named(before)[name])}
    ours = [
        ("5.W", "5.b"),
        ("2.W", "2.b"),
        ("0.4.W", "0.4.b"),
        ("0.1.mean", "0.1.var", "0.1.scale", "0.1.shift"),
        ("0.0.W", "0.0.b"),
    ]
    assert moved == {name for names in ours[:n] for name in names}
    assert same(START, before)
    assert np.isfinite(history["loss"]).all()


def test_a_frozen_part_gives_in_training_what_it_gives_otherwise():
    """Its BatchNorm uses the running means, its Dropout drops nothing."""
    model = freeze(MODEL, (False, True, True, True, True, True))
    backbone, _ = cut(model, 1)
    np.testing.assert_array_equal(backbone.apply(START[:1], X, KEY), MODEL.layers[0].apply(START[0], X))


# The cost


def flops(model, trainable, optimizer, x, y):
    """Of one compiled step of training, as XLA counts them; and of the forward pass alone."""
    params = jax.eval_shape(model.init, KEY, x)
    setup = Setup(freeze(model, trainable), optimizer=optimizer)
    opt_state = jax.eval_shape(optimizer.init, params)
    step = jax.jit(lambda *args: setup.step(*args)).lower(params, opt_state, x, y, KEY).compile()
    forward = jax.jit(model.apply).lower(params, x).compile()
    return step.cost_analysis()["flops"], forward.cost_analysis()["flops"]


CONVS = Sequential([
    Conv(16, (3, 3)), BatchNorm(), Relu(), Conv(16, (3, 3)), Dropout(0.5), Relu(), MaxPool((2, 2)),
    Conv(32, (3, 3)), Relu(), GlobalAvgPool(),
])  # fmt: skip
HEAD = Sequential([Dense(16), Relu(), Dense(2)])


def test_a_frozen_backbone_is_not_differentiated():
    """A head on a frozen backbone costs about one forward pass, and less than half of training all."""
    model = Sequential([CONVS, HEAD])
    x, y = jnp.ones((8, 16, 16, 3)), jnp.zeros(8, jnp.int32)
    head, forward = flops(model, (False, True), AdamW(), x, y)
    everything, _ = flops(model, True, AdamW(), x, y)
    assert head < 1.2 * forward
    assert head < everything / 2


def test_rates_of_zero_cost_what_training_costs():
    """Why ByDepth with a rate of 0 is not the same as a frozen part."""
    model = Sequential([CONVS, HEAD])
    x, y = jnp.ones((8, 16, 16, 3)), jnp.zeros(8, jnp.int32)
    zero, _ = flops(model, True, ByDepth(Adam(), (0.0, 1.0)), x, y)
    head, _ = flops(model, (False, True), Adam(), x, y)
    assert zero > 2 * head


def test_vgg16_with_a_head_for_two_classes_trains_32_962_of_14_747_650():
    model = Sequential([vgg(16, None), GlobalAvgPool(), Dense(64), Relu(), Dense(2)])
    params = jax.eval_shape(model.init, KEY, jax.ShapeDtypeStruct((1, 224, 224, 3), jnp.float32))
    flags = thaw(model, 2)
    assert flags == (False, False, True, True, True)
    learning = [p for p, on in zip(params, flags, strict=True) if on]
    assert (count(params[0]), count(learning), count(params)) == (14_714_688, 32_962, 14_747_650)


# Rates by depth

RATES = ((0.125, 0.25, 0.5, 0.5, 0.5, 1.0), 0.0, 2.0, 1.0, 1.0, 3)


def test_by_depth_halves_layer_by_layer():
    fourth, third, second, first = 0.0625, 0.125, 0.25, 0.5
    assert by_depth(MODEL, 0.5) == ((fourth, third, second, second, second, first), first, first, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("factor", [0, -1, 1.5, float("nan")])
def test_by_depth_refuses_other_factors(factor):
    with pytest.raises(ValueError, match=r"by_depth: got factor=.*; needs a number above 0 and up to 1; try 0.5"):
        by_depth(MODEL, factor)


def test_by_depth_counts_a_block_as_one():
    model = Sequential([Conv(4, (3, 3)), Basic(4), GlobalAvgPool(), Dense(2)])
    assert by_depth(model, 0.1) == pytest.approx((0.01, 0.1, 1, 1))


def rate_of(name):
    """The rate of RATES for an array named by its path."""
    rates = RATES
    for i in map(int, name.split(".")[:-1]):
        rates = rates[i]
    return rates


@pytest.mark.parametrize(
    "optimizer", [SGD(0.1), Momentum(0.1), Adam(Cosine(0.1, 10)), AdamW(0.1), Clip(Adam(0.1), 1.0)]
)
def test_bydepth_scales_each_layers_updates(optimizer):
    scaled, plain = ByDepth(optimizer, RATES), optimizer
    grads = jax.tree.map(lambda p: jax.random.normal(KEY, p.shape), START)
    states = scaled.init(START), plain.init(START)
    for _ in range(2):
        ours, state = jax.jit(scaled.update)(grads, states[0], START)
        theirs, other = jax.jit(plain.update)(grads, states[1], START)
        states = state, other
        expected = {name: rate_of(name) * update for name, update in weights.named(theirs).items()}
        for name, update in weights.named(ours).items():
            np.testing.assert_allclose(update, expected[name], rtol=1e-5, err_msg=name)
    assert same(*states)


def test_bydepth_of_adam_is_not_undone_by_adam():
    """Scaled gradients would be: Adam divides by their size. Its first step is lr, whatever the gradient."""
    grads, optimizer = ({"W": jnp.ones(2)}, {"W": jnp.ones(2)}), ByDepth(Adam(0.1), (0.01, 1.0))
    updates, _ = optimizer.update(grads, optimizer.init(grads))
    np.testing.assert_allclose(updates[0]["W"], -0.001, rtol=1e-4)
    np.testing.assert_allclose(updates[1]["W"], -0.1, rtol=1e-4)


def test_bydepth_of_one_number_is_one_rate_for_all():
    grads = jax.tree.map(jnp.ones_like, START)
    updates, _ = ByDepth(SGD(1.0), 0.5).update(grads, SGD(1.0).init(START))
    assert all((leaf == -0.5).all() for leaf in jax.tree.leaves(updates))


def test_bydepth_is_a_recipe():
    one, two = ByDepth(AdamW(1e-3), [[0.1, 1], 1]), ByDepth(AdamW(1e-3), ((0.1, 1.0), 1.0))
    assert one == two
    assert hash(one) == hash(two)
    setups = [Setup(MODEL, optimizer=ByDepth(Adam(), by_depth(MODEL, 0.5))) for _ in range(2)]
    assert hash(setups[0]) == hash(setups[1])


def test_bydepth_trains_through_fit_and_a_rate_of_0_keeps_the_bits():
    start = jax.tree.map(np.array, START)
    optimizer = ByDepth(AdamW(0.01), (*RATES[:2], 0.0, *RATES[3:]))
    learned, history = fit(MODEL, START, (X, Y), key=KEY, epochs=2, batch_size=20, optimizer=optimizer)
    assert same(learned[2], start[2])
    assert not same(learned[5], start[5])
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("rates", [(0.1, 1.0), (1,) * 7, ((0.1, 1.0), 1, 1, 1, 1, 1), (1, (1, 2), 1, 1, 1, 1)])
def test_bydepth_refuses_rates_that_do_not_fit(rates):
    optimizer = ByDepth(Adam(), rates)
    with pytest.raises(ValueError, match=r"ByDepth: got \d rates for \d layers; needs one for each, .*; try by_depth"):
        optimizer.update(START, optimizer.init(START))


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf")])
def test_bydepth_refuses_rates_below_0(rate):
    with pytest.raises(ValueError, match=r"ByDepth: got the rate .*; needs numbers from 0 up; try 0.1"):
        ByDepth(Adam(), (1.0, (1.0, rate)))


# Features, computed once

BODY, BODY_START = cut(MODEL, 2)[0], START[:2]


def brighter(x):
    return x + 1


def test_features_are_what_the_backbone_gives():
    expected = BODY.apply(BODY_START, X)
    for size in (60, 25, 1000):
        found = features(BODY, BODY_START, X, batch_size=size)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(
        features(BODY, BODY_START, X, prepare=brighter), BODY.apply(BODY_START, X + 1), atol=1e-6
    )


def test_features_are_compiled_once_although_the_last_batch_is_smaller():
    transfer._outputs.clear_cache()
    features(BODY, BODY_START, X, batch_size=25)
    assert transfer._outputs._cache_size() == 1


def test_a_head_on_features_learns_what_it_learns_on_the_frozen_backbone():
    head = cut(MODEL, 2)[1]
    how = {"key": KEY, "epochs": 3, "batch_size": 20, "optimizer": Adam(0.01)}
    quick, _ = fit(head, START[2:], (features(BODY, BODY_START, X), Y), **how)
    # the whole model draws its dropout with other keys: compare without
    plain = Sequential([BODY, Sequential([Dense(8), Relu(), Dense(3)])])
    start = (BODY_START, (START[2], {}, START[5]))
    on_features, _ = fit(plain.layers[1], start[1], (features(BODY, BODY_START, X), Y), **how)
    on_images, _ = fit(plain, start, (X, Y), trainable=(False, True), **how)
    for a, b in zip(jax.tree.leaves(on_features), jax.tree.leaves(on_images[1]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
    assert not same(quick, START[2:])


def test_features_are_kept_and_read_again(tmp_path, monkeypatch):
    file = tmp_path / "cache" / "features"
    first = features(BODY, BODY_START, X, file)
    monkeypatch.setattr(transfer, "_outputs", None)  # whoever computes now fails
    np.testing.assert_array_equal(features(BODY, BODY_START, X, str(file)), first)


def changed(tree):
    return jax.tree.map(lambda a: a + 1e-3, tree)


@pytest.mark.parametrize(
    "other",
    [
        lambda: (BODY, changed(BODY_START), X),
        lambda: (BODY, BODY_START, X[::-1]),
        lambda: (BODY, BODY_START, X.astype(np.float16)),
        lambda: (Sequential([*BODY.layers, Relu()]), (*BODY_START, {}), X),
        lambda: (
            Sequential([BODY.layers[0], BatchNorm(eps=0.1)]),
            (BODY_START[0], BatchNorm().init(KEY, X[..., :1])),
            X,
        ),
    ],
    ids=["params", "order", "type", "layers", "recipe"],
)
def test_features_of_something_else_are_computed_anew(other, tmp_path):
    file = tmp_path / "features"
    features(BODY, BODY_START, X, file)
    before = file.read_bytes()
    backbone, params, x = other()
    np.testing.assert_array_equal(features(backbone, params, x, file), features(backbone, params, x))
    assert file.read_bytes() != before


def test_features_prepared_in_another_way_are_computed_anew(tmp_path):
    plain = features(BODY, BODY_START, X, tmp_path / "f")
    prepared = features(BODY, BODY_START, X, tmp_path / "f", prepare=brighter)
    assert not np.array_equal(plain, prepared)
    again = features(BODY, BODY_START, X, tmp_path / "f", prepare=lambda x: x + 1)  # another name, the same deed
    np.testing.assert_array_equal(again, prepared)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: weights.save(path, BODY_START), r"features: got .*, which holds something else; .*another path"),
        (lambda path: path.write_bytes(b""), r"features: .* is no whole safetensors file"),
        (lambda path: path.write_text("my notes"), r"features: .* is no whole safetensors file"),
        (lambda path: path.mkdir(), r"features: .* is a folder"),
    ],
    ids=["parameters", "empty", "text", "folder"],
)
def test_features_never_overwrite_another_file(write, message, tmp_path):
    path = tmp_path / "mine"
    write(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ValueError, match=message):
        features(BODY, BODY_START, X, path)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_features_of_nothing():
    with pytest.raises(ValueError, match=r"features: got no examples; needs one at least"):
        features(BODY, BODY_START, X[:0])


# Few examples


def test_few_draws_n_of_each_class_and_keeps_pairs_together():
    y = np.array([5, 7, 9] * 20)
    x = np.arange(60) * 10 + y
    for n in (1, 2, 20):
        few_x, few_y = few(KEY, x, y, n)
        assert sorted(few_y.tolist()) == [5] * n + [7] * n + [9] * n
        assert (few_x % 10 == few_y).all()
        assert len(set(few_x.tolist())) == 3 * n


def test_few_of_more_contain_few_of_less_and_are_mixed():
    y = np.repeat([0, 1], 50)
    two, ten = (few(KEY, np.arange(100), y, n) for n in (2, 10))
    assert set(two[0]) < set(ten[0])
    assert ten[1].tolist() != sorted(ten[1].tolist())
    assert set(few(jax.random.key(1), np.arange(100), y, 10)[0]) != set(ten[0])
    np.testing.assert_array_equal(few(KEY, np.arange(100), y, 10)[0], ten[0])


@pytest.mark.parametrize("n", [0, 3, -1])
def test_few_says_which_class_has_too_few(n):
    with pytest.raises(ValueError, match=rf"few: got n={n}; needs 1 to 2, as many as class 4 has; try a smaller n"):
        few(KEY, np.arange(5), np.array([3, 3, 3, 4, 4]), n)


NET = Sequential([Dense(8), Relu(), Dense(2)])


def test_few_shot_curve_trains_on_just_the_few(monkeypatch):
    """Each training sees n of each class, repeated to as many as the largest n has; the examples are those of `few`."""
    x, y = RNG.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 2
    seen = []

    def spy(model, params, data, **how):
        seen.append((len(data[0]), {row.tobytes() for row in data[0]}, how["batch_size"], how["optimizer"]))
        return params, {}

    monkeypatch.setattr(transfer, "fit", spy)
    start = NET.init(KEY, x[:1])
    scores = few_shot_curve(NET, start, (x, y), (x, y), key=KEY, shots=(1, 4), repeats=2, optimizer=SGD())
    assert scores.shape == (2, 2)
    assert (scores == evaluate(NET, start, (x, y), metrics=(accuracy,))["accuracy"]).all()
    assert [(n, len(rows), *rest) for n, rows, *rest in seen] == [(8, 2, 32, SGD()), (8, 8, 32, SGD())] * 2
    assert seen[0][1] < seen[1][1]
    assert seen[1][1] != seen[3][1]


def test_few_shot_curve_starts_each_training_from_scratch_anew_and_repeats_itself(monkeypatch):
    x, y = RNG.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 2
    starts = []
    how = {"key": KEY, "shots": (1, 4), "repeats": 2, "epochs": 2}

    def begin(key):
        starts.append(NET.init(key, x[:1]))
        return starts[-1]

    first = few_shot_curve(NET, begin, (x, y), (x, y), **how)
    assert same(starts[0], starts[1])
    assert not same(starts[1], starts[2])
    np.testing.assert_array_equal(few_shot_curve(NET, begin, (x, y), (x, y), **how), first)
    assert ((first >= 0) & (first <= 1)).all()


def test_a_borrowed_backbone_is_ahead_of_scratch_with_few_examples():
    """Which of four hidden numbers is largest, learned from 2,000 examples, helps to say which is smallest."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 8)).astype(np.float32)
    hidden = np.abs(x @ rng.normal(size=(8, 4)))
    model = Sequential([Dense(64), Relu(), Dense(32), Relu(), Dense(4)])
    source, _ = fit(
        model, model.init(KEY, x[:1]), (x[:2000], hidden[:2000].argmax(1)), key=KEY, epochs=20, optimizer=Adam(3e-3)
    )
    body, head = cut(model, 4)
    y = hidden.argmin(1)
    how = {"key": KEY, "shots": (2, 10), "repeats": 3, "epochs": 30, "optimizer": Adam(1e-2)}

    def curve(model, x):
        train, test = (x[2000:2500], y[2000:2500]), (x[2500:], y[2500:])
        return few_shot_curve(model, lambda key: model.init(key, x[:1]), train, test, **how).mean(axis=1)

    scratch, borrowed = curve(model, x), curve(head, features(body, source[:4], x))
    assert (borrowed > scratch + 0.05).all(), (borrowed, scratch)
