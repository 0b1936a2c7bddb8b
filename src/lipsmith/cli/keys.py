"""`lipsmith keys`: who may use the service."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from lipsmith.cli.options import Debug
from lipsmith.errors import OptionError

app = typer.Typer(
    name="keys", help="Make and revoke the keys of the service.", no_args_is_help=True
)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, for people.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do: read, render, admin; give it once for each."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Make a key and print it; it is shown only now."""
    from lipsmith.cli.place import workshop

    with workshop() as opened:
        from lipsmith.service.keys import KeyRing, Scope

        wanted = scope or ["read", "render"]
        for each in wanted:
            if each not in list(Scope):
                raise OptionError(f"--scope {each}: a scope is one of {', '.join(Scope)}")
        key, token = KeyRing(opened.engine).create(name, [Scope(each) for each in wanted])
    typer.echo(f"The key {key.id} of {key.name} may {' and '.join(sorted(wanted))}:", err=True)
    typer.echo(token)


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    debug: Debug = False,
) -> None:
    """List the keys, but not their secrets, which nobody knows."""
    from lipsmith.cli.place import workshop
    from lipsmith.cli.tables import print_table

    with workshop() as opened:
        from lipsmith.service.keys import KeyRing

        keys = KeyRing(opened.engine).list()
    if as_json:
        told = [
            {
                "id": key.id,
                "name": key.name,
                "scopes": sorted(key.scopes),
                "created": key.created.isoformat(),
                "revoked": key.revoked and key.revoked.isoformat(),
            }
            for key in keys
        ]
        typer.echo(json.dumps(told, indent=2))
        return
    rows = [
        (
            key.id,
            key.name,
            ", ".join(sorted(key.scopes)),
            f"{key.created:%Y-%m-%d}",
            f"{key.revoked:%Y-%m-%d}" if key.revoked else "",
        )
        for key in keys
    ]
    print_table(("Key", "Name", "May", "Created", "Revoked"), rows)


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The id of a key: lipsmith keys list.")],
    debug: Debug = False,
) -> None:
    """Let a key open nothing any more."""
    from lipsmith.cli.place import workshop

    with workshop() as opened:
        from lipsmith.service.keys import KeyRing

        KeyRing(opened.engine).revoke(key)
    typer.echo(f"The key {key} opens nothing any more.", err=True)
