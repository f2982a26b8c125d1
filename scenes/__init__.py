"""The clips: each module holds one scene drawn from one run of `nncore`."""
