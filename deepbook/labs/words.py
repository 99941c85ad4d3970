"""What do word vectors learn from film reviews? Skip-gram, judged by people's word pairs and by analogies."""

import sys
import time

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import corpora, data, labs
from deepbook.embeddings import analogy, judge, judge_analogies, neighbours, unit
from deepbook.text import Vocabulary, vocabulary
from deepbook.word2vec import train_words

SETTINGS = {"n_out": 100, "window": 5, "negative": 5, "sample": 1e-3, "epochs": 5, "rate": 0.025}
LEAST = 5  # a word that comes less often has no vector
JUDGES = {
    "wordsim": "WordSim-353",
    "wordsim-similar": "its similar pairs",
    "wordsim-related": "its related pairs",
    "simlex": "SimLex-999",
}
ASKED = ("good", "love", "actor", "movie", "paris", "king", "three", "monday", "camera")
RIDDLES = (
    ("man", "king", "woman"),
    ("man", "actor", "woman"),
    ("good", "better", "bad"),
    ("france", "paris", "italy"),
    ("big", "bigger", "small"),
    ("boy", "girl", "husband"),
)
GROUPS = {
    "people": "man woman boy girl king queen prince princess actor actress father mother son daughter brother sister "
    "uncle aunt husband wife he she his her him hero heroine grandfather grandmother",
    "judgements": "good great excellent wonderful bad terrible awful horrible love hate loved hated best worst better "
    "worse funny hilarious boring dull interesting brilliant stupid",
    "films": "movie film scene script plot director comedy drama horror thriller western documentary",
    "numbers": "one two three four five ten",
    "time": "day week month year",
    "places": "france french paris germany german berlin italy italian rome japan japanese tokyo england english "
    "london russia russian moscow china chinese",
    "sizes": "big bigger biggest small smaller smallest old older oldest young younger youngest",
    "jobs": "doctor nurse teacher lawyer soldier scientist secretary maid captain dancer boss",
}
SHOWN = {word: group for group, some in GROUPS.items() for word in some.split()}
DRAWN = ("judgements", "films", "numbers", "places")  # in the figure


# ------------------------------------------------------------------ the text


def texts(corpus, reviews):
    """What is read: the first `reviews` reviews of IMDb, those for training first, or the sentences of Brown."""
    if corpus == "brown":
        return corpora.corpus("brown").splitlines()
    if corpus != "imdb":
        raise SystemExit(f"--corpus is imdb or brown, not {corpus}")
    train, test, _ = data.load("imdb")
    return np.concatenate([train[0], test[0]])[:reviews]


def ours(ids, counts, seed, epochs):
    """The book's vectors: (vectors, CPU seconds)."""
    began = time.process_time()
    W, _ = train_words(jax.random.key(seed), ids, counts, **{**SETTINGS, "epochs": epochs})
    return np.asarray(W), time.process_time() - began


def gensims(ids, vocab: Vocabulary, seed, epochs):
    """gensim's vectors of the same words with the same settings: (vectors, CPU seconds); None where it is missing."""
    try:
        from gensim.models import Word2Vec
    except ImportError:
        return None
    pieces = np.split(ids, np.flatnonzero(ids == 0) + 1)
    several = [[vocab.tokens[i] for i in piece if i > 1] for piece in pieces]
    began = time.process_time()
    model = Word2Vec(
        several,
        vector_size=SETTINGS["n_out"],
        window=SETTINGS["window"],
        negative=SETTINGS["negative"],
        sample=SETTINGS["sample"],
        alpha=SETTINGS["rate"],
        epochs=epochs,
        min_count=LEAST,
        sg=1,
        workers=1,
        seed=seed + 1,
    )
    seconds = time.process_time() - began
    W = np.zeros((len(vocab), SETTINGS["n_out"]), np.float32)
    for i, word in enumerate(vocab.tokens[2:], 2):
        W[i] = model.wv[word]
    return W, seconds


# ------------------------------------------------------------------ what comes out


def run(seeds, out, quick=False, corpus="imdb", reviews=25_000, epochs=5) -> dict:
    """Train once for each seed, the book's code and, where it is installed, gensim. quick: 300 reviews, one seed."""
    if quick:
        seeds, reviews, epochs = seeds[:1], 300, 1
    several = texts(corpus, reviews)
    vocab = vocabulary(several, least=LEAST)
    ids = vocab.stream(several)
    counts = np.bincount(ids, minlength=len(vocab))
    found = {
        "corpus": corpus,
        "texts": len(several),
        "corpus_words": int(counts[1:].sum()),
        "vocabulary": len(vocab) - 2,
        "least": LEAST,
        "settings": {**SETTINGS, "epochs": epochs},
        "frequent": [[vocab.tokens[i], counts[i]] for i in range(2, 22)],
        **by_rank(counts[2:]),
    }
    trained = {"ours": [], "gensim": []}
    for seed in seeds:
        for name, way in (
            ("ours", lambda seed=seed: ours(ids, counts, seed, epochs)),
            ("gensim", lambda seed=seed: gensims(ids, vocab, seed, epochs)),
        ):
            if got := way():
                trained[name].append(got)
                print(f"seed {seed}, {name}: {got[1]:.0f} CPU seconds", flush=True)
    trained = {name: each for name, each in trained.items() if each}
    found["seconds"] = {name: [seconds for _, seconds in each] for name, each in trained.items()}
    for judged in JUDGES:
        found[judged] = judgement(judged, vocab, trained)
    W = trained["ours"][0][0]
    found["analogies"] = analogies(vocab, trained)
    found["neighbours"] = {word: near(vocab, W, vocab.ids[word]) for word in ASKED if word in vocab}
    shown = [word for word in SHOWN if word in vocab]
    vectors = np.asarray(unit(W[[vocab.ids[word] for word in shown]]))
    found["vectors"] = dict(zip(shown, np.round(vectors.astype(float), 3), strict=True))
    found["plane"] = plane(found["vectors"])
    show(found)
    labs.save_figure(draw(found), out, "plane")
    return found


