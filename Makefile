# On a machine with Python and pip, and nothing else: `make run`, `make test`. `./dev` installs the
# rest into this folder. `make help` lists the targets, from the `##` comments below.

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-whole test-changed test-tools slow-tests test-long test-migrations test-states test-cuts test-older test-fuzz \
    test-schemathesis test-generated dart dart-mutants test-cluster test-faults test-host rehearse screenshots check \
    style structure types contracts documents generators redocly format settings client openapi functions \
    upgrade requirements licences bench bench-live bench-search bench-overload soak archive release \
    site

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve on http://127.0.0.1:8000 (LINKY_PORT for another port) with a demo community
	@echo "  Starting Linky"
	@./dev --no-dev linky dev

test: ## Run what runs in the process of the tests: before each commit
	@PYTHONDONTWRITEBYTECODE= ./dev pytest -m in_process -n 2 $(ARGS)

test-changed: ## Run what a change affects, of `make test`: the changes since main (SINCE=REV) and what is not committed
	@PYTHONDONTWRITEBYTECODE= ./dev pytest -m in_process -n 2 $$(./dev python -m tests.changed $(SINCE)) $(ARGS)

test-all: test test-whole dart ## Run that, test-whole and dart: before a merge (.ci/install first)

test-whole: ## Run what needs a server, a browser, a host or another program
	@PYTHONDONTWRITEBYTECODE= ./dev pytest -m whole $(ARGS)

dart: ## Compile and test the Dart packages, with journeys on a real server: ARGS=drafts (npm registry, Debian; three minutes)
	@./dev python -m tests.dart $(ARGS)

dart-mutants: ## Break the Dart package in 30 places: each must fail a test in Dart (half an hour)
	@./dev python -m tests.dart.mutants $(ARGS)

test-tools: ## Test our own tools, the reports of benchmarks, and the support of the tests
	@PYTHONDONTWRITEBYTECODE= ./dev pytest -n 0 -m tools tests/tools $(ARGS)

# What mounts, or boots a machine, needs root: `AS_ROOT=sudo make test-long` if you are not root.
AS_ROOT ?=

LONG = test-migrations test-states test-fuzz test-schemathesis test-cuts test-older test-generated test-cluster \
    test-faults test-host dart-mutants generators

slow-tests: ## Write tests/slow.txt, the tests that are too slow for `make test` (Linux; ten minutes)
	@./dev pytest -n 0 -p tests.costs -m "in_process or slow" $(ARGS)

test-long: ## Run the long tests with new seeds, one after the other, a line for each (two hours; each night)
	@mkdir -p .tools/long; status=0; for each in $(LONG); do \
	    begun=$$(date +%s); outcome=ok; \
	    NIGHT=1 $(MAKE) --no-print-directory $$each >.tools/long/$$each.log 2>&1 \
	        || { outcome=FAILED; status=1; }; \
	    echo "$$outcome $$each ($$(($$(date +%s) - begun)) s): .tools/long/$$each.log"; \
	done; exit $$status

test-migrations: ## Test the data migrations of releases, which never change again
	@./dev pytest -m long tests/architecture $(ARGS)

test-states: ## Test ten minutes of many users acting at the same time; a failure prints its seed
	@./dev python -m tests.states --minutes 10

test-cuts: ## Cut the client's streams a thousand times, end servers and apps, and compare: ARGS="--cuts 300" (minutes)
	@./dev python -m tests.cuts $(ARGS)

# What draws by day draws more at night, but for what has a target of its own.
DRAWING = $(filter-out tests/states/% tests/fuzz/test_document.py tests/tools/%, \
    $(sort $(wildcard tests/fuzz/test_*.py) $(shell grep -rl "support.chance\|import chance" tests --include="test_*.py")))

test-older: ## Take the Dart client through its journeys on a server of the release before (five minutes)
	@./dev python -m tests.dart --older

test-fuzz: ## Compare generated cursors, texts, sign-ins and requests with plain models, and race often (half an hour)
	@NIGHT=1 ./dev pytest --timeout 3600 $(DRAWING) $(ARGS)

test-schemathesis: ## Compare generated requests of four kinds of callers with the document (ten minutes)
	@NIGHT=1 ./dev pytest -n 0 --timeout 3600 tests/fuzz/test_document.py

test-generated: ## Send three generated clients through a journey on a real server (npm registry; two minutes)
	@UV_PROJECT_ENVIRONMENT=.tools/generated/env ./dev --only-group generated true
	@./dev python -m tests.generated $(ARGS)

