"""Decodes browsers' PNG screenshots to arrays."""

import struct
import zlib

import numba
import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}


def decode(png: bytes) -> NDArray[np.uint8]:
    """Return the picture as (height, width, 3) red, green, blue.

    Reads 8-bit RGB and RGBA without interlacing; alpha is dropped. Source: PNG specification,
    third edition, sections 5 (chunks) and 9 (filters). Raises ValueError for other kinds.
    """
    if not png.startswith(_SIGNATURE):
        raise ValueError("not a PNG")
    chunks = _chunks(png)
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or colour not in _CHANNELS or interlace:
        raise ValueError(f"depth {depth}, colour type {colour}, interlace {interlace} are not read")
    channels = _CHANNELS[colour]
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    picture = np.zeros((height, width * channels), np.uint8)
    _unfilter(raw.reshape(height, 1 + width * channels), channels, picture)
    return picture.reshape(height, width, channels)[:, :, :3]


def _chunks(png: bytes) -> dict[bytes, bytes]:
    chunks: dict[bytes, bytes] = {}
    position = len(_SIGNATURE)
    while position < len(png):
        length, name = struct.unpack_from(">I4s", png, position)
        content = png[position + 8 : position + 8 + length]
        chunks[name] = chunks.get(name, b"") + content
        position += 12 + length
    return chunks


@numba.njit()
def _unfilter(rows: NDArray[np.uint8], channels: int, picture: NDArray[np.uint8]) -> None:
    """Undo the filter of each row, which is its first byte, and write the rows into the picture."""
    height, width = picture.shape
    for y in range(height):
        kind = rows[y, 0]
        for x in range(width):
            left = int(picture[y, x - channels]) if x >= channels else 0
            above = int(picture[y - 1, x]) if y > 0 else 0
            corner = int(picture[y - 1, x - channels]) if x >= channels and y > 0 else 0
            guess = 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = above
            elif kind == 3:
                guess = (left + above) // 2
            elif kind == 4:
                to_left = abs(above - corner)
                to_above = abs(left - corner)
                to_corner = abs(left + above - 2 * corner)
                if to_left <= to_above and to_left <= to_corner:
                    guess = left
                elif to_above <= to_corner:
                    guess = above
                else:
                    guess = corner
            picture[y, x] = (int(rows[y, x + 1]) + guess) & 255
