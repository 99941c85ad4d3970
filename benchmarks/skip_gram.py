"""How fast are word vectors trained, and how good are they, beside gensim and PyTorch? The same text and settings.

    python benchmarks/skip_gram.py                    # speed: words per second; gensim and torch are left out if absent
    python benchmarks/skip_gram.py --judge --seeds 3  # quality: WordSim-353 after five epochs, by turns; takes minutes

Skip-gram: 100 numbers a word, a window of 5, 5 words of noise, subsampling at 0.001, words that come 5 times or more;
reviews of IMDb (Brown where they are not at hand). Words are counted as they stand in the text, before subsampling.
Each form runs in a process of its own; they take turns, an epoch each, while the others wait. An epoch of `train_words`
is timed with all that it does; gensim's `train` with texts that are cut already; PyTorch's by a loop over batches of
pairs, Embedding(sparse=True) and SGD, on a twentieth of the text, its pairs made before.
"""

import json
import time
from functools import cache

import turns
from turns import imported, repeat

N_OUT, WINDOW, NEGATIVE, SAMPLE, LEAST, RATE = 100, 5, 5, 1e-3, 5, 0.025


@cache
def corpus(n_words=1_000_000):
    """The text as one row of ids, its vocabulary, and where it comes from."""
    from deepbook import corpora
    from deepbook.data import load
    from deepbook.text import vocabulary

    try:
        texts, of = list(load("imdb").train[0]), "IMDb"
    except OSError:
        texts, of = corpora.corpus("brown").splitlines(), "Brown"
    some, n = [], 0
    for text in texts:
        some.append(text)
        n += text.count(" ") + 1
        if n >= n_words:
            break
    vocab = vocabulary(some, least=LEAST)
    return vocab.stream(some), vocab, of


def sentences(ids):
    """The words of each text, as gensim wants them: here the ids as str, without those that are too rare."""
    texts, text = [], []
    for i in ids.tolist():
        if i == 0:
            texts.append(text)
            text = []
        elif i > 1:
            text.append(str(i))
    return texts


# ------------------------------------------------------------------ the forms: each trains until `after` says stop


def deepbook(ids, n_rows, after):
    import jax
    import numpy as np

    from deepbook.word2vec import train_words

    imported()
    counts = np.bincount(ids, minlength=n_rows)

    def epoch():
        W, _ = train_words(jax.random.key(0), ids, counts, N_OUT, WINDOW, NEGATIVE, SAMPLE, epochs=1, rate=RATE)
        return float(W.std())

    repeat(epoch, after)


def gensim(workers):
    def form(ids, n_rows, after):
        import gensim.models  # noqa: F401

        imported()
        texts = sentences(ids)
        model = gensim_model(texts, workers, seed=0)

        def epoch():
            model.train(texts, total_examples=len(texts), epochs=1)
            return float(model.wv.vectors.std())

        repeat(epoch, after)

    return form


def gensim_model(texts, workers, seed):
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=N_OUT,
        window=WINDOW,
        negative=NEGATIVE,
        sample=SAMPLE,
        alpha=RATE,
        min_count=1,
        sg=1,
        workers=workers,
        seed=seed,
    )
    model.build_vocab(texts)
    return model


PART, BATCH = 20, 1024


