/**
 * Tests of the operator under faults: crashes, a faulty API server, stale views and broken
 * connections. A flow is a change that a user requests. The tests run flows, inject a fault by an
 * HTTP interceptor, a proxy or a separate operator process, and compare the end state with that of
 * a run without a fault. They also record every claim, pod and password in between, because no
 * fault may cause other effects than those of the flow.
 */
package dev.postgresinstance.tests.faults;
