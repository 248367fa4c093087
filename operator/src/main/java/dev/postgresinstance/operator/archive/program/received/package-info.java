/**
 * Write-ahead log that a backup pod has received on the volume of its archive, and that is not a
 * part of the archive yet: a commit may have waited only for it to be received.
 *
 * <p>{@code ReceivedWal} finds it. Before its place is used for something else it is stored, and
 * {@code ArchiveWithReceived} shows it to a restore as if it were.
 */
package dev.postgresinstance.operator.archive.program.received;
