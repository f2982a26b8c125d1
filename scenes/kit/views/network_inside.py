"""Looking into a neuron."""

from __future__ import annotations

from scenes.kit.views.network_frame import NetworkFrame


class Inside(NetworkFrame):
    """The verbs of a look inside."""
