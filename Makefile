# `make demo` and `make test` work on a fresh clone: they make .venv and install Lipsmith into it.
# PYTHON=/path/to/python3.12 picks another Python than the first fitting one on the PATH.

ROOT := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd -P)
PY := .venv/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check
TORCH := torch==2.13.0

ifneq ($(ROOT),$(shell pwd -P))
# Called with -f from another folder: start again in this one.
demo test test-neural test-s3 test-slow test-web web lint bench picture studio-picture clean:
	@$(MAKE) --no-print-directory -C "$(ROOT)" $@
else

demo: .venv/lipsmith
	@$(PY) -m lipsmith demo -o demo.mp4

test: lint
	@$(PY) -m pytest -m "not slow and not s3"

# The tests of everything that needs torch, which is installed for them.
test-neural: .venv/lipsmith-neural
	@$(PY) -m pytest -m "neural and not slow"

# The tests that take minutes.
test-slow: .venv/lipsmith-dev
	@$(PY) -m pytest -m slow

# The tests with a real S3 server: apt-get install ceph-mon ceph-osd radosgw
test-s3: .venv/lipsmith-dev
	@$(PY) -m pytest -m s3

# The studio's sources, and that the build in the package is what they give.
test-web: .venv/lipsmith-dev
	@if command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory web/node_modules/.package-lock.json && \
		PATH="$(ROOT)/.venv/bin:$$PATH" sh tools/check-web.sh; \
	else echo "The studio's own tests are skipped: they need Node.js and npm"; fi

# Build the studio into the package.
web: .venv/lipsmith-dev web/node_modules/.package-lock.json
	@$(PY) tools/write_openapi.py web/openapi.json
	@cd web && npm run --silent types && npm run --silent build

web/node_modules/.package-lock.json: web/package-lock.json
	@echo "Installing the studio's packages into web/node_modules"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

lint: .venv/lipsmith-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c "from importlinter.cli import lint_imports_command as run; run()"

bench: .venv/lipsmith-dev
	@$(PY) -m benchmarks

# The picture at the top of the README.
picture: .venv/lipsmith
	@$(PY) tools/readme_picture.py docs/media/demo.png

# The pictures of the studio in the README; needs Chromium.
studio-picture: .venv/lipsmith-dev
	@$(PY) tools/studio_picture.py docs/media

clean:
	rm -rf .venv build dist demo.mp4 .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: the packages are installed again when pyproject.toml changes.
.venv/lipsmith: pyproject.toml tools/make-venv.sh
	@sh tools/make-venv.sh .venv $(PYTHON)
	@echo "Installing Lipsmith into .venv; the first time that takes a minute or two"
	@$(PIP) install --editable .
	@touch $@

.venv/lipsmith-dev: .venv/lipsmith
	@echo "Installing the development tools into .venv"
	@$(PIP) install --editable '.[dev]'
	@touch $@

# Where pip knows a place with builds of torch for the CPU alone, it takes one, which is smaller.
.venv/lipsmith-neural: .venv/lipsmith-dev
	@echo "Installing torch into .venv; that takes a minute or more"
	@$(PIP) install $(TORCH)
	@$(PIP) install --editable '.[dev,neural]'
	@touch $@

endif

.PHONY: demo test test-neural test-s3 test-slow test-web web lint bench picture studio-picture clean
