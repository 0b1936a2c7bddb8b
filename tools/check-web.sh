#!/bin/sh
# The studio's sources are sound, and the build in the package is the one that they give.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cd "$root/web"

python "$root/tools/write_openapi.py" "$made/openapi.json"
cmp "$made/openapi.json" openapi.json || {
    echo "web/openapi.json is not what the service says; run: make web" >&2
    exit 1
}
npx --no-install openapi-typescript "$made/openapi.json" --output "$made/schema.d.ts" >/dev/null
cmp "$made/schema.d.ts" src/api/schema.d.ts || {
    echo "web/src/api/schema.d.ts is not what web/openapi.json gives; run: make web" >&2
    exit 1
}
npm run --silent check
npm run --silent test
npm run --silent build -- --outDir "$made/studio" --emptyOutDir >/dev/null
diff -r "$made/studio" "$root/src/lipsmith/service/studio" || {
    echo "The studio in the package is not what web/ gives; run: make web" >&2
    exit 1
}
echo "The studio in the package is what web/ gives."
