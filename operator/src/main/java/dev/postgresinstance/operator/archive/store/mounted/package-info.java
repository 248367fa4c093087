/**
 * What the kubelet mounts from Secrets: the credentials and the authority of a store.
 *
 * <p>Files are read each time they are needed, so that a changed Secret is in force without a
 * restart.
 */
package dev.postgresinstance.operator.archive.store.mounted;
