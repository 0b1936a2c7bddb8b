"""`lipsmith engines`: what can draw a face or say a text."""

from __future__ import annotations

from lipsmith.cli.options import Debug


def engines(debug: Debug = False) -> None:
    """List the engines that --engine takes, and those that speak."""
    from lipsmith import api
    from lipsmith.cli.tables import print_table

    print_table(
        ("Engine", "Kind", "Needs", "Downloads", "Licence", "What it does"),
        [
            (
                spec.name,
                str(spec.kind),
                f"lipsmith[{spec.extra}]" if spec.extra else "nothing more",
                spec.weights or "nothing",
                spec.licence,
                spec.summary,
            )
            for spec in api.list_engines()
        ],
    )
