package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.report.Permission;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/** Asks the API server for permissions of the operator; the review itself needs no permission. */
public final class AccessReview {

  private AccessReview() {}

  /**
   * The first missing permission, as a clause for a message.
   *
   * @param verbs the verbs that the operator needs for the object
   */
  public static Optional<String> missingPermission(
      KubernetesClient client, List<String> verbs, HasMetadata object) {
    return verbs.stream()
        .flatMap(verb -> missing(client, verb, object).stream())
        .findFirst()
        .map(permission -> "the operator lacks permission to " + permission);
  }

  /** The permission to use a verb on an object, if it is missing. */
  static Optional<Permission> missing(KubernetesClient client, String verb, HasMetadata object) {
    String plural = HasMetadata.getPlural(object.getClass());
    String namespace = object.getMetadata().getNamespace();
    boolean allowed =
        client
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(
                new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withVerb(verb)
                    .withGroup(HasMetadata.getGroup(object.getClass()))
                    .withResource(plural)
                    .withNamespace(namespace)
                    .withName(object.getMetadata().getName())
                    .endResourceAttributes()
                    .endSpec()
                    .build())
            .getStatus()
            .getAllowed();
    return allowed ? Optional.empty() : Optional.of(new Permission(verb, plural, namespace));
  }
}
