/**
 * Tests of the CRD without an operator. Each validation rule has example files in {@code
 * src/test/resources/examples}; the tests send them to the API server as dry runs, after creating
 * the initial object of an update, and compare the cause of a refusal with the rule that the file
 * names. Injection payloads in every string of the spec must be refused or stored unchanged.
 */
package dev.postgresinstance.tests.api;
