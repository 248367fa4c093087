/**
 * The base backup: it brings all files of a running server to the store.
 *
 * <p>pg_basebackup in another container writes one tar file into a pipe. {@code VerifiedTar} reads
 * the pipe on its way to the store and compares the files with PostgreSQL's manifest, so that an
 * incomplete or altered backup fails before the store has it. {@code WalWait} waits for the
 * write-ahead log without which the files are inconsistent. The record of the backup is written
 * last. Afterwards, {@code BaseBackup} deletes what the retention does not keep.
 */
package dev.postgresinstance.operator.archive.program.base;
