"""Networks as files: `.npz` of plain arrays, the same bytes for the same network.

A file is a zip of `header.npy` (UTF-8 JSON as bytes: sizes, dtype, activations, loss, seed, the
caller's meta) and of `weights_k.npy`, and `biases_k.npy` where layer k has biases.
`numpy.load(path, allow_pickle=False)` reads it too. Nothing in it is ever unpickled.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.activations import ACTIVATIONS
from nncore.errors import DataError, NNError
from nncore.files import write_whole
from nncore.losses import HALF_SQUARED_ERROR, SQUARED_ERROR
from nncore.network import Layer, Network

FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024
"""Largest sum of the unpacked members: what a weights file may ask of memory."""

_LOSSES = {loss.name: loss for loss in (SQUARED_ERROR, HALF_SQUARED_ERROR)}
_DTYPES = {"float32": "<f4", "float64": "<f8"}
_HEADER = "header"
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say; a real date would change the bytes
_MAX_MEMBERS = 201
_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,  # zipfile's word for an encrypted member; NotImplementedError is one too
    MemoryError,
    KeyError,
    IndexError,
    TypeError,
    SyntaxError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
)


def save_network(path: str | os.PathLike[str], network: Network, meta: Mapping[str, Any]) -> None:
    """Write `network` and `meta` (what JSON can say) to `path`, whole or not at all.

    Raises DataError if meta is not JSON, if activation, loss or dtype is not one of nncore's,
    or if the file cannot be written.
    """
    arrays = {_HEADER: np.frombuffer(_header(network, meta), np.uint8)}
    dtype = _DTYPES[str(network.dtype)]
    for k, layer in enumerate(network.layers):
        arrays[f"weights_{k}"] = np.ascontiguousarray(layer.weights, dtype)
        if layer.biases is not None:
            arrays[f"biases_{k}"] = np.ascontiguousarray(layer.biases, dtype)
    write_whole(path, _pack(arrays))


def load_network(path: str | os.PathLike[str]) -> tuple[Network, dict[str, Any]]:
    """The network and the meta that save_network wrote.

    Raises DataError if there is no such file or anything about it is not as written: not a
    zip, truncated, missing or surplus arrays, wrong shape or dtype, NaN or infinity, unknown
    activation or loss, or more than MAX_BYTES unpacked.
    """
    path = Path(path)
    try:
        return _build(_unpack(path))
    except FileNotFoundError:
        raise DataError(f"There is no weights file {path}.") from None
    except NNError as error:
        raise DataError(f"{path} is not a usable weights file: {error}") from error
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not a whole .npz file: {error}.") from error
    except _DAMAGE as error:
        raise DataError(f"{path} is a damaged weights file: {error}.") from error


def _header(network: Network, meta: Mapping[str, Any]) -> bytes:
    dtype, loss = str(network.dtype), network.loss
    if dtype not in _DTYPES:
        raise DataError(f"Weights of {dtype} cannot be saved, only {' and '.join(_DTYPES)}.")
    if _LOSSES.get(loss.name) is not loss:
        raise DataError(f"A network with the loss {loss.name!r} cannot be saved by name.")
    for layer in network.layers:
        if ACTIVATIONS.get(layer.activation.name) is not layer.activation:
            raise DataError(
                f"A network with the activation {layer.activation.name!r} cannot be saved by name."
            )
    header = {
        "format": FORMAT,
        "sizes": [int(size) for size in network.sizes],
        "dtype": dtype,
        "activations": [layer.activation.name for layer in network.layers],
        "biases": [layer.biases is not None for layer in network.layers],
        "loss": loss.name,
        "seed": network.seed,
        "meta": dict(meta),
    }
    try:
        text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"The meta of a weights file must be JSON: {error}.") from error


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    if sum(array.nbytes for array in arrays.values()) > MAX_BYTES // 2:
        raise DataError(f"The network is too large to save: at most {MAX_BYTES // 2} bytes.")
    packed = io.BytesIO()
    # Stored, not deflated: float weights hardly shrink, and zlib's bytes depend on its version.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", _DATE)
            info.create_system = 3  # else it names the operating system
            info.external_attr = 0o644 << 16
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            archive.writestr(info, member.getvalue())
    return packed.getvalue()


def _unpack(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS or len({m.filename for m in members}) != len(members):
            raise DataError("its members are too many or share a name.")
        if sum(member.file_size for member in members) > MAX_BYTES:
            raise DataError(f"it unpacks to more than {MAX_BYTES} bytes.")
        arrays = {}
        for member in members:
            with archive.open(member) as file:  # yields file_size bytes at most
                arrays[member.filename.removesuffix(".npy")] = _array(file.read())
        return arrays


def _array(data: bytes) -> NDArray[Any]:
    """The array of a `.npy` member; its header cannot make us reserve more than is there."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise DataError("a member has another .npy version than 1.0.")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    body = data[file.tell() :]
    if dtype.hasobject or dtype.names or dtype.kind not in "fu":
        raise DataError(f"a member holds {dtype}, not plain numbers.")
    if any(size < 0 for size in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise DataError("a member is shorter or longer than its shape says.")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")


def _build(arrays: dict[str, NDArray[Any]]) -> tuple[Network, dict[str, Any]]:
    header = _parse_header(arrays)
    sizes, activations, biases = header["sizes"], header["activations"], header["biases"]
    expected: dict[str, tuple[int, ...]] = {}
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        expected[f"weights_{k}"] = (n_out, n_in)
        if biases[k]:
            expected[f"biases_{k}"] = (n_out,)
    if set(arrays) != {_HEADER, *expected}:
        odd = sorted(set(arrays) ^ {_HEADER, *expected})
        raise DataError(f"its arrays do not fit its header (see {', '.join(odd[:3])}).")
    for name, shape in expected.items():
        _check(name, arrays[name], shape, header["dtype"])
    native = np.dtype(header["dtype"])
    layers = [
        Layer(
            arrays[f"weights_{k}"].astype(native),
            arrays[f"biases_{k}"].astype(native) if biases[k] else None,
            ACTIVATIONS[activation],
        )
        for k, activation in enumerate(activations)
    ]
    network = Network(layers, _LOSSES[header["loss"]], seed=header["seed"])
    return network, header["meta"]


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...], dtype: str) -> None:
    if array.shape != shape:
        raise DataError(f"{name} has the shape {array.shape}, not {shape}.")
    if array.dtype.str != _DTYPES[dtype]:
        raise DataError(f"{name} holds {array.dtype}, not {dtype}.")
    if not np.isfinite(array).all():
        raise DataError(f"{name} has a value that is not a finite number.")


