# On a bare machine with Python and pip: `make run`, `make test`. `./dev` brings all else.

.PHONY: run test test-states check style types contracts documents format openapi requirements bench-push bench-console test-host release

run: ## Serve on http://127.0.0.1:8000 (LINKY_PORT for another) with a demo community
	@./dev --no-dev linky dev

test: ## All tests
	@./dev pytest

test-states: ## Ten minutes of many people acting at once; a failure names its seed
	@./dev python -m tests.states --minutes 10

check: style types contracts documents ## What must hold besides the tests; with -j beside each other

style:
	./dev ruff format --check .
	./dev ruff check .

types:
	./dev mypy

contracts:
	./dev lint-imports

documents:
	./dev python -m tools.check

format: ## Mend what can be mended by itself
	./dev ruff check --fix .
	./dev ruff format .

openapi: ## Write openapi.json anew
	./dev linky openapi --output openapi.json

requirements: ## Write requirements.txt anew from uv.lock
	./dev python -m tools.requirements

bench-push: ## How fast the worker pushes, and whether comments notice
	@./dev python -m bench.push

bench-console: ## What the console's pages cost at volume, beside the demo community
	@./dev python -m bench.console

test-host: ## Build a machine, install, break and mend it (root; ten minutes at most)
	@./dev python -m tools.host

release: ## dist/linky-ID.tar.gz and its checksum, of what is committed
	@deploy/release
