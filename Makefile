# The whole project in a few words; `make help` lists them.
#   PYTHON=python3.12 make run     another interpreter
#   make run ARGS='--fleet FILE'   arguments for physai up; for pytest with `make test`
PYTHON ?= python3
ARGS ?=
SETUP = $(PYTHON) -m physai_ros.bootstrap
UV ?= .venv/bin/uv

# An environment of another ROS installation must not leak into this one.
unexport PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
unexport LD_LIBRARY_PATH ROS_DISTRO ROS_VERSION ROS_PYTHON_VERSION _ROS_WHEELS_BOOTSTRAP_COMPLETE

.PHONY: help run setup test train picture lock clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up, start the default fleet in simulation, show what it does; Ctrl-C stops it
	@$(SETUP) && exec .venv/bin/physai up $(ARGS)

setup: ## only set up .venv
	@$(SETUP)

test: ## set up, run lints, unit and integration tests
	@$(SETUP) --dev && exec .venv/bin/python -m pytest $(ARGS)

train: ## train the default bundles again (hours)
	@$(SETUP) --dev --train && exec .venv/bin/python -m training $(ARGS)

picture: ## render the picture of the running cell
	@$(SETUP) && exec .venv/bin/physai picture $(ARGS)

lock: ## compile requirements/*.in into the pinned lock files
	@$(SETUP) --dev
	@cd requirements && for name in base dev train jazzy; do \
	  echo "$$name.txt" && ../$(UV) pip compile -q --universal --python-version 3.10 \
	  --generate-hashes --no-annotate --no-header --no-emit-package torch $(if $(UPGRADE),--upgrade) \
	  --overrides $$(test -e $$name.override && echo $$name.override || echo /dev/null) \
	  $$name.in -o $$name.txt || exit 1; done

clean: ## remove the environment and everything built
	rm -rf .venv .venv.lock .venv.log build install log physai_ros.egg-info .pytest_cache
