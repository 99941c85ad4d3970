"""deepbook.corpora: texts and tables, from small files made here and from the real ones."""

import io
import json
import lzma
import tarfile
import zipfile

import jax
import numpy as np
import pytest

from deepbook import corpora, data

REVIEWS = {  # (part, label, number): text
    ("train", 1, 10): "Good.<br /><br />Über good.",
    ("train", 0, 2): "Bad.",
    ("train", 1, 9): "  Fine <br/> indeed",
    ("test", 0, 0): "Worse",
    ("test", 1, 0): "Better",
}


def archive(path, reviews=REVIEWS):
    """Reviews as their authors pack them, with what else lies there."""
    with tarfile.open(path, "w:gz") as packed:
        others = {"aclImdb/README": "no review", "aclImdb/train/unsup/0_0.txt": "no label", "aclImdb/imdb.vocab": "the"}
        files = {
            f"aclImdb/{part}/{('neg', 'pos')[label]}/{i}_{3 + 5 * label}.txt": text
            for (part, label, i), text in reviews.items()
        }
        for name, text in (others | files).items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            packed.addfile(member, io.BytesIO(text.encode()))
    return path


def lines(path, reviews=REVIEWS):
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for (part, label, i), text in reviews.items():
            file.write(json.dumps({"split": part, "label": label, "rating": 3, "id": i, "text": text}) + "\n")
    return path


@pytest.mark.parametrize(("name", "make"), [("a.tar.gz", archive), ("a.jsonl.xz", lines)])
def test_read_imdb_gives_both_editions_in_one_order(tmp_path, name, make):
    (x, y), (x_test, y_test) = corpora.read_imdb(make(tmp_path / name))
    assert x.tolist() == ["Bad.", "  Fine\nindeed", "Good.\nÜber good."] and y.tolist() == [0, 1, 1]
    assert x_test.tolist() == ["Worse", "Better"] and y_test.tolist() == [0, 1]
    assert (x.dtype, y.dtype) == (object, np.int32)


@pytest.mark.parametrize(("name", "make"), [("a.tar.gz", archive), ("a.jsonl.xz", lines)])
def test_read_imdb_says_what_is_wrong(tmp_path, name, make):
    path = make(tmp_path / name)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=rf"read_imdb: got .*{name}, which cannot be read .*; fetch it again"):
        corpora.read_imdb(path)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="cannot be read"):
        corpora.read_imdb(path)
    make(path, {key: text for key, text in REVIEWS.items() if key[0] == "train"})
    with pytest.raises(ValueError, match="without reviews of train or test"):
        corpora.read_imdb(path)


