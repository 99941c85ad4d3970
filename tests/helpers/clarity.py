"""What makes a message for learners clear; the tests share it."""

import re

PARAGRAPH = 600  # letters; the line of code and the sentence of a recognised mistake come on top


def unclear(message: str, sentence: str = "") -> list[str]:
    """What is wrong with a message that a learner reads. sentence: that of a recognised mistake, its last line."""
    lines = message.removesuffix(sentence).strip().splitlines()
    code = [line for line in lines[1:] if line.startswith("    ")]
    paragraph = "\n".join(line for line in lines if line not in code)
    sentences = [each.strip() for each in re.split(r"(?<=[.?!])\s+", paragraph) if len(each) > 8]
    wrong = {
        "it is longer than a paragraph": len(paragraph) > PARAGRAPH,
        "it is more than one line": len(lines) - len(code) != 1 or len(code) > 1,
        "there is a traceback in it": "Traceback" in message or 'File "' in message,
        "an address in memory is in it": re.search(r"0x[0-9a-f]{4,}", message),
        "an object is shown as Python writes it": re.search(r"<\w+[. ][^>]*>|Array\(|array\(\[|dtype=", paragraph),
        "it does not end as a sentence does": not paragraph.endswith((".", "?", "!")) and not code,
        "a sentence is there twice": len(set(sentences)) < len(sentences),
        "there are two full stops": ".. " in paragraph or paragraph.endswith("..") or ".:" in paragraph,
        "a line of code is too long": any(len(line) > 200 for line in code),
        "None is shown as a shape": "shape None" in paragraph,
    }
    return [what for what, so in wrong.items() if so]
