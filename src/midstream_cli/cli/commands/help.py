"""`midstream help`: what the pages of single commands have in common."""

from typing import Annotated

import typer

from midstream_cli.cli import output

EXAMPLES = ("midstream help exit-codes", "midstream help formats", "midstream help compare")


def command(
    topic: Annotated[
        list[str] | None, typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", show_default=False)
    ] = None,
) -> int:
    """Explain a topic; without one, list the topics."""
    from midstream_cli.cli import topics

    output.text(topics.page(topic or []))
    return 0
