"""Can a network write like Shakespeare, one character at a time? In bits per character, beside PyTorch and counts."""

import re
import sys
import time

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import corpora, labs, weights
from deepbook.language import bits_per_character, language_model, perplexity, sample, streams, surprise, train_stateful
from deepbook.layers import count
from deepbook.optim import Adam, Clip, Cosine
from deepbook.text import Vocabulary, characters, words

TRAIN = 0.9  # the first 90 % are learned, the rest is only read
LR, LONGEST = 4e-3, 1.0  # the rate that Cosine begins with, and the longest gradient
TEMPERATURES = (0.5, 1.0, 1.5)
PROMPT = "ROMEO:\n"

# ------------------------------------------------------------------ what counting can do


def counted(train, test, n_tokens, order):
    """Bits per character on `test` of a model that only counts what followed the last `order` characters in `train`.

    What it has seen seldom it takes from one character less, down to none: p = (count + a · shorter p) / (all + a),
    with a = 5. train, test: ids.
    """
    p, a = np.full(len(test) - order, 1 / n_tokens), 5.0
    for back in range(order + 1):
        context, whole = _numbers(train, back, n_tokens), _numbers(train, back + 1, n_tokens)
        asked = _numbers(test, back + 1, n_tokens)[order - back :]
        seen = _count(context[: len(whole)], asked // n_tokens)
        p = (_count(whole, asked) + a * p) / (seen + a)
    return float(-np.log2(p).mean())


def _numbers(ids, length, n_tokens):
    """Each run of `length` ids as one number; the last id counts least."""
    ids, runs = np.asarray(ids, np.int64), np.zeros(len(ids) - length + 1, np.int64)
    for i in range(length):
        runs = runs * n_tokens + ids[i : i + len(runs)]
    return runs


def _count(found, asked):
    values, counts = np.unique(found, return_counts=True)
    at = np.minimum(np.searchsorted(values, asked), len(values) - 1)
    return np.where(values[at] == asked, counts[at], 0)


# ------------------------------------------------------------------ the same in PyTorch


def train_torch(train, test, n_tokens, units, epochs, batch_size, length, seed):
    """The same model, batches, optimizer, rates and number of steps in PyTorch, from PyTorch's own first weights.

    Returns {"bits": [after each epoch, on `test`], "seconds": [training alone], "parameters"}.
    """
    import torch
    from torch import nn

    torch.manual_seed(seed)
    parts = nn.ModuleDict(
        {
            "embedding": nn.Embedding(n_tokens, 64),
            "lstm": nn.LSTM(64, units, batch_first=True),
            "top": nn.Linear(units, n_tokens),
        }
    )

    def surprise_of(x, y, carry):
        h, carry = parts["lstm"](parts["embedding"](x), carry)
        return nn.functional.cross_entropy(parts["top"](h).flatten(0, 1), y.flatten()), carry

    x, y = (torch.from_numpy(np.ascontiguousarray(a)).long() for a in streams(train, batch_size, length))
    x_test, y_test = (torch.from_numpy(np.ascontiguousarray(a)).long() for a in streams(test, 32, 100))
    adam = torch.optim.Adam(parts.parameters(), lr=LR)
    schedule, step, found = Cosine(LR, epochs * len(x)), 0, {"bits": [], "seconds": []}
    rates = np.asarray(jax.vmap(schedule)(np.arange(epochs * len(x))))
    for _ in range(epochs):
        began, carry = time.perf_counter(), None
        for now, ahead in zip(x, y, strict=True):
            adam.param_groups[0]["lr"] = float(rates[step])
            adam.zero_grad()
            loss, carry = surprise_of(now, ahead, carry)
            loss.backward()
            nn.utils.clip_grad_norm_(parts.parameters(), LONGEST)
            adam.step()
            carry, step = tuple(each.detach() for each in carry), step + 1
        found["seconds"].append(time.perf_counter() - began)
        with torch.no_grad():
            carry, losses = None, []
            for now, ahead in zip(x_test, y_test, strict=True):
                loss, carry = surprise_of(now, ahead, carry)
                losses.append(loss.item())
        found["bits"].append(float(bits_per_character(np.mean(losses))))
    return found | {"parameters": sum(p.numel() for p in parts.parameters())}


# ------------------------------------------------------------------ the lab


def learn(model, vocab, train, test, epochs, batch_size, length, seed):
    """Train on `train`. Returns (params, {"bits": [after each epoch, on test], "train_bits", "seconds", "drafts"})."""
    init_key, fit_key, write_key = jax.random.split(jax.random.key(seed), 3)
    start = model.init(init_key, np.zeros((1, 1), np.int32))
    steps = epochs * len(streams(train, batch_size, length)[0])
    found = {"bits": [], "drafts": {}}

    def look(epoch, params, history=None):
        found["bits"].append(float(bits_per_character(surprise(model, params, test))))
        if epoch in (0, 1, 2, 4, 8, epochs):
            found["drafts"][str(epoch)] = write(model, params, vocab, 150, write_key, 0.8)
        print(f"epoch {epoch}: {found['bits'][-1]:.3f} bits per character", flush=True)

    look(0, start)
    params, history = train_stateful(
        model,
        start,
        train,
        key=fit_key,
        optimizer=Clip(Adam(Cosine(LR, steps)), LONGEST),
        epochs=epochs,
        batch_size=batch_size,
        length=length,
        callbacks=[look],
    )
    kept = {"train_bits": bits_per_character(np.array(history["loss"])), "seconds": history["seconds"]}
    return params, {"untrained": found["bits"][0], "bits": found["bits"][1:], "drafts": found["drafts"], **kept}


def write(model, params, vocab, n, key, temperature):
    """PROMPT, and n characters that the model writes after it."""
    ids = sample(model, params, vocab.encode(PROMPT), n, key, temperature=temperature)
    return PROMPT + vocab.decode(ids)


def known_words(text, known):
    """The fraction of the words of a text that are in `known`; the last one may be cut off and does not count."""
    found = words(text)[:-1]
    return float(np.mean([word in known for word in found])) if found else 0.0


def run(seeds, out, quick=False, units=256, epochs=10, batch_size=32, length=64) -> dict:
    """Train one model a seed, and PyTorch's beside the first where it is installed. quick: a twentieth of it."""
    text = corpora.corpus("shakespeare")
    if quick:
        text, seeds, units, epochs = text[:60_000], seeds[:1], 8, 1
    vocab = Vocabulary(sorted(set(text)), characters)
    ids = np.array(vocab.encode(text), np.int32)
    train, test = np.split(ids, [round(TRAIN * len(ids))])
    model = language_model(len(vocab), units)
    runs = []
    for seed in seeds:
        params, found = learn(model, vocab, train, test, epochs, batch_size, length, seed)
        runs.append(found)
        if seed == seeds[0]:
            first = params
            weights.save(out / "shakespeare.safetensors", params)
    loss = surprise(model, first, test)
    known = set(words(text[: len(train)]))
    found = {
        "characters": {"train": len(train), "test": len(test), "different": len(vocab) - 2},
        "settings": {"units": units, "epochs": epochs, "batch_size": batch_size, "length": length},
        "steps": epochs * len(streams(train, batch_size, length)[0]),
        "parameters": count(first),
        "bits": [each["bits"][-1] for each in runs],
        "perplexity": [float(perplexity(each["bits"][-1] * np.log(2))) for each in runs],
        "loss": loss,
        "runs": runs,
        "uniform": float(np.log2(len(vocab) - 2)),
        "counted": {str(order): counted(train, test, len(vocab), order) for order in range(3 if quick else 7)},
        "samples": [],
    }
    for temperature in TEMPERATURES:
        long = write(model, first, vocab, 300 if quick else 5000, jax.random.key(1), temperature)
        share = known_words(long[len(PROMPT) :], known)
        found["samples"].append(
            {"temperature": temperature, "text": long[:400].rpartition("\n")[0], "known_words": share}
        )
    found["known_words_of_test"] = known_words(text[len(train) :], known)
    found["torch"] = beside(train, test, len(vocab), units, epochs, batch_size, length)
    show(found)
    labs.save_figure(draw(found), out, "bits")
    return found


def beside(*settings):
    """PyTorch's numbers and its version; None where it is not installed."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed; the comparison with it is left out")
        return None
    found = train_torch(*settings, seed=0)
    return found | {"version": re.match(r"[\d.]+", torch.__version__)[0], "threads": torch.get_num_threads()}


def show(found):
    """The table and the texts, in the terminal."""
    test = found["characters"]["test"]
    table = Table(
        "what guesses", "parameters", "bits per character", "seconds", title=f"{test:,} characters never read"
    )
    table.add_row("all characters alike", "", f"{found['uniform']:.3f}", "")
    for order, bits in found["counted"].items():
        table.add_row(f"counts after {order} characters", "", f"{bits:.3f}", "")
    ours, theirs = found["runs"], found["torch"]
    seconds = ", ".join(f"{sum(each['seconds']):.0f}" for each in ours)
    table.add_row("LSTM", f"{found['parameters']:,}", ", ".join(f"{b:.3f}" for b in found["bits"]), seconds)
    if theirs:
        numbers = f"{theirs['bits'][-1]:.3f}", f"{sum(theirs['seconds']):.0f}"
        table.add_row("LSTM in PyTorch", f"{theirs['parameters']:,}", *numbers)
    Console().print(table)
    for each in found["samples"]:
        print(f"\n--- temperature {each['temperature']}: {each['known_words']:.0%} of its words are Shakespeare's")
        print(each["text"])


def draw(found):
    """Bits per character on the rest of the text, after each epoch."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    epochs = np.arange(1, found["settings"]["epochs"] + 1)
    ax.plot(epochs, found["runs"][0]["bits"], "C2-", label="ours, the rest of the text")
    ax.plot(epochs, found["runs"][0]["train_bits"], "C2:", label="ours, what it learns from")
    if found["torch"]:
        ax.plot(epochs, found["torch"]["bits"], "C4--", label="PyTorch, the rest of the text")
    order, bits = min(found["counted"].items(), key=lambda each: each[1])
    ax.axhline(bits, color="C5", linestyle="-.", label=f"counts after {order} characters")
    ax.set(xlabel="epoch", ylabel="bits per character")
    ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("shakespeare", run, argv, seeds=1, units=256, epochs=10, batch_size=32, length=64)


if __name__ == "__main__":
    sys.exit(main())
