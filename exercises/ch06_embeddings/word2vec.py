"""Chapter 6, set 3: vectors from the company that words keep.

    deepbook check word2vec

Fair here: numpy, jax (jit, grad, lax, jax.random and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries),
what comes with Python, and your own files, for example:

    from ch06_embeddings.vectors import nearest

A sentence is a list of ids, the numbers of its words; in this set every id is a word, 0 too. W and C are (words,
n_out): row i of W is the vector of word i, and row i of C stands for word i where it is a neighbour of another.
"""

import jax
import numpy as np


def training_pairs(sentences, window):
    """What skip-gram learns from: every word with each of its neighbours.

    sentences: a list of lists of ids. window: how many places to its left, and how many
    to its right, a word looks. It never looks beyond its own sentence, and not at
    itself; but the same word at another place is a neighbour like any other.
    Returns an array of integers (pairs, 2), a row (word, neighbour) for each pair:
    sentence by sentence, in each of them word by word, and the neighbours of a word
    from left to right. If there are no pairs, its shape is (0, 2).

    >>> training_pairs([[4, 7, 5], [9, 4]], 1).tolist()
    [[4, 7], [7, 4], [7, 5], [5, 7], [9, 4], [4, 9]]

    Chapter 6: 06-embeddings.html#the-company-it-keeps
    """
    raise NotImplementedError("training_pairs: put your answer here")


def company(sentences, n_words, window):
    """Predict, then measure: whose company is most like that of “love”?

    A text is about love, hate and the heart. In no sentence do “love” and “hate” come
    together; in many sentences “love” and “heart” do:

        i love her        they hate us       my heart is full of love
        you love him      we hate her        your heart is full of hate   …

    For each word we count its neighbours. These counts are a vector too, and two such
    vectors have a cosine. Think before you run anything:
    - whose counts have the larger cosine with those of “love”, "hate" or "heart"?
    - if the window grows from 1 to 4, are “love” and “heart” then "more" alike, or
      "less"?
    Then write what counts.
    sentences: a list of lists of ids. n_words: how many words there are. window: how
    many places a word looks to either side, within its sentence.
    Returns two things: your prediction, always the same tuple, such as ("heart",
    "less"); and X, (n_words, n_words): X[a, b] says how often the word b stood at most
    `window` places away from the word a. A word that comes again is its own neighbour.

    >>> company([[0, 1, 1]], 3, 1)[1].tolist()
    [[0.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]]

    Chapter 6: 06-embeddings.html#similar-is-not-synonymous
    """
    raise NotImplementedError("company: put your answer here")


def keep_rate(counts, t):
    """Subsampling: how often is a word kept, if frequent words are left out at random?

    counts: (words,), how often each word is in the text. t: a small number.
    The frequency f of a word is its part of all the words of the text. It is kept at
    each place with the probability √(t / f), and always if that is more than 1. A word
    that is not in the text has the probability 1.
    Returns two things: the probabilities, (words,); and what part of the text's words
    will be left, on average.

    >>> rates, left = keep_rate(np.array([90, 9, 1]), 0.04)
    >>> rates.round(3).tolist(), round(float(left), 3)
    ([0.211, 0.667, 1.0], 0.26)

    (The program that came with the paper keeps a little more: √(t / f) + t / f.)

    Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), "Distributed
    representations of words and phrases and their compositionality", section 2.3.
    Chapter 6: 06-embeddings.html#subsampling
    """
    raise NotImplementedError("keep_rate: put your answer here")


def negative_loss(w, C):
    """Negative sampling: tell the true neighbour from words drawn at random.

    w: (n_out,), the vector of a word. C: (1 + k, n_out): its first row belongs to a
    true neighbour of that word, the k others to noise words, drawn at random.
    With σ the sigmoid, σ(w · c) is the probability that c is a true neighbour. It shall
    be near 1 for the first row and near 0 for all others, so the loss is
    -log σ(w · C[0]) and, for each noise row, -log(1 - σ(w · C[i])); all of it added up.
    Returns three things: the loss, one number; and its gradients, by w, of the shape of
    w, and by C, of the shape of C. Scores of ±1000 must give neither NaN nor infinity.

    >>> C = np.array([[0.0, 0.0], [1.0, -2.0]])
    >>> loss, dw, dC = negative_loss(np.array([2.0, 1.0]), C)
    >>> round(float(loss), 4), dw.tolist(), dC.tolist()
    (1.3863, [0.5, -1.0], [[-1.0, -0.5], [1.0, 0.5]])

    Chapter 6: 06-embeddings.html#negative-sampling
    """
    raise NotImplementedError("negative_loss: put your answer here")


def mend_words(W, C, pairs, counts, u, lr):
    """Delete the `raise` line, then mend the four wrong lines below it.

    This is skip-gram with negative sampling, and it learns next to nothing. It should
    go through the pairs in batches of 8. For each batch it takes one step downhill on
    the sum of its pairs' losses (those of `negative_loss`), for W and for C at once.
    W, C: (words, n_out). pairs: (pairs, 2), rows (word, neighbour). counts: (words,),
    how often each word is in the text. u: (pairs, k), random numbers from 0 to 1. lr:
    the learning rate.
    The noise words are drawn by u, each with a probability that grows as its count to
    the power of 3/4: so a rare word is drawn more often than it stands in the text.
    Returns W and C after one pass over the pairs.
    The lines that make noise, ids, w and c, and error are right as they are, and so is
    the one that moves C. For each of the others ask: what does it mean for ONE pair?
    And if a word is in the batch twice?

    Chapter 6: 06-embeddings.html#sparse-updates
    """
    raise NotImplementedError("mend_words: put four lines right, then delete this one")

    W, C = W.copy(), C.copy()
    p = counts / np.sum(counts)
    noise = np.searchsorted(np.cumsum(p), u)  # (pairs, k)
    for i in range(0, len(pairs), 8):
        centres, contexts = pairs[i : i + 8].T
        # ids (batch, 1 + k), w (batch, n_out), c (batch, 1 + k, n_out)
        ids = np.concatenate([contexts[:, None], noise[i : i + 8]], axis=1)
        w, c = W[centres], C[ids]
        target = np.zeros(ids.shape)
        target[0] = 1
        error = 1 / (1 + np.exp(-np.einsum("bn,bkn->bk", w, c))) - target
        np.subtract.at(C, ids, lr * error[:, :, None] * w[:, None, :])
        dw = np.einsum("bk,bkn->bn", error, C[ids])
        W[centres] -= lr * dw
    return W, C


def train_neighbours(key, sentences, n_words):
    """Make it learn: your vectors find out which words are of one kind.

    A small grammar has made these sentences: animals eat food, people use tools, and so
    on. The words have no meaning for you, only numbers, and the kinds are not told.
    key: a random key, for the first vectors, the shuffling and the noise. sentences: a
    list of lists of ids, some hundreds of them. n_words: how many words there are.
    Returns W, (n_words, n_out), with at most 16 numbers for each word. For each word
    the test takes the one whose vector has the largest cosine with its own: at least 90
    of 100 times that word must be of the same kind. With random vectors it is about 8.
    How you learn them is yours to choose: skip-gram, CBOW, or a softmax over all the
    words, since they are few. A good answer takes a second or two, and 20 are the
    limit.

    Chapter 6: 06-embeddings.html#a-small-grammar
    """
    raise NotImplementedError("train_neighbours: put your answer here")
