/**
 * Shared fixtures of the tests on a cluster. {@link dev.postgresinstance.tests.support.Given}
 * starts the operator, creates a namespace per test class and builds the instances of a test. Tests
 * change instances through {@link dev.postgresinstance.tests.support.Instance} and {@link
 * dev.postgresinstance.tests.support.Cluster}, and wait for the result with {@link
 * dev.postgresinstance.tests.support.Eventually}. After each test, {@code Given} searches for
 * leaked passwords, saves evidence of a failure and deletes what the test created.
 */
package dev.postgresinstance.tests.support;
