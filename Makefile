# Everything happens in .venv, which is made from requirements.lock; nothing else on the machine is changed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow setup check bench lock clean

demo: setup
	@$(BIN)/footplate demo --keep demo

test: setup
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-slow: setup
	@$(BIN)/python -m pytest -n auto --dist worksteal -m slow

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m bench

setup: .venv/ready

.venv/ready: requirements.lock bootstrap.lock pyproject.toml configs/demo/footage.lock configs/extract/weights.lock
	@echo "setting up .venv (a few gigabytes the first time: torch)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r bootstrap.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q tui engine vmops
	@$(BIN)/python -c "from engine import footage; footage.fetch()"
	@$(BIN)/python -m engine.vision.detecting.shipped
	@touch $@

lock: setup
	@$(BIN)/uv pip compile pyproject.toml --extra engine --extra extract --extra cloud --extra demo --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet --upgrade -o requirements.lock

clean:
	rm -rf .venv demo
