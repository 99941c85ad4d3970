"""deepbook: a textbook of deep learning that you complete until it passes."""

__version__ = "0.1.0"