test-cluster: ## Kill and restart servers and a replica under load (nginx, pgbouncer; five minutes)
	@./dev python -m tests.cluster
	@./dev python -m tests.replication

test-faults: ## Break what a server needs, under load, and count what is lost (root; ten minutes)
	@./dev true
	@$(AS_ROOT) ./dev pytest -n 0 -s -m long tests/faults

test-host: ## Build a machine, install, break and repair it: ARGS=page (Debian or Ubuntu, root; about ten minutes)
	@./dev true
	@$(AS_ROOT) ./dev python -m tools.host $(ARGS)

rehearse: ## Upgrade under load, go back, and there again, then the contracts: FROM=0.2.1 TO=0.2.2 (without TO to this tree; half an hour)
	@./dev python -m tests.rehearsal "$(FROM)" $(TO) $(ARGS)

screenshots: ## Take a picture of every page into .screenshots: ARGS="--only en-light-desktop" (ten minutes)
	@./dev python -m tests.screenshots $(ARGS)

check: style structure types contracts documents test-tools ## Check all but the product itself; -j runs the parts in parallel

# Without a database: seconds.
STRUCTURE = $(filter-out %migrations.py, $(wildcard tests/architecture/test_*.py))

structure: ## Check the shape of the code, and that the tests know each route, list and table (seconds)
	@./dev pytest -n 0 -q -m "in_process or slow" $(STRUCTURE)

style: ## Check format and lint
	./dev ruff format --check .
	./dev ruff check .

types: ## Check types
	./dev mypy

contracts: ## Check who imports whom
	./dev lint-imports

documents: ## Check openapi.json, clients, migrations, requirements, settings and the documents
	./dev python -m tools.check

generators: ## Generate clients from openapi.json, and parse them (about a minute)
	@UV_PROJECT_ENVIRONMENT=.tools/clients ./dev --only-group clients python -m tools.generators

site: ## Build the documents as a site into dist/site, in English and Japanese
	@UV_PROJECT_ENVIRONMENT=.tools/site SITE_LANGUAGE=en PYTHONPATH=. ./dev --only-group site mkdocs build -q -f tools/site/mkdocs.yml
	@UV_PROJECT_ENVIRONMENT=.tools/site SITE_LANGUAGE=ja PYTHONPATH=. ./dev --only-group site mkdocs build -q -f tools/site/mkdocs.yml -d ../../dist/site/ja

redocly: ## Lint openapi.json (Node, npm registry)
	@npx --yes @redocly/cli@2.77.0 lint openapi.json --config tools/redocly/redocly.yaml

format: ## Fix lint and format the code, then report what is left to fix by hand
	./dev ruff check --fix-only .
	./dev ruff format .
	./dev ruff check .

settings: ## Write .env.example and docs/settings from the code
	./dev python -m tools.settings

client: ## Write the models and calls of clients/ from openapi.json
	./dev python -m tools.client

openapi: ## Write openapi.json from the code
	./dev linky openapi --output openapi.json

functions: ## Write migrations/functions_and_triggers.sql from the migrations
	@./dev python -m tools.functions

upgrade: ## Lock the newest packages, and write what follows from that (each night they are tested)
	@./dev true
	.tools/bin/uv lock --upgrade
	@$(MAKE) --no-print-directory requirements licences

requirements: ## Write requirements.txt from uv.lock
	./dev python -m tools.requirements

licences: ## Write docs/licences.md from uv.lock; a licence that is not allowed fails `make check`
	@./dev python -m tools.licences

bench: ## Measure each kind of request beside bare SQL and the usual way: ARGS="--scale 0.1 --write"
	@./dev python -m bench.requests $(ARGS)

bench-live: ## Measure streams of live changes: delay, memory, how they end (a minute)
	@./dev python -m bench.live

bench-search: ## Measure searches among a million posts, the size of the index, and writes: ARGS="--write"
	@./dev python -m bench.search $(ARGS)

bench-overload: ## Offer twice the load that the server can bear: ARGS="--times 3" (a minute)
	@./dev python -m bench.overload $(ARGS)

soak: ## Load the server for half an hour beside a young one; it must not grow: ARGS="--minutes 10"
	@./dev python -m bench.overload.soak $(ARGS)

archive: ## Build dist/linky-ID.tar.gz, its checksum and its SBOM from the last commit
	@deploy/archive

release: ## Record the last commit, which was tested, as a release: VERSION=0.2.0
	@./dev python -m tools.releases $(VERSION)
	@$(MAKE) --no-print-directory client
