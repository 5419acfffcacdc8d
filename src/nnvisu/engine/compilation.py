"""The decorators that compile the engine's functions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from nnvisu.engine.cache import KernelCache

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

# Numba's type hints lack some of its options.
_njit: Any = numba.njit

OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    # Each operation is rounded as it is written: results have the same bits on every processor.
    "fastmath": False,
    # Kernels allocate nothing, so they need no reference counting.
    "_nrt": False,
}

_caches: list[KernelCache] = []

HELPER_OPTIONS = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile a function that Python calls; its machine code is cached on disk."""
    dispatcher = _njit(**OPTIONS)(function)
    if dispatcher is not function:
        # As Numba's `enable_caching` does, with a cache that never raises.
        dispatcher._cache = KernelCache(function)
        _caches.append(dispatcher._cache)
    return cast(Function, dispatcher)


def cache_problems() -> list[str]:
    """Return what went wrong with the files of compiled kernels so far, in sentences."""
    return [problem for cache in _caches for problem in cache.problems]


def helper(function: Function) -> Function:
    """Compile a function that only kernels call.

    Literal arguments lead to no further specialisations. The function has no wrapper for Python:
    calling it from Python crashes the process.
    """
    dispatcher = _njit(**HELPER_OPTIONS)(function)
    if dispatcher is not function:
        resolve = dispatcher.get_call_template

        def resolve_without_literals(args: Sequence[Any], kws: Mapping[str, Any]) -> Any:
            return resolve([*map(types.unliteral, args)], dict(kws))

        dispatcher.get_call_template = resolve_without_literals
    return cast(Function, dispatcher)


def inlined(function: Function) -> Function:
    """Inline a large helper into the kernels that call it.

    The helper gets no machine code of its own, which saves a tenth of all compile time.
    """
    return cast(Function, _njit(inline="always", **HELPER_OPTIONS)(function))
