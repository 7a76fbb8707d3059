"""The live tap: what is known of a stream after each of its frames.

`Introspect` gives a snapshot for each frame of one link, `IntrospectNodes` for those of all nodes of a stream, `Events` what
happened; `of_snapshots` reads conditions on snapshots, `TokenWatch` looks at the tokens of a language model.
"""

from typing import TYPE_CHECKING

from midstream_cli.lazy import public_names

if TYPE_CHECKING:
    from midstream_cli.introspection.events import Events as Events
    from midstream_cli.introspection.introspect import Introspect as Introspect
    from midstream_cli.introspection.nodes import IntrospectNodes as IntrospectNodes
    from midstream_cli.introspection.predicates import holds as holds
    from midstream_cli.introspection.predicates import of_snapshots as of_snapshots
    from midstream_cli.introspection.tokens import TokenMoment as TokenMoment
    from midstream_cli.introspection.tokens import TokenWatch as TokenWatch

_MODULES = {
    "events": "Events",
    "introspect": "Introspect",
    "nodes": "IntrospectNodes",
    "predicates": "holds of_snapshots",
    "tokens": "TokenMoment TokenWatch",
}

if not TYPE_CHECKING:
    # a type checker that saw it would take every misspelt name for one of its own
    __getattr__, __dir__ = public_names(__name__, _MODULES)
