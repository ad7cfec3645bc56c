# Every command of the project. The longer ones live in scripts/.

PORT ?= 8080
DATA ?= var/demo

.PHONY: help demo web e2e measure pictures test fmt lint docs bench bench-calendars deps postgres clean-db

help: ## This list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 18

demo: ## Build and start the demo company (PORT=8080 DATA=var/demo)
	@scripts/demo.sh --port $(PORT) --data $(DATA)

web: ## Build the front end into web/dist, where the server takes it from
	@scripts/web.sh

e2e: ## The tests in a browser alone
	@scripts/e2e.sh

measure: ## The pages against their budgets, in a browser
	@scripts/e2e.sh measure

pictures: ## A picture of every page, into var/pictures
	@scripts/e2e.sh pictures

test: ## Everything: formatting, lints, docs and all tests, on SQLite and PostgreSQL
	@scripts/test.sh

fmt: ## Format the code
	cargo fmt --all

lint: ## Clippy with warnings denied
	cargo clippy --workspace --all-targets -- -D warnings

docs: ## The documentation of the code, with warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

bench: ## All benches, the load also on a PostgreSQL of its own (takes many minutes)
	scripts/postgres.sh run cargo bench --locked --workspace --benches

bench-calendars: ## How quickly visits reach calendars, and what many calendars cost (starts a CalDAV server)
	scripts/bench-calendars.sh --bookings 100 --calendars 200 --events 300

deps: ## Licences, advisories and sources of dependencies; needs cargo-deny
	cargo deny check

postgres: ## Start a PostgreSQL for tests that stays, and print its URL
	@scripts/postgres.sh start

clean-db: ## Stop that PostgreSQL and remove the demo's data in var/demo
	scripts/postgres.sh stop
	rm -rf var/demo
