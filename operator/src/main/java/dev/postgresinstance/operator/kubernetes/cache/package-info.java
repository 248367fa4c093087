/**
 * Reading instances and their objects.
 *
 * <p>{@code Informers} fill the caches. For each reconciliation {@code SnapshotReader} reads one
 * {@code Snapshot} from them, never older than the previous one ({@code ReadYourReads}), and only
 * when {@code CacheReadiness} allows it. {@code LenientDecoding} reads instances with an invalid
 * spec, so that one of them does not end the process.
 */
package dev.postgresinstance.operator.kubernetes.cache;
