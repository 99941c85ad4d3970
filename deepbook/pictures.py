"""Pictures out of files: photos of any size, MNIST's and CIFAR-10's archives, sheets of many small images.

What comes out are bytes, 0 to 255, as uint8: a quarter of the memory that float32 takes.
"""

import gzip
import math
import tarfile
import zlib
from pathlib import Path

import numpy as np

CIFAR10 = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")  # 10,000 images each
RECORD = 1 + 3 * 32 * 32  # a label; then the red, the green and the blue plane


def read_pixels(file, shape) -> np.ndarray:
    """A photo's middle, cut to the form of `shape` and made as large.

    file: a path, or a file that is open for reading. shape: (height, width, 1 or 3); grey or colours.
    A phone's note of how it was held is followed. Returns (height, width, channels), uint8.
    """
    from PIL import Image, ImageOps

    with Image.open(file) as image:
        upright = ImageOps.exif_transpose(image).convert("L" if shape[2] == 1 else "RGB")
    return np.asarray(ImageOps.fit(upright, (shape[1], shape[0]))).reshape(shape)


def read_sheet(path, size=32) -> np.ndarray:
    """The images that lie on a sheet row by row, each of size × size pixels: (n, size, size, 3), uint8."""
    from PIL import Image

    with Image.open(path) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    rows, columns = pixels.shape[0] // size, pixels.shape[1] // size
    return pixels.reshape(rows, size, columns, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)


def read_cifar10(path) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels in the archive of CIFAR-10, cifar-10-binary.tar.gz: the 10,000 of the test come last.

    Returns images (60,000, 32, 32, 3) and labels (60,000,), both uint8. Nothing is unpacked onto the disk, and only
    the six files named above are looked at. Raises ValueError if it is something else, or not whole.
    """
    found = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if name in CIFAR10 and member.isfile() and member.size == 10_000 * RECORD:
                    found[name] = np.frombuffer(archive.extractfile(member).read(), np.uint8)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"read_cifar10: got {path}, which tarfile cannot read ({error}); fetch it again") from None
    if missing := [name for name in CIFAR10 if name not in found]:
        raise ValueError(
            f"read_cifar10: got {path}, in which {', '.join(missing)} of {10_000 * RECORD} bytes is missing; "
            "needs the archive of the binary version; fetch it again"
        )
    records = np.concatenate([found[name] for name in CIFAR10]).reshape(-1, RECORD)
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), records[:, 0].copy()


def read_idx(path) -> np.ndarray:
    """The array in an .idx.gz file of bytes, the format of MNIST: uint8, of the shape that the file states.

    Two zero bytes, 8 (the code of "bytes"), the number of axes; the length of each axis as a big-endian 32-bit number;
    then the bytes. Raises ValueError if the file is something else, or not whole.
    """
    try:
        raw = gzip.decompress(Path(path).read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"read_idx: got {path}, which gzip cannot read ({error}); fetch it again") from None
    axes = raw[3] if raw[:3] == b"\0\0\x08" and len(raw) > 3 else 0
    start = 4 + 4 * axes
    if not axes or len(raw) < start:
        raise ValueError(f"read_idx: got {path}, which begins with {raw[:4].hex()}; needs 000008, then the axes")
    shape = tuple(int(length) for length in np.frombuffer(raw, ">u4", axes, offset=4))
    if len(raw) - start != math.prod(shape):
        raise ValueError(
            f"read_idx: got {path} with {len(raw) - start} bytes after its header; needs {math.prod(shape)}, "
            f"for the shape {shape} that it states; fetch it again"
        )
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
