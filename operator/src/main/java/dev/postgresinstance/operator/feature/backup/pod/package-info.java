/**
 * What the pods have in common that serve an instance beside its server: the backup pod, the base
 * backup and the restore.
 *
 * <p>{@code HelperPod} makes their pod templates and containers, {@code StoreAccess} the variables
 * and mounts by which they reach a store. {@code JobRun} tells from a Job and its pods how it goes.
 */
package dev.postgresinstance.operator.feature.backup.pod;
