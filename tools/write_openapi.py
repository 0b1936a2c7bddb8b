"""Write the service's OpenAPI schema, from which the studio's types are made: FILE."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lipsmith.jobs.workshop import Place
from lipsmith.service.app import ServiceOptions, create_app


def main() -> None:
    app = create_app(ServiceOptions(place=Place(home=Path("unused"))))
    schema = json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False)
    Path(sys.argv[1]).write_text(schema + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
