"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from nncore.errors import DataError


def write_whole(path: str | os.PathLike[str], data: bytes | bytearray) -> None:
    """Write `data` beside `path`, sync it to disk, and only then give it that name.

    An existing file is replaced, or left as it was. Raises DataError if it cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError, ValueError):
            temporary.unlink()
        if not isinstance(error, OSError | ValueError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be written: {reason}.") from error
