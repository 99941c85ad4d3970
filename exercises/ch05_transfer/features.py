"""Chapter 5, set 1: what a frozen network sees.

    deepbook check features

Fair here: numpy, and what comes with Python. Images and maps are (batch, height, width, channels).
"""

import numpy as np


def trained_numbers():
    """How many numbers are frozen and how many learn, with pencil and paper.

    Images of 12 × 12 pixels with 3 channels go through a frozen backbone:

        Conv, 4 filters of 3 × 3, padding "same", with biases;  ReLU;
        MaxPool 2 × 2;
        Conv, 8 filters of 3 × 3, padding "same", without biases;
        BatchNorm, which keeps scale, shift, mean and var for each channel;  ReLU.

    On it sits a new head for 2 classes: a Dense layer with biases.
    Return three whole numbers:
    - how many numbers the frozen backbone holds in all;
    - how many the head has if GlobalAvgPool stands before it;
    - how many the head has if Flatten stands there instead.

    Chapter 5: 05-transfer.html#pooling-in-place-of-flatten
    """
    raise NotImplementedError("trained_numbers: put your answer here")


def prepare(x, mean):
    """Give a borrowed network the images that it grew up with.

    x: (batch, height, width, 3) photos: red, green, blue, each from 0 to 1.
    mean: (3,) the means of blue, green and red over the photos that the network was
    trained on, each from 0 to 255.
    The network was trained on blue, green, red, each from 0 to 255, less these means.
    Returns x in that form, of the same shape.

    >>> x = np.array([1.0, 0.5, 0.0]).reshape(1, 1, 1, 3)
    >>> prepare(x, np.array([100.0, 110.0, 120.0])).tolist()
    [[[[-100.0, 17.5, 135.0]]]]

    Source: Simonyan and Zisserman (2015), "Very deep convolutional networks for
    large-scale image recognition", section 2.1, in the order of their library, Caffe.
    Chapter 5: 05-transfer.html#the-wrong-preprocessing
    """
    raise NotImplementedError("prepare: put your answer here")


def pool_features(maps, sizes):
    """Global average pooling for photos of different sizes.

    Convolutions take any size, but the photos of a batch must form one array. So the
    smaller ones were filled up, at the bottom and on the right, and what the backbone
    made of that filling means nothing.
    maps: (batch, height, width, channels), what the backbone made of them.
    sizes: (batch, 2) integers: how many rows and how many columns of each image's
    maps belong to its photo, counted from the top left corner; at least 1.
    Returns (batch, channels): the mean of each map over its own photo.

    >>> maps = np.array([[[1.0, 2.0, 9.0], [3.0, 6.0, 9.0]]])[..., None]
    >>> pool_features(maps, np.array([[2, 2]])).tolist()
    [[3.0]]

    Source: Lin, Chen and Yan (2013), "Network in network"; the sizes are ours.
    Chapter 5: 05-transfer.html#pooling-in-place-of-flatten
    """
    raise NotImplementedError("pool_features: put your answer here")


def nearest_mean(features, y, asked):
    """A head that needs no training: which class's mean is the nearest?

    features: (batch, n), what a frozen backbone made of the labelled examples.
    y: (batch,) their labels, integers as they come, for example 5 to 9; a class may
    have more examples than another.
    asked: (m, n), what it made of the examples in question.
    Take the mean of the features of each class. Each example in question gets the label
    of the class whose mean is the nearest: the smallest sum of squared differences.
    Returns (m,) labels.

    >>> features, y = np.array([[0.0], [2.0], [9.0]]), np.array([7, 7, 5])
    >>> nearest_mean(features, y, np.array([[3.0], [6.0]])).tolist()
    [7, 5]

    Source: Snell, Swersky and Zemel (2017), "Prototypical networks for few-shot
    learning".
    Chapter 5: 05-transfer.html#few-examples
    """
    raise NotImplementedError("nearest_mean: put your answer here")