def pack(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return path


def test_read_texts_takes_the_class_from_the_name(tmp_path):
    path = pack(tmp_path / "a.zip", {"r/": "", "r/README": "no", "r/pos/b.txt": "yes\n\nwell\n", "r/neg/a.txt": "no\n"})
    names, x, y = corpora.read_texts(path, ("negative", "positive"))
    assert names == ["r/neg/a.txt", "r/pos/b.txt"] and x.tolist() == ["no", "yes\n\nwell"] and y.tolist() == [0, 1]
    _, x, y = corpora.read_texts(path, ("negative", "positive"), lines=True)
    assert x.tolist() == ["no", "yes", "well"] and y.tolist() == [0, 1, 1]
    path = pack(path, {"n/male.txt": "Ann\n", "n/female.txt": "Ann\nBea\n"})
    assert corpora.read_texts(path, ("female", "male"), lines=True)[2].tolist() == [0, 0, 1]


def test_read_tagged_leaves_the_tags_out(tmp_path):
    files = {"brown/cats.txt": "ca01 news", "brown/cb01": "and/cc/or/cc ./.\n", "brown/ca01": "\n\tThe/at jury/nn\n\n"}
    assert corpora.read_tagged(pack(tmp_path / "a.zip", files)) == "The jury\nand/cc/or .\n"


def test_read_columns_finds_the_kind_of_each(tmp_path):
    (tmp_path / "a.csv").write_text(
        "when,n,x,empty,name\n2000-01-03,3,1.5,7,\n2000-01-04,-4,2,,Zoë\n", encoding="utf-8"
    )
    table = corpora.read_columns(tmp_path / "a.csv")
    assert table["when"].astype("datetime64[D]")[1] - table["when"].astype("datetime64[D]")[0] == np.timedelta64(1, "D")
    assert table["n"].tolist() == [3, -4] and table["n"].dtype == np.int64
    assert table["x"].tolist() == [1.5, 2] and table["name"].tolist() == ["", "Zoë"]
    assert table["empty"][0] == 7 and np.isnan(table["empty"][1])
    with pytest.raises(ValueError, match="read-only"):
        table["n"][0] = 1
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(ValueError, match="other than 2 cells in row 3"):
        corpora.read_columns(tmp_path / "a.csv")


def test_what_takes_a_name_names_the_others():
    for read, known in ((corpora.corpus, "shakespeare"), (corpora.pairs, "wordsim"), (corpora.table, "batting")):
        with pytest.raises(ValueError, match=rf'got "nothing"; needs one of .*; try "{known}"'):
            read("nothing")
    with pytest.raises(ValueError, match=r'load: got "brown".*try deepbook.corpora.corpus\("brown"\)'):
        data.load("brown")


# ------------------------------------------------------------------ the real ones


@pytest.mark.parametrize(
    ("name", "sizes", "classes", "ones"),
    [
        ("imdb", (25_000, 25_000), ("negative", "positive"), (12_500, 12_500)),
        ("polarity", (9596, 1066), ("negative", "positive"), (4823, 508)),
        ("movie_reviews", (1800, 200), ("negative", "positive"), (900, 100)),
        ("names", (7150, 794), ("female", "male"), (2638, 305)),
    ],
)
def test_load_gives_the_real_texts(real_data, name, sizes, classes, ones):
    (x, y), (x_test, y_test), said = data.load(name)
    assert (len(x), len(x_test)) == (len(y), len(y_test)) == sizes and said == classes
    assert (y.sum(), y_test.sum()) == ones and y.dtype == np.int32
    assert all(isinstance(text, str) and text for text in (*x, *x_test))
    assert 0.2 * len(y[:500]) < y[:500].sum() < 0.8 * len(y[:500])  # mixed
    assert not x.flags.writeable and not any("<br" in text for text in x)
    again = len(set(x) & set(x_test)) / len(x_test)
    assert again < (0.12 if name == "names" else 0.005)  # IMDb holds some reviews in both parts


def test_corpus_gives_the_real_texts(real_data):
    plays, brown = corpora.corpus("shakespeare"), corpora.corpus("brown")
    assert (len(plays), len(set(plays))) == (1_115_394, 65) and plays.startswith("First Citizen:\nBefore we")
    assert len(brown.split()) == 1_161_192 and len(brown.splitlines()) == 57_340
    assert brown.startswith("The Fulton County Grand Jury said Friday an") and len(set(brown.lower().split())) == 49_815


@pytest.mark.parametrize(
    ("name", "n", "first"),
    [
        ("wordsim", 353, ("love", "sex", 6.77)),
        ("wordsim-similar", 203, ("tiger", "cat", 7.35)),
        ("wordsim-related", 252, ("computer", "keyboard", 7.62)),
        ("simlex", 999, ("old", "new", 1.58)),
    ],
)
def test_pairs_gives_the_real_ones(real_data, name, n, first):
    pairs = corpora.pairs(name)
    assert len(pairs) == n and pairs[0] == first
    assert all(a == a.lower() and b == b.lower() and 0 <= score <= 10 for a, b, score in pairs)


def test_questions_gives_the_real_ones(real_data):
    asked = corpora.questions()
    assert len(asked) == 14 and sum(map(len, asked.values())) == 19_544
    assert ("athens", "greece", "berlin", "germany") in asked["capital-common-countries"]
    assert all(len(row) == 4 for rows in asked.values() for row in rows)


def test_table_gives_the_real_ones(real_data):
    batting, people = corpora.table("batting"), corpora.table("people")
    assert len(batting["HR"]) == 29_523 and len(people["playerID"]) == 20_262
    hit = {"troutmi01": 33, "bettsmo01": 24, "altuvjo01": 24, "bryankr01": 29, "murphda08": 23, "seageco01": 22}
    for player, runs in hit.items():
        rows = (batting["playerID"] == player) & (batting["yearID"] == 2017)
        assert batting["HR"][rows].sum() == runs
        assert people["nameLast"][people["playerID"] == player][0].lower()[:5] == player[:5]
    for name, column, n in (("sp500", "adjclose", 5105), ("co2", "CO2", 741), ("weather", "temp_max", 1461)):
        table = corpora.table(name)
        assert table[column].shape == (n,) and table[column].dtype == np.float64 and np.isfinite(table[column]).all()
        date = next(iter(table.values())).astype("datetime64[D]")
        assert (np.diff(date) > np.timedelta64(0, "D")).all()


# ------------------------------------------------------------------ made to order


def test_small_reviews_follow_their_key():
    x, y = data.small_reviews(jax.random.key(0), 101)
    assert x.shape == y.shape == (101,) and y.dtype == np.int32 and abs(int(y.sum()) - 50) <= 1
    assert x.tolist() == data.small_reviews(jax.random.key(0), 101)[0].tolist()
    assert x.tolist() != data.small_reviews(jax.random.key(1), 101)[0].tolist()


def test_small_reviews_are_right_by_their_own_rule():
    """A reader who knows the words, "not" and "but" gets every label."""
    x, y = data.small_reviews(jax.random.key(2), 400)
    for text, label in zip(x, y, strict=True):
        words = text.split(" but ")[-1].split(" and ")[0].split()
        good = bool({*corpora.PRAISE, *corpora.LIKES} & {*words})
        assert (good != bool({*corpora.NOT} & {*words})) == bool(label), text


def test_small_reviews_are_mostly_decided_by_words_and_sometimes_by_their_order():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    x, y = data.small_reviews(jax.random.key(0), 3000)
    right = {}
    for longest in (1, 2):
        counts = CountVectorizer(ngram_range=(1, longest), token_pattern=r"\w+").fit_transform(x)
        right[longest] = LogisticRegression(max_iter=1000).fit(counts[:2000], y[:2000]).score(counts[2000:], y[2000:])
    assert 0.8 < right[1] < 0.9 and right[2] > right[1] + 0.05
