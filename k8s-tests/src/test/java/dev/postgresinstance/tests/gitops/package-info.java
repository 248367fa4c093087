/**
 * Tests of the health checks for GitOps tools, without a cluster. Recorded PostgresInstance objects
 * in {@code src/test/resources/gitops} are evaluated with the rules of kstatus, Argo CD and Flux,
 * and compared with the expected health in {@code expected.csv}.
 */
package dev.postgresinstance.tests.gitops;
