/**
 * The program that takes a database from an archive. It runs beside {@code restore.sh}, which
 * recovers the database with PostgreSQL; both share a folder, see {@code Exchange}.
 *
 * <p>{@code Fetch} waits for the progress of an archive if it must ({@code ProgressWait}), chooses
 * a backup and checks that the archive reaches the target, unpacks the files of the backup onto the
 * volume, then answers PostgreSQL's requests for the write-ahead log until the script has ended.
 * Whatever is missing or damaged is a failure with a reason, never an earlier end of the log.
 */
package dev.postgresinstance.operator.archive.program.restore;
