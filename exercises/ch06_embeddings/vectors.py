"""Chapter 6, set 1: words as vectors.

    deepbook check vectors

Fair here: numpy, and what comes with Python. No jax: it would do the work for you. W is an embedding table (words,
n_out): row i is the vector of word number i. ids are numbers of rows.
"""

import numpy as np


def cosines():
    """How alike are they, with pencil and paper?

        cat     ( 3,  4)
        dog     ( 8,  6)
        salt    ( 4, -3)
        kitten  (0.6, 0.8)
        stone   (-6, -8)

    Return four numbers, the cosine of cat with each of the others: with dog, with salt,
    with kitten, with stone. The cosine of two vectors is their dot product divided by
    the length of the one and by the length of the other.

    Chapter 6: 06-embeddings.html#cosine-similarity
    """
    raise NotImplementedError("cosines: put your answer here")


def lookup(W, ids, dy):
    """An embedding layer: its output, and the gradient of its table.

    W: (words, n_out). ids: integers, (batch, time). dy: (batch, time, n_out), how the
    loss changes with each number of the output.
    Returns two things: y, (batch, time, n_out), for each id its row of W; and dW, of
    W's shape, how the loss changes with each number of W. It is as if each id were a
    one-hot vector, multiplied by W. But do without these vectors: with 100,000 words
    in the vocabulary they are zeros that fill the memory.
    Raises ValueError if an id is below 0, or has no row in W.

    >>> W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> y, dW = lookup(W, np.array([[2, 0]]), np.array([[[0.5, 0.25], [8.0, 9.0]]]))
    >>> y.tolist(), dW.tolist()
    ([[[5.0, 6.0], [1.0, 2.0]]], [[8.0, 9.0], [0.0, 0.0], [0.5, 0.25]])

    Chapter 6: 06-embeddings.html#a-lookup-is-a-product
    """
    raise NotImplementedError("lookup: put your answer here")


def nearest(W, i, n):
    """Which n words are most like word i?

    W: (words, n_out). i: the number of a row. n: how many.
    Two words are alike if the cosine of their vectors is large. A vector of nothing
    but zeros, such as that of the padding, points nowhere: its cosine with any vector
    is 0. Word i itself is left out.
    Returns two arrays: the numbers of the n rows, the most similar one first; and
    their cosines with row i.

    >>> W = np.array([[3.0, 4.0], [0.0, 0.0], [8.0, 6.0], [0.0, 2.0]])
    >>> ids, cosines = nearest(W, 0, 2)
    >>> ids.tolist(), cosines.round(2).tolist()
    ([2, 3], [0.96, 0.8])

    Chapter 6: 06-embeddings.html#cosine-similarity
    """
    raise NotImplementedError("nearest: put your answer here")


def analogy(W, a, b, c):
    """Word a is to word b as word c is to which word?

    W: (words, n_out), no row of it all zeros. a, b, c: numbers of three rows.
    First every vector is made 1 long. What leads from a to b, b - a, is then added to
    c. The answer is the word whose cosine with that sum is the largest; but a, b and c
    themselves are no answers.
    Returns two things: the number of the answer's row, and its cosine with the sum.

    >>> W = np.array([[0.0, 2.0], [3.0, 4.0], [1.0, 0.0], [0.0, -1.0], [4.0, -3.0]])
    >>> word, cosine = analogy(W, 0, 1, 2)
    >>> int(word), round(float(cosine), 2)
    (4, 0.87)

    Source: Mikolov, Yih and Zweig (2013), "Linguistic regularities in continuous space
    word representations".
    Chapter 6: 06-embeddings.html#analogies
    """
    raise NotImplementedError("analogy: put your answer here")
