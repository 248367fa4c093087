/**
 * Tests of the documentation, without a cluster: links and make targets exist, quoted files are up
 * to date, and each reason of a condition or an event is documented and declared by a test with
 * {@link dev.postgresinstance.tests.support.CoversReasons}.
 */
package dev.postgresinstance.tests.docs;
