package dev.postgresinstance.tests.api;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Crd;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The validation rules of the CRD, each with valid and invalid examples: what the API server
 * accepts and with which message it refuses. Needs no operator.
 */
class ApiRulesTest {

  private static final int TOO_MANY_REQUESTS = 429;

  private static final KubernetesClient CLIENT = TestCluster.client();

  private static Namespace namespace;
  private static List<CustomResourceDefinition> crds;

  @BeforeAll
  static void namespaceWithoutPods() {
    Crd.apply(CLIENT);
    crds =
        CLIENT.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
            .filter(crd -> crd.getSpec().getGroup().equals(PostgresInstance.GROUP))
            .toList();
    namespace =
        CLIENT
            .resource(
                new NamespaceBuilder()
                    .withNewMetadata()
                    .withGenerateName("api-rules-")
                    .endMetadata()
                    .build())
            .create();
    // The tests create instances for a moment in order to change them. The quota prevents an
    // operator from starting their pods.
    CLIENT
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("no-pods")
                .withNamespace(namespace.getMetadata().getName())
                .endMetadata()
                .withNewSpec()
                .withHard(Map.of("pods", new Quantity("0")))
                .endSpec()
                .build())
        .create();
  }

  @AfterAll
  static void removeNamespace() {
    if (namespace != null) {
      CLIENT.resource(namespace).delete();
    }
  }

  static Stream<RuleExample> valid() {
    return RuleExample.valid();
  }

  static Stream<RuleExample> invalid() {
    return RuleExample.invalid();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void valid(RuleExample example) {
    assertThat(refusalCauses(example)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void invalid(RuleExample example) {
    assertThat(refusalCauses(example))
        .as("the causes of the refusal")
        .singleElement()
        .satisfies(cause -> assertThat(ruleName(cause)).isEqualTo(example.rule()));
  }

  @Test
  void eachRuleHasValidAndInvalidExamples() {
    Set<String> rules = Rules.of(crds);

    assertThat(RuleExample.valid().map(RuleExample::rule).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(rules);
    assertThat(RuleExample.invalid().map(RuleExample::rule).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(rules);
  }

  @Test
  void examplesOfImmutableFieldsAreUpdates() {
    assertThat(RuleExample.invalid().filter(example -> example.rule().contains("immutable")))
        .isNotEmpty()
        .allMatch(RuleExample::isChange);
  }

  @Test
  void emptySpecGetsAllDefaults() {
    GenericKubernetesResource created =
        resource(
                CLIENT
                    .getKubernetesSerialization()
                    .unmarshal(
                        """
                        apiVersion: postgresinstance.dev/v1alpha1
                        kind: PostgresInstance
                        metadata: {name: orders}
                        spec: {}
                        """,
                        GenericKubernetesResource.class))
            .dryRun()
            .create();

    Object spec = created.getAdditionalProperties().get("spec");
    assertThat(spec)
        .isEqualTo(
            Map.ofEntries(
                entry("version", "17"),
                entry("database", "app"),
                entry("username", "app"),
                entry("superuserAccess", false),
                entry("storage", Map.of("size", "1Gi")),
                entry("resources", Map.of("requests", Map.of("cpu", "100m", "memory", "256Mi"))),
                entry("service", Map.of("type", "NodePort", "externalTrafficPolicy", "Cluster")),
                entry("tls", Map.of("minVersion", "1.2", "required", false)),
                entry("deletionPolicy", "Retain"),
                entry("restartPolicy", "Immediate"),
                entry("suspend", false),
                entry("paused", false)));
  }

  private static List<StatusCause> refusalCauses(RuleExample example) {
    if (!example.isChange()) {
      return causes(
          () -> resource(example.tested()).dryRun().fieldValidation(Validation.STRICT).create());
    }
    Resource<GenericKubernetesResource> before = resource(example.before());
    before.create();
    if (example.before().getAdditionalProperties().containsKey("status")) {
      assertThat(causes(() -> resource(example.before()).updateStatus())).isEmpty();
    }
    try {
      // Update the current resourceVersion: an operator may have written the status meanwhile.
      return causes(
          () -> resource(example.tested()).dryRun().fieldValidation(Validation.STRICT).update());
    } finally {
      before.delete();
    }
  }

  private static List<StatusCause> causes(Runnable request) {
    KubernetesClientException refusal;
    do {
      refusal = catchThrowableOfType(KubernetesClientException.class, request::run);
      if (refusal == null) {
        return List.of();
      }
      // Read and update are two requests; an operator may write the status in between.
    } while (isTemporary(refusal));
    assertThat(refusal.getCode()).as(refusal.getMessage()).isEqualTo(422);
    return refusal.getStatus().getDetails().getCauses().stream()
        // Not a cause of its own: it reports that rules were skipped because of another cause.
        .filter(cause -> !cause.getMessage().contains("some validation rules were not checked"))
        .toList();
  }

  private static boolean isTemporary(KubernetesClientException refusal) {
    return refusal.getCode() == HttpURLConnection.HTTP_CONFLICT
        || refusal.getCode() == TOO_MANY_REQUESTS
        || refusal.getCode() / 100 != 4;
  }

  private static Resource<GenericKubernetesResource> resource(GenericKubernetesResource object) {
    return CLIENT
        .genericKubernetesResources(
            object.getKind().equals("PostgresBackup")
                ? ResourceDefinitionContext.fromResourceType(PostgresBackup.class)
                : ResourceDefinitionContext.fromResourceType(PostgresInstance.class))
        .inNamespace(namespace.getMetadata().getName())
        .resource(object);
  }

  /** The message of a validation rule, or field and keyword of a schema constraint. */
  private static String ruleName(StatusCause cause) {
    String message = cause.getMessage();
    String field = cause.getField().replaceAll("\\[\\d+]", ""); // any item of a list
    if (message.startsWith("Unsupported value")) {
      return field + " enum";
    }
    if (message.startsWith("Required value")) {
      return field + " required";
    }
    if (message.contains("greater than or equal to")) {
      return field + " minimum";
    }
    if (message.contains("less than or equal to")) {
      return field + " maximum";
    }
    return Rules.of(crds).stream().filter(message::endsWith).findFirst().orElse(message);
  }
}
