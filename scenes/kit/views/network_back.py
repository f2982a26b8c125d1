"""Errors on their way back."""

from __future__ import annotations

from scenes.kit.views.network_frame import NetworkFrame


class Backward(NetworkFrame):
    """The verbs of errors that run back."""
