/**
 * What backups are worth: what is lost with a volume, whether each moment can be restored, and how
 * long everything takes. {@code Ledger} writes rows whose acknowledgement it remembers, and {@code
 * Disaster} takes away a server with its data at once.
 */
package dev.postgresinstance.tests.backup;
