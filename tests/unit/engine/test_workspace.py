"""The alignment of the workspace's arrays to cache lines."""

import numpy as np
import pytest

from nnvisu.engine.workspace import LINE_BYTES, allocate


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_arrays_start_on_a_cache_line_and_share_none(dtype: type) -> None:
    arrays = [allocate(count, dtype) for count in (1, 4, 15, 16, 17, 1000) for _ in range(9)]
    lines: set[int] = set()
    for array in arrays:
        assert not array.any()
        start = array.ctypes.data
        assert start % LINE_BYTES == 0
        own = set(range(start // LINE_BYTES, -(-(start + array.nbytes) // LINE_BYTES)))
        assert not own & lines
        lines |= own
