"""How the engine's functions are compiled: one set of options, and where the result is kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from nnvisu.engine.cache import kernel_cache

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

# Some of its options are not in its types.
_njit: Any = numba.njit

OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    # Named, because plain fastmath lets the compiler assume that there are no NaNs and no
    # infinities: then nothing could tell that training diverged.
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    # Nothing is allocated, so nothing is counted.
    "_nrt": False,
}

HELPER_OPTIONS = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile what is called from Python; the machine code is kept on disk."""
    with kernel_cache():
        return cast(Function, _njit(cache=True, **OPTIONS)(function))


def helper(function: Function) -> Function:
    """Compile what only kernels call, once: not again for each literal number in a call.

    It has no wrapper for Python. Calling it from there is not an error but a crash.
    """
    dispatcher = _njit(**HELPER_OPTIONS)(function)
    if dispatcher is not function:
        resolve = dispatcher.get_call_template

        def resolve_without_literals(args: Sequence[Any], kws: Mapping[str, Any]) -> Any:
            return resolve([*map(types.unliteral, args)], dict(kws))

        dispatcher.get_call_template = resolve_without_literals
    return cast(Function, dispatcher)


def inlined(function: Function) -> Function:
    """Let kernels take in a large helper as their own lines.

    That spares the helper's own machine code, which nobody would run: a tenth of all compiling.
    """
    return cast(Function, _njit(inline="always", **HELPER_OPTIONS)(function))
