"""What the bits of a result depend on: BLAS's threads, the processor, the libraries."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import scipy
from threadpoolctl import threadpool_info, threadpool_limits


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """Hold BLAS to so many threads. With one, training an image at a time is fastest, and its bits
    do not depend on the cores."""
    with threadpool_limits(limits=count, user_api="blas"):
        yield


def versions() -> dict[str, str]:
    """The versions of what computes."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def platform_name() -> str:
    """What the last bits of a training run depend on: operating system, processor, libraries.

    Two computers of the same name give the same bits; of two names, they may.
    """
    kernels = sorted(
        f"{info['internal_api']} {info['version']} {info.get('architecture', '')}".strip()
        for info in threadpool_info()
        if info["user_api"] == "blas"
    )
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    simd = hashlib.sha256(" ".join(found).encode()).hexdigest()[:8]
    parts = [
        f"{platform.system()} {platform.machine()}",
        f"numpy {np.__version__}",
        f"scipy {scipy.__version__}",
        *kernels,
        f"simd {simd}",
    ]
    return ", ".join(parts)
