/**
 * The write-ahead log in an archive, as a recovery reads it.
 *
 * <p>{@code WalSource} finds and downloads its files; {@code PartialSegment} joins the parts of one
 * that is not complete. {@code WalEnd} checks how far the records in a file reach, which {@code
 * WalRecords} reads, so that damaged log is never taken for the end. {@code ProgressWait} waits for
 * an archive that is still being written.
 */
package dev.postgresinstance.operator.archive.program.restore.wal;