def torch(ids, n_rows, after):
    import numpy as np
    import torch

    from deepbook.word2vec import keep_rates, noise_rates, training_pairs

    imported()
    torch.manual_seed(0)
    random, counts = np.random.default_rng(0), np.bincount(ids, minlength=n_rows)
    part = ids[: len(ids) // PART]
    part = part[(part == 0) | (random.random(len(part)) < keep_rates(counts, SAMPLE)[part])]
    pairs = training_pairs(part, WINDOW)
    pairs = torch.from_numpy(pairs[random.random(len(pairs)) < 0.6]).long()  # the mean of a window of 1 to 5
    noise = torch.from_numpy(noise_rates(counts))
    W, C = (torch.nn.Embedding(n_rows, N_OUT, sparse=True) for _ in range(2))
    torch.nn.init.uniform_(W.weight, -0.5 / N_OUT, 0.5 / N_OUT)
    torch.nn.init.zeros_(C.weight)
    optimizer = torch.optim.SGD([*W.parameters(), *C.parameters()], RATE)

    def epoch():
        began = time.perf_counter()
        for batch in pairs[torch.randperm(len(pairs))].split(BATCH):
            h, c = W(batch[:, 0]), C(batch[:, 1])
            k = C(torch.multinomial(noise, len(batch) * NEGATIVE, replacement=True).reshape(-1, NEGATIVE))
            true, false = (h * c).sum(1), torch.einsum("bd,bnd->bn", h, k)
            loss = -torch.nn.functional.logsigmoid(true).sum() - torch.nn.functional.logsigmoid(-false).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return time.perf_counter() - began, float(W.weight.detach().std())

    over = False
    while not over:
        seconds, spread = epoch()
        over = after(seconds * PART, spread)  # as long as the whole text would take


FORMS = {
    "deepbook": (deepbook, "jax"),
    "gensim, 1 worker": (gensim(1), "gensim"),
    "gensim, 2 workers": (gensim(2), "gensim"),
    "PyTorch, sparse rows": (torch, "torch"),
}


def text():
    ids, vocab, of = corpus()
    return ids, len(vocab), f"{of}, {len(vocab):,} different"


# ------------------------------------------------------------------ quality


def judge(options):
    """WordSim-353 of each form after `epochs`, for each seed by turns; both count the same words."""
    import jax
    import numpy as np

    from deepbook import corpora, embeddings
    from deepbook.word2vec import train_words

    ids, vocab, of = corpus(options.words)
    counts, texts, n = np.bincount(ids, minlength=len(vocab)), sentences(ids), int((ids > 1).sum())
    print(f"{n:,} words of {of}, {len(vocab):,} different, {options.epochs} epochs", flush=True)

    def ours(seed):
        W, _ = train_words(jax.random.key(seed), ids, counts, N_OUT, WINDOW, NEGATIVE, SAMPLE, options.epochs, RATE)
        return np.asarray(W)

    def theirs(seed):
        model = gensim_model(texts, 1, seed)
        model.train(texts, total_examples=len(texts), epochs=options.epochs)
        W = np.zeros((len(vocab), N_OUT), np.float32)
        for word, row in model.wv.key_to_index.items():
            W[int(word)] = model.wv.vectors[row]
        return W

    rows = []
    for seed in range(options.seeds):
        for name, form in (("deepbook", ours), ("gensim, 1 worker", theirs)):
            began, cpu = time.perf_counter(), time.process_time()
            W = form(seed)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            correlation, used = embeddings.judge(vocab, W, corpora.pairs("wordsim"))
            speed = n * options.epochs / seconds
            rows.append({"form": name, "seed": seed, "wordsim": correlation, "pairs": used, "words_a_second": speed})
            print(
                f"{name}, seed {seed}: WordSim-353 {correlation:.3f} ({used} of 353 pairs), {speed:,.0f} words/s, "
                f"{n * options.epochs / cpu:,.0f} in a second of one core",
                flush=True,
            )
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            json.dump({"words": n, "of": of, "vocabulary": len(vocab), "epochs": options.epochs, "rows": rows}, file)


if __name__ == "__main__":
    parser = turns.parser(__doc__, FORMS, rounds=7)
    parser.add_argument("--judge", action="store_true", help="the quality, in place of the speed")
    parser.add_argument("--words", type=int, default=2_000_000, help="with --judge: words of text (%(default)s)")
    parser.add_argument("--record", action="store_true", help="keep the speeds as those that the book shows")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    if options.judge:
        judge(options)
    else:
        rows = turns.main(
            options, FORMS, text, "skip-gram, an epoch", against="gensim, 1 worker", what="words", measured="spread"
        )
        if rows and options.record:
            turns.record("skip_gram", "words", rows)
