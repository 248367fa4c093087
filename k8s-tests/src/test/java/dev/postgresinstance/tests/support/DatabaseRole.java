package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.RoleCorrection;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A PostgresRole in the test cluster. */
public final class DatabaseRole {

  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private final Instance instance;
  private final String name;

  private DatabaseRole(Instance instance, String name) {
    this.instance = instance;
    this.name = name;
  }

  /**
   * Creates a PostgresRole.
   *
   * @param spec its spec, without the instance
   */
  public static DatabaseRole create(Instance instance, String name, Map<String, Object> spec) {
    DatabaseRole role = new DatabaseRole(instance, name);
    role.apply(spec);
    return role;
  }

  /** A PostgresRole that the test has applied by itself. */
  public static DatabaseRole existing(Instance instance, String name) {
    return new DatabaseRole(instance, name);
  }

  /** Sets the spec, as {@code kubectl apply --server-side} does. */
  public void apply(Map<String, Object> spec) {
    Map<String, Object> whole = new TreeMap<>(spec);
    whole.put("instanceRef", Map.of("name", instance.name()));
    GenericKubernetesResource resource =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(PostgresInstance.GROUP + "/" + PostgresInstance.VERSION)
            .withKind("PostgresRole")
            .withNewMetadata()
            .withNamespace(instance.namespace())
            .withName(name)
            .endMetadata()
            .addToAdditionalProperties("spec", whole)
            .build();
    TestCluster.client().resource(resource).fieldManager("user").serverSideApply();
  }

  /** The reasons for which any test has waited, and which have occurred. */
  static Set<String> seenReasons() {
    return SEEN;
  }

  /** The resource as it is now. */
  public PostgresRole resource() {
    return client().get();
  }

  /** The Secret with the login; null if there is none. */
  public Secret secret() {
    return instance.secret(name + "-role");
  }

  /** The data of the Secret, decoded. */
  public Map<String, String> credentials() {
    return Instance.decoded(secret());
  }

  /** Logs in over the node port, with the credentials in the Secret. */
  public Client connect() throws SQLException {
    Map<String, String> credentials = credentials();
    return Client.connect(
        instance.resource().getStatus().endpoints().address(),
        credentials.get("database"),
        credentials.get("username"),
        credentials.get("password"));
  }

  /** Sets an annotation of the resource. */
  public void annotate(String annotation, String value) {
    client()
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            TestCluster.client()
                .getKubernetesSerialization()
                .asJson(Map.of("metadata", Map.of("annotations", Map.of(annotation, value)))));
  }

  /** Deletes the resource and returns when it is gone. */
  public void delete() {
    client().delete();
    Eventually.that(
        "PostgresRole %s is gone".formatted(name), () -> assertThat(resource()).isNull());
  }

  /** Waits until the role is ready with its present spec. */
  public DatabaseRole isReady() {
    eventually(Reason.ROLE_READY);
    return this;
  }

  /** Waits until Ready has a reason for the present spec, and returns its message. */
  public String eventually(Reason reason) {
    return Eventually.nonNull(
        "PostgresRole %s has reason %s".formatted(name, reason.word()),
        () -> {
          PostgresRole now = resource();
          Optional<Condition> ready =
              Optional.ofNullable(now.getStatus())
                  .flatMap(status -> status.condition(PostgresRoleStatus.READY));
          assertThat(ready.map(Condition::getReason))
              .as(() -> "Ready: " + ready.map(Condition::getMessage))
              .contains(reason.word());
          assertThat(now.getStatus().observedGeneration())
              .isEqualTo(now.getMetadata().getGeneration());
          SEEN.add(reason.word());
          return ready.orElseThrow().getMessage();
        });
  }

  /** Waits until the status tells a correction whose message contains a text. */
  public void isCorrected(String found) {
    Eventually.that(
        "PostgresRole %s tells that %s".formatted(name, found),
        () ->
            assertThat(
                    Optional.ofNullable(resource().getStatus().lastCorrection())
                        .map(RoleCorrection::message)
                        .orElse(""))
                .contains(found));
    Eventually.that(
        "an Event tells the correction",
        () ->
            assertThat(
                    TestCluster.client()
                        .v1()
                        .events()
                        .inNamespace(instance.namespace())
                        .withField("involvedObject.name", name)
                        .list()
                        .getItems())
                .anyMatch(event -> event.getMessage().contains(found)));
    SEEN.add(EventReason.ROLE_CORRECTED.word());
  }

  private Resource<PostgresRole> client() {
    return TestCluster.client()
        .resources(PostgresRole.class)
        .inNamespace(instance.namespace())
        .withName(name);
  }
}
