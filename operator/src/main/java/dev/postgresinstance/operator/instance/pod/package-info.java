/**
 * What the pods of an instance have in common, whichever feature creates them.
 *
 * <p>{@code PodOverlay} applies {@code spec.pod} to a pod template. {@code OtherContainers} finds
 * what admission webhooks have added to a pod, {@code RolloutRestart} whether kubectl asks for a
 * restart.
 */
package dev.postgresinstance.operator.instance.pod;