def by_rank(counts):
    """How often the word of each rank comes, for about 60 ranks that are evenly far apart in powers."""
    ranks = np.unique(np.geomspace(1, len(counts), 60).round().astype(int))
    return {"ranks": ranks, "counts": np.sort(counts)[::-1][ranks - 1]}


def judgement(name, vocab, trained):
    """How well each training's cosines order the pairs as people did."""
    pairs = corpora.pairs(name)
    right = {who: [judge(vocab, W, pairs) for W, _ in each] for who, each in trained.items()}
    used = right["ours"][0][1]
    return {who: [r for r, _ in each] for who, each in right.items()} | {"pairs_used": used, "pairs": len(pairs)}


def analogies(vocab, trained):
    """How many of the questions come out right, by section, and some answers."""
    W, asked = trained["ours"][0][0], corpora.questions()
    scores = {section: judge_analogies(vocab, W, rows) for section, rows in asked.items()}
    every = [row for rows in asked.values() for row in rows]
    used = sum(n for _, n in scores.values())
    answers = []
    for riddle in RIDDLES:
        if all(word in vocab for word in riddle):
            best, similar = analogy(W, *(vocab.ids[word] for word in riddle), n=5)
            answers.append([*riddle, [[vocab.tokens[i], s] for i, s in zip(best, similar, strict=True)]])
    return {
        "answers": answers,
        "sections": {section: [round(share * n), n] for section, (share, n) in scores.items()},
        "total": [sum(round(share * n) for share, n in scores.values()), used],
        "unknown": len(every) - used,
        "share": {who: [judge_analogies(vocab, W, every)[0] for W, _ in each] for who, each in trained.items()},
    }


def near(vocab, W, word):
    """The ten nearest words, each with its cosine."""
    return [[vocab.tokens[i], similar] for i, similar in zip(*neighbours(W, word, 10), strict=True)]


def plane(vectors):
    """The words of the figure on the plane in which they lie furthest apart (PCA): {word: (across, up)}."""
    words = [word for word in vectors if SHOWN[word] in DRAWN]
    if len(words) < 3:
        return {}
    x = np.stack([vectors[word] for word in words])
    x = x - x.mean(axis=0)
    axes = np.linalg.svd(x, full_matrices=False)[2][:2]
    axes *= np.sign(axes.sum(axis=1, keepdims=True))  # else a plane or its mirror image
    return dict(zip(words, np.round(x @ axes.T, 3), strict=True))


def show(found):
    """The tables, in the terminal."""
    title = f"{found['corpus_words']:,} words, {found['vocabulary']:,} different ones that come {found['least']} times"
    table = Table("", "pairs", *found["seconds"], title=f"rank correlation with people; {title}")
    for name, said in JUDGES.items():
        each = [", ".join(f"{r:.3f}" for r in found[name][who]) for who in found["seconds"]]
        table.add_row(said, f"{found[name]['pairs_used']} of {found[name]['pairs']}", *each)
    shares = [", ".join(f"{share:.1%}" for share in found["analogies"]["share"][who]) for who in found["seconds"]]
    table.add_row("analogies right", f"{found['analogies']['total'][1]:,}", *shares)
    table.add_row("CPU seconds", "", *(", ".join(f"{s:.0f}" for s in each) for each in found["seconds"].values()))
    words = Table("word", "nearest", title="neighbours")
    for word, others in found["neighbours"].items():
        words.add_row(word, ", ".join(f"{other} {similar:.2f}" for other, similar in others[:6]))
    riddles = Table("question", "answers", title="analogies")
    for a, b, c, answers in found["analogies"]["answers"]:
        riddles.add_row(f"{a} : {b} = {c} : ?", ", ".join(f"{word} {similar:.2f}" for word, similar in answers))
    Console().print(table, words, riddles)


def draw(found):
    """Some words on a plane, a colour for each group."""
    fig = Figure(figsize=(7, 6), layout="constrained")
    ax = fig.subplots()
    for i, group in enumerate(DRAWN):
        words = [word for word in found["plane"] if SHOWN[word] == group]
        for word in words:
            ax.annotate(word, found["plane"][word], color=f"C{i}", ha="center", va="bottom", fontsize=8)
        if words:
            ax.scatter(*np.transpose([found["plane"][word] for word in words]), s=4, color=f"C{i}", label=group)
    ax.set(xlabel="first principal component", ylabel="second principal component")
    if found["plane"]:
        ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("words", run, argv, seeds=3, corpus="imdb", reviews=25_000, epochs=SETTINGS["epochs"])


if __name__ == "__main__":
    sys.exit(main())
