"""`scalenet profile`: measure on this device."""

from __future__ import annotations

import typer

from scalenet_tf.cli import profile_blocks

app = typer.Typer(help="Measure latency on this device.", no_args_is_help=True)
profile_blocks.register(app)
