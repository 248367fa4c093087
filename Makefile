# The commands of the project. Each target runs one script, or Maven once.
.DEFAULT_GOAL := help
SHELL := bash
cluster := k8s-tests/cluster
maven = . $(cluster)/lib.sh && maven

# Where the operator runs in the tests: in-process or installed.
OPERATOR ?= in-process
# The number of measured rounds of the benchmark.
ROUNDS ?= 5
# The churn test: duration, number of instances, and seed of the random changes (random if empty).
MINUTES ?= 10
INSTANCES ?= 10
SEED ?=
# The flows in which the fault tests kill the operator, such as BACKUP,RESTORE (all if empty).
FLOWS ?=
# The name of one test class.
TEST ?=
export TEST

.PHONY: help demo demo-store test e2e test-versions test-clients test-cert-manager test-long test-busybox faults churn bench bench-backup bench-logins scale scale-idle scale-runtimes scale-logins run build crd format lint image pg-images tools env cluster-up test-cluster-up cluster-down

help: ## print this list
	@echo 'The targets install or build missing tools and images (Docker, kind, kubectl, helm).'
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do printf '  %-16s %s\n' "$$name" "$$text"; done
	@echo
	@echo 'Set PGI_REGISTRY=yes or no if you know whether an image registry can be reached; otherwise the scripts test it.'
	@echo 'Tools, kubeconfig and logs are in $${XDG_CACHE_HOME:-~/.cache}/postgres-instance.'

demo: ## create cluster pgi, install the operator, apply examples/quickstart, log in at 127.0.0.1:30432
	@$(cluster)/demo.sh

demo-store: ## start an S3 server with a bucket in cluster pgi, for the examples of backups
	@$(cluster)/demo-store.sh

test: ## run the unit and cluster tests (cluster pgi-test) without a target of their own; print the time per class
	@$(cluster)/test.sh

e2e: ## run the cluster tests; OPERATOR=in-process (default) or installed (with Helm), TEST=ClassName for one class
	@$(cluster)/e2e.sh $(OPERATOR)

test-versions: pg-images ## run the tests that need PostgreSQL 15 and 18
	@$(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=versions -Dtests.tags.excluded=

test-clients: ## log in with the published URIs, and by the programs in getting-started.md, with clients for Go, Python and Node.js
	@PGI_CLIENTS=$$($(cluster)/clients.sh) && export PGI_CLIENTS && $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=clients -Dtests.tags.excluded=

test-cert-manager: ## serve a certificate that cert-manager issues and renews
	@PGI_CERT_MANAGER=$$($(cluster)/cert-manager.sh) && export PGI_CERT_MANAGER && $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=cert-manager -Dtests.tags.excluded=

test-long: ## run the tests of all modules that take long, or repeat others with further values
	@TEST="$${TEST:-dev/postgresinstance/**/*Test}" $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=long -Dtests.tags.excluded=

faults: ## run the fault tests: kill the operator at each write, inject faults into the API server; N/N per suite; FLOWS=BACKUP,… for some flows only
	@TEST=$(or $(TEST),$(if $(FLOWS),CrashTest)) PGI_FAULT_FLOWS=$(FLOWS) \
	  $(cluster)/e2e.sh in-process -Dtests.tags=faults -Dtests.tags.excluded=

churn: ## change INSTANCES=10 at random for MINUTES=10, each with a writer; SEED=… repeats the same changes
	@PGI_CHURN_MINUTES=$(MINUTES) PGI_CHURN_INSTANCES=$(INSTANCES) PGI_CHURN_SEED=$(SEED) \
	  $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags=churn -Dtests.tags.excluded=

test-busybox: ## run the tests of the start script with BusyBox, which Alpine images use
	@$(cluster)/test-busybox.sh

bench: ## measure apply to SQL, deleted pod to SQL, and deletion to no pod, compared to a hand-written manifest
	@$(cluster)/bench.sh $(ROUNDS)

bench-backup: ## measure the overhead of backups, their and restores' throughput, and what a lost volume loses
	@TEST=BackupBenchmark,LostCommitsTest $(cluster)/e2e.sh $(OPERATOR) -Dtests.tags='bench|long' -Dtests.tags.excluded= \
	  -Djunit.jupiter.execution.parallel.enabled=false -Drounds=$(ROUNDS)

bench-logins: ## compare the processor time of the operator's logins without and with TLS, at a server in a container
	@$(cluster)/bench-logins.sh $(ROUNDS)

scale scale-idle scale-runtimes scale-logins: INSTANCES = 1000
scale scale-idle scale-runtimes scale-logins: ROUNDS = 3

scale-idle: ## measure only with no instance, one, and 100 unschedulable ones: the first part of make scale
	@$(cluster)/scale.sh idle $(INSTANCES) $(ROUNDS)

scale: ## measure the operator's memory and CPU, idle and with INSTANCES=1000, on the separate cluster pgi-scale
	@$(cluster)/scale.sh figures $(INSTANCES) $(ROUNDS)

scale-runtimes: ## compare JVM options with INSTANCES=1000, alternating them for ROUNDS=3
	@$(cluster)/scale.sh runtimes $(INSTANCES) $(ROUNDS)

scale-logins: ## compare the processor time of logins with and without TLS, and check that all certificates are served
	@$(cluster)/scale.sh logins $(INSTANCES) $(ROUNDS)

run: ## run the operator as a local process, for the current context of your kubeconfig
	@$(cluster)/run.sh

build: ## build the jars of all modules, without tests
	@$(cluster)/build.sh

crd: ## generate the CustomResourceDefinition in the chart, and docs/api.md, from the Java records
	@$(cluster)/crd.sh

format: ## format all Java code
	@$(maven) -q spotless:apply

lint: ## check the scripts (with shellcheck, if it is installed) and the chart
	@$(cluster)/lint.sh

image: ## build the operator's image in Docker
	@$(cluster)/operator-image.sh

pg-images: ## load PostgreSQL 15 and 18, which some tests need, into the test cluster
	@$(cluster)/pg-images.sh

tools: ## find or build kind, kubectl and helm
	@$(cluster)/tools.sh

env: ## print PATH and KUBECONFIG for a shell: eval "$(make -s env)"
	@$(cluster)/env.sh

cluster-up: ## start the demo cluster pgi (context kind-pgi), without the operator
	@$(cluster)/up.sh pgi

test-cluster-up: ## start the test cluster pgi-test (context kind-pgi-test)
	@. $(cluster)/lib.sh && $(cluster)/up.sh "$$test_cluster"

cluster-down: ## remove all clusters, their kubeconfig, network and routes; keep images and tools
	@$(cluster)/down.sh
