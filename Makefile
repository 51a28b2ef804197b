# Two commands matter: `make demo` and `make test`. Everything else is there for those who build.

CARGO ?= cargo
.PHONY: demo test fmt lint unit

## A whole network on this machine, a story told over it, then a sandbox that stays up (Ctrl-C ends it).
## Built as for the tests, because that is ready sooner; `cargo build --release` is for load.
## Flags go through ARGS: make demo ARGS="--lang en --port 7900"
demo:
	$(CARGO) run --locked --bin yidi -- demo $(ARGS)

## Everything that must hold before a commit.
test: fmt lint unit

## rustfmt and clippy come with most toolchains; where they do not, the tests still run and say so.
fmt:
	@if $(CARGO) fmt --version >/dev/null 2>&1; then $(CARGO) fmt --all -- --check; \
	else echo "SKIPPED: this toolchain has no rustfmt (rustup component add rustfmt)"; fi

lint:
	@if $(CARGO) clippy --version >/dev/null 2>&1; then \
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings; \
	else echo "SKIPPED: this toolchain has no clippy (rustup component add clippy)"; fi

unit:
	$(CARGO) test --locked --workspace
