# The verbs of Kith. `make up` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MODE ?= embedded
TODAY ?= 2026-04-15
KITH := .venv/bin/kith
SEEDS ?= 5
SECONDS ?= 60
FIRST_SEED ?= 1

.PHONY: help up test check story chaos bench bench-backbone bench-front-door docs requirements clean

help:
	@echo "make up [MODE=embedded|broker]   start everything on this machine, with a small sample county"
	@echo "make test                        all tests (uses local PostgreSQL and RabbitMQ, or starts private ones)"
	@echo "make check                       style, types, import laws, generated documents"
	@echo "make story [MODE=] [AREAS= SURVEY= HELPERS= TODAY=]   the programme's main job, end to end, with figures"
	@echo "make chaos [SEEDS=5 SECONDS=60 FIRST_SEED=1]   kill, cut and delay everything; nothing lost, twice or out of order"
	@echo "make bench                       all benches; bench-backbone alone: how fast events travel, against what others use"
	@echo "make bench-front-door            how fast the front door is, beside a bare one"
	@echo "make docs                        write the generated catalogues"
	@echo "make requirements                pin the libraries anew"

.venv/ready: requirements/dev.txt pyproject.toml
	@test -x .venv/bin/uv || { python3 -m venv .venv && .venv/bin/pip install --quiet uv; }
	@.venv/bin/uv pip sync --quiet --compile-bytecode requirements/dev.txt
	@.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

up: .venv/ready
	@$(KITH) up --mode $(MODE)

test: .venv/ready
	@.venv/bin/python -m pytest -n 2 --dist loadfile -q

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(KITH) docs --check
	$(KITH) ops rules test

story: .venv/ready
	@$(KITH) story --mode $(MODE) --today $(TODAY) $(if $(AREAS),--areas $(AREAS)) $(if $(SURVEY),--survey $(SURVEY)) $(if $(HELPERS),--helpers $(HELPERS))

bench: bench-backbone bench-front-door

bench-backbone: .venv/ready
	@.venv/bin/python -m tests.load.backbone $(if $(QUICK),--quick) $(if $(RUNS),--runs $(RUNS)) $(if $(ONLY),--only $(ONLY))

bench-front-door: .venv/ready
	@.venv/bin/python -m tests.load.front_door $(if $(QUICK),--quick) $(if $(RUNS),--runs $(RUNS)) $(if $(ONLY),--only $(ONLY))

chaos: .venv/ready
	@.venv/bin/python -m tests.chaos --seeds $(SEEDS) --seconds $(SECONDS) --first-seed $(FIRST_SEED)

docs: .venv/ready
	$(KITH) docs

requirements:
	@test -x .venv/bin/uv || { python3 -m venv .venv && .venv/bin/pip install --quiet uv; }
	for f in base dev build; do .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make requirements" requirements/$$f.in -o requirements/$$f.txt; done

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
