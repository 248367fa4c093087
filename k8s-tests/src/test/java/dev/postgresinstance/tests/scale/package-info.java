/**
 * The scale measurement: memory, CPU time, writes and delays of the installed operator with many
 * instances on a simulated node. {@code Scale} creates a fleet of instances, restarts the operator,
 * reads its usage from the Docker container of the node and the requests from the audit log, and
 * prints each figure next to its goal. It also compares options of the JVM.
 */
package dev.postgresinstance.tests.scale;
