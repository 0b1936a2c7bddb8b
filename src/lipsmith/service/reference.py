"""The page that shows every route and tries them."""

from __future__ import annotations

import base64
import hashlib

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_VIEWER = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0/"
# What comes from elsewhere is run only when it is what that version was.
_SCRIPT_SHA384 = "gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9"
_STYLE_SHA384 = "WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I"
_START = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", deepLinking: true, '
    "presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset]})"
)
_START_SHA256 = base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_VIEWER} 'sha256-{_START_SHA256}'; "
        f"style-src {_VIEWER} 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lipsmith's API</title>
<link rel="stylesheet" href="{_VIEWER}swagger-ui.css" integrity="sha384-{_STYLE_SHA384}"
 crossorigin="anonymous" referrerpolicy="no-referrer">
<div id="api"><p>What shows the API comes from cdn.jsdelivr.net, which cannot be reached.
The schema itself is at <a href="/openapi.json">/openapi.json</a>.</p></div>
<script src="{_VIEWER}swagger-ui-bundle.js" integrity="sha384-{_SCRIPT_SHA384}"
 crossorigin="anonymous" referrerpolicy="no-referrer"></script>
<script>{_START}</script>
</html>
"""


@router.get("/docs")
async def reference() -> HTMLResponse:
    """Every route, in Swagger UI."""
    return HTMLResponse(_PAGE, headers=_HEADERS)