def _parse_header(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    stored = arrays.get(_HEADER)
    if stored is None or stored.dtype != np.uint8 or stored.ndim != 1:
        raise DataError("it has no header.")
    try:
        header = json.loads(stored.tobytes().decode())
    except (ValueError, RecursionError) as error:
        raise DataError(f"its header is not JSON: {error}.") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise DataError(f"its header does not say format {FORMAT}.")
    sizes, activations, biases = (header.get(key) for key in ("sizes", "activations", "biases"))
    if not (
        isinstance(sizes, list)
        and len(sizes) >= 2
        and all(type(size) is int and 0 < size <= MAX_BYTES for size in sizes)
    ):
        raise DataError("its sizes are not a list of at least two positive whole numbers.")
    if not (isinstance(activations, list) and len(activations) == len(sizes) - 1):
        raise DataError("its activations are not one a layer.")
    unknown = [name for name in activations if not isinstance(name, str) or name not in ACTIVATIONS]
    if unknown:
        raise DataError(
            f"it has the unknown activation {unknown[0]!r}; known are {', '.join(ACTIVATIONS)}."
        )
    if not (
        isinstance(biases, list)
        and len(biases) == len(sizes) - 1
        and all(isinstance(flag, bool) for flag in biases)
    ):
        raise DataError("its biases are not one yes or no a layer.")
    for key, known in (("dtype", _DTYPES), ("loss", _LOSSES)):
        if not isinstance(header.get(key), str) or header[key] not in known:
            raise DataError(f"its {key} is not one of {', '.join(known)}.")
    seed = header.setdefault("seed", None)
    if seed is not None and (type(seed) is not int or seed < 0):
        raise DataError("its seed is not a whole number.")
    if not isinstance(header.get("meta"), dict):
        raise DataError("its meta is not a JSON object.")
    return header
