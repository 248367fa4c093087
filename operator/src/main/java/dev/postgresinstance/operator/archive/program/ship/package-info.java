/**
 * The shipper: it brings the write-ahead log of a running server to the store.
 *
 * <p>A receiver in another container of the pod writes the log into the {@code Spool}. {@code
 * WalUploader} uploads it and then moves the guard slot, by which the server keeps everything that
 * is not in the store yet. {@code Lineages} decides, for each new session with the server, whether
 * the log continues that in the store or begins a new lineage. {@code Watch} tells the operator how
 * far the store is, by the text of a statement.
 */
package dev.postgresinstance.operator.archive.program.ship;
