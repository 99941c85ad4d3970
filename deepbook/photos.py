"""Chapter 4: a photo of your own, as a network wants it."""

from pathlib import Path

import numpy as np

from deepbook.activations import softmax
from deepbook.pictures import read_pixels


def read_image(path, shape):
    """A photo as a batch of one: its middle, cut to the form of the training images and shrunk to their size.

    path:  a file that Pillow opens, such as JPEG or PNG; a phone's note of how it was held is followed.
    shape: (height, width, channels) of the images that the network knows, x.shape[1:]; 1 channel is grey, 3 colours.
    Returns (1, height, width, channels), float32 in [0, 1].
    Raises FileNotFoundError if there is no such file, ValueError if it is no picture or `shape` is none of an image.
    """
    from PIL import Image

    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ValueError(f"read_image: got shape {shape}; needs (height, width, 1 or 3); try x.shape[1:]")
    if not Path(path).is_file():
        raise FileNotFoundError(f"read_image: there is no file {path}; its whole path may help")
    try:
        pixels = read_pixels(path, shape)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"read_image: {path} is no picture that Pillow can read ({error}); try a JPEG") from error
    return pixels[None] / np.float32(255)


def predict_image(model, params, path, shape, classes, prepare=None, best=3):
    """What a network takes a photo for: its best guesses, each a (class, probability), the likeliest first.

    model, params: a trained network whose outputs are logits. path, shape: as for `read_image`.
    classes: a name for each logit. prepare: what was done with the training images, from [0, 1] to what the
    network was given, for example `lambda x: (x - mean) / deviation`. It has to be the same here.
    Raises ValueError if there is not one name for each logit; and as `read_image` does. Chapter 4.
    """
    x = read_image(path, shape)
    p = np.asarray(softmax(model.apply(params, x if prepare is None else prepare(x)))[0])
    if len(p) != len(classes):
        raise ValueError(
            f"predict_image: got {len(classes)} classes for a network of {len(p)} outputs; needs a name for each; "
            "try the classes of the data that it was trained on"
        )
    return [(classes[i], float(p[i])) for i in np.argsort(-p)[:best]]
