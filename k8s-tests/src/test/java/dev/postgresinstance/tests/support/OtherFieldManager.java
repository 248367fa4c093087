package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;

/**
 * Another field manager that adds labels and annotations to existing objects by server-side apply.
 */
public final class OtherFieldManager {

  public static final String NAME = "policies";
  public static final Map<String, String> LABELS = Map.of("example.com/team", "blue");
  public static final Map<String, String> ANNOTATIONS = Map.of("example.com/note", "theirs");

  private OtherFieldManager() {}

  public static void addTo(HasMetadata object) {
    TestCluster.client()
        .resource(
            new GenericKubernetesResourceBuilder()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNewMetadata()
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withLabels(LABELS)
                .withAnnotations(ANNOTATIONS)
                .endMetadata()
                .build())
        .fieldManager(NAME)
        .serverSideApply();
  }
}
