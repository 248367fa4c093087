/**
 * Tests of the operator's access to a store of objects, against a real server. They use the code of
 * the operator, because what they show is too slow or too rare in a backup of an instance.
 */
package dev.postgresinstance.tests.store;
