package dev.postgresinstance.operator.feature.backup.pod;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;

/**
 * Pods that use the same claim prefer the same node: most volumes can be attached to one node only,
 * and not every volume tells the scheduler to which. They only prefer it, because the node of a pod
 * that is not gone yet may be lost.
 */
final class StoreAffinity {

  /** Label of a pod: name of the claim of the store that it uses. */
  private static final String LABEL = PostgresInstance.GROUP + "/store-claim";

  private static final int MAX_LABEL = 63;
  private static final int HIGHEST_WEIGHT = 100;

  private StoreAffinity() {}

  /** The same template for a pod that is near the others; with the affinity of the user. */
  static PodTemplateSpecBuilder together(PodTemplateSpec template, String claim) {
    PodTemplateSpecBuilder near = new PodTemplateSpecBuilder(template);
    if (claim.length() > MAX_LABEL) {
      return near;
    }
    return near.editMetadata()
        .addToLabels(LABEL, claim)
        .endMetadata()
        .editSpec()
        .withAffinity(
            new AffinityBuilder(template.getSpec().getAffinity())
                .editOrNewPodAffinity()
                .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                .withWeight(HIGHEST_WEIGHT)
                .withNewPodAffinityTerm()
                .withTopologyKey("kubernetes.io/hostname")
                .withNewLabelSelector()
                .addToMatchLabels(LABEL, claim)
                .endLabelSelector()
                .endPodAffinityTerm()
                .endPreferredDuringSchedulingIgnoredDuringExecution()
                .endPodAffinity()
                .build())
        .endSpec();
  }
}
