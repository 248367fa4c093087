package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.report.Permission;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/** What the API server says that the operator may do: everyone may ask. */
public final class AccessReview {

  private AccessReview() {}

  /** Which of these rights on an object is missing, as a sentence without its subject. */
  public static Optional<String> lacks(
      KubernetesClient client, List<String> verbs, HasMetadata object) {
    return verbs.stream()
        .flatMap(verb -> missing(client, verb, object).stream())
        .findFirst()
        .map(right -> "lacks the right to " + right);
  }

  /** The right to do that with that object, if it is missing. */
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
