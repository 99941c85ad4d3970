def by_hand():
    weights = [2, -1]
    inputs = [1, 4]
    total = 0.5
    for i in range(2):
        total = total + weights[i] * inputs[i]
    relu = total
    if relu < 0:
        relu = 0
    step = 0
    if total > 0:
        step = 1
    return total, relu, step


def weighted_sum(W, x, b):
    n = len(W)
    if n != len(x):
        raise ValueError("W and x must have the same length")
    result = 0
    i = 0
    while i < n:
        result = result + W[i] * x[i]
        i = i + 1
    result = result + b
    return result


def majority(n):
    W = []
    for _ in range(n):
        W.append(2)
    b = -n
    return W, b


def xor():
    first = ([1, -1], 0)  # x1 and not x2
    second = ([-1, 1], 0)  # x2 and not x1
    third = ([1, 1], 0)  # or
    return first, second, third
