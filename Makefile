# What people and CI run. `make` alone lists the targets.

export SWIFT ?= swift
# `swift` that leaves nothing in TMPDIR.
RUN_SWIFT   := scripts/swift.sh
SWIFT_FLAGS ?= --explicit-target-dependency-import-check error
# Releases carry the Swift runtime inside, so that the machine they are installed on needs no toolchain. Other compiler
# flags, so another build directory. STATIC=0 links to the toolchain's libraries instead.
STATIC      ?= 1
ifeq ($(STATIC),1)
RELEASE_DIR   := .build-release
RELEASE_FLAGS := -c release --scratch-path $(RELEASE_DIR) --static-swift-stdlib
else
RELEASE_DIR   := .build
RELEASE_FLAGS := -c release
endif

# What everybody is asked to lay out alike.
LAYOUT     := Sources Tests Benchmarks Package.swift

PREFIX     ?= /usr/local
DESTDIR    ?=
bindir     := $(PREFIX)/bin
libexecdir := $(PREFIX)/libexec/muster
unitdir    := $(PREFIX)/lib/systemd/system
docdir     := $(PREFIX)/share/doc/muster
mandir     := $(PREFIX)/share/man
# The programs whose arguments and layout muster takes when it is called by their names.
LINKS      := salt salt-key salt-call
UNITS      := muster-controller.service muster-node.service muster-broker.service

.DEFAULT_GOAL := help
.PHONY: help demo test quick bench soak build build-tests release install uninstall format lint packages test-packages peers clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: packages ## build, then run a controller and five nodes on loopback (ONCE=1: end after the jobs)
	$(RUN_SWIFT) build $(SWIFT_FLAGS) --product muster
	.build/debug/muster demo $(if $(ONCE),--once)

test: test-packages ## the whole suite, with real peers, which it installs into a cache directory
	@$(MAKE) --no-print-directory -j2 build-tests test-peers
# One after the other: what runs beside the peers starves, and they beside one another do too.
	$(RUN_SWIFT) test $(SWIFT_FLAGS) --skip-build --skip InteropTests --skip FaultTests
	$(RUN_SWIFT) test $(SWIFT_FLAGS) --skip-build --no-parallel --filter 'InteropTests|FaultTests'

quick: packages ## the unit tests only
	$(RUN_SWIFT) test $(SWIFT_FLAGS) --skip InteropTests --skip FaultTests

soak: release ## half an hour of mixed load, and a storm of 5000 nodes (MUSTER_SOAK_MINUTES, MUSTER_STORM_NODES)
	$(RUN_SWIFT) build $(SWIFT_FLAGS) --build-tests
	MUSTER_PROGRAM=$(CURDIR)/$(RELEASE_DIR)/release/muster MUSTER_SOAK_MINUTES=$${MUSTER_SOAK_MINUTES:-30} MUSTER_STORM_NODES=$${MUSTER_STORM_NODES:-5000} \
		$(RUN_SWIFT) test $(SWIFT_FLAGS) --skip-build --no-parallel --filter 'FaultTests.(SoakTests|StormTests)'

# Without a salt-master, RabbitMQ or ActiveMQ to compare with, its column stays empty and the table says why.
bench: release ## measure a release build beside unchanged salt-master, RabbitMQ, ActiveMQ (QUICK=1; BENCH_FLAGS=--help)
	$(RUN_SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product muster-bench
	-scripts/peers/install-salt.sh 3008.5
	$(RELEASE_DIR)/release/muster-bench $(if $(QUICK),--quick) $(BENCH_FLAGS)

build: packages ## a debug build
	$(RUN_SWIFT) build $(SWIFT_FLAGS)

build-tests: packages
	$(RUN_SWIFT) build $(SWIFT_FLAGS) --build-tests

release: packages ## an optimised build with the Swift runtime inside (STATIC=0: without)
	$(RUN_SWIFT) build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product muster

install: release ## install into PREFIX (/usr/local), below DESTDIR
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(unitdir) $(DESTDIR)$(docdir)/examples
	install -d $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man5
	install -m 755 -s $(RELEASE_DIR)/release/muster $(DESTDIR)$(bindir)/muster
	for name in $(LINKS); do ln -sf ../../bin/muster $(DESTDIR)$(libexecdir)/$$name; done
	for unit in $(UNITS); do \
		sed 's|@bindir@|$(bindir)|' packaging/systemd/$$unit > $(DESTDIR)$(unitdir)/$$unit; \
		chmod 644 $(DESTDIR)$(unitdir)/$$unit; \
	done
	install -m 644 LICENSE $(wildcard README.md docs/*.md) $(DESTDIR)$(docdir)
	install -m 644 packaging/etc/muster/*.yaml $(DESTDIR)$(docdir)/examples
	install -m 644 man/*.1 $(DESTDIR)$(mandir)/man1
	install -m 644 man/*.5 $(DESTDIR)$(mandir)/man5
	@echo "installed. Put $(libexecdir) in front of PATH to have $(LINKS) mean muster."

uninstall: ## remove what install put there; configuration and data stay
	rm -f $(DESTDIR)$(bindir)/muster $(UNITS:%=$(DESTDIR)$(unitdir)/%)
	rm -f $(DESTDIR)$(mandir)/man1/muster.1 $(DESTDIR)$(mandir)/man5/muster-*.yaml.5
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(docdir)

format: ## lay out the sources
	$(SWIFT) format -i -r $(LAYOUT)

lint: ## check the layout of the sources, as CI does
	$(SWIFT) format lint --strict -r $(LAYOUT)

packages:
	@scripts/system-packages.sh build

test-packages:
	@scripts/system-packages.sh build test

peers: test-packages ## install the real peers of the interop tests
	scripts/peers/install.sh

# Without the peers the interop tests skip and say so; where CI=true a skip would fail anyway, so it fails here already.
.PHONY: test-peers
test-peers: test-packages
	scripts/peers/install.sh || [ "$$CI" != true ]

clean: ## remove what was built; the peers stay in their cache
	rm -rf .build .build-release
