package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorUnderTest;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the operator has written, as the API server has noted it. */
final class OwnWrites {

  private static final String STATUS = "postgresinstances/status";

  private final List<AuditLog.Request> writes;

  private OwnWrites(List<AuditLog.Request> writes) {
    this.writes = writes;
  }

  static OwnWrites of(OperatorUnderTest operator, Instant since) {
    return new OwnWrites(AuditLog.writesSince(since).stream().filter(operator::sent).toList());
  }

  int count() {
    return writes.size();
  }

  /** Nothing but what belongs to an instance by its name; what was refused counts, too. */
  void assertOnlyInstances() {
    Set<String> own =
        TestCluster.client()
            .resources(PostgresInstance.class)
            .inAnyNamespace()
            .list()
            .getItems()
            .stream()
            .flatMap(OwnWrites::objects)
            .collect(Collectors.toSet());
    assertThat(writes)
        .as("writes of the operator to what belongs to no instance")
        .allMatch(write -> own.contains(object(write)));
  }

  /** Each of them was written, or the log does not tell what it should. */
  void assertWrote(Instance instance) {
    assertThat(writes)
        .as("writes of the operator to the objects of %s", instance)
        .extracting(OwnWrites::object)
        .contains(
            "%s %s/%s".formatted("statefulsets", instance.namespace(), instance.name()),
            "%s %s/%s".formatted(STATUS, instance.namespace(), instance.name()));
  }

  /** Where nobody changed anything, nothing was to be written. */
  void assertLeftAlone(Instance instance) {
    Set<String> own = objects(instance.resource()).collect(Collectors.toSet());
    own.remove("%s %s/%s".formatted(STATUS, instance.namespace(), instance.name()));
    assertThat(writes)
        .as("writes of the operator to the objects of %s", instance)
        .noneMatch(write -> own.contains(object(write)));
  }

  private static String object(AuditLog.Request write) {
    return "%s %s/%s".formatted(write.resource(), write.namespace(), write.name());
  }

  private static Stream<String> objects(HasMetadata instance) {
    String namespace = instance.getMetadata().getNamespace();
    String name = instance.getMetadata().getName();
    return Stream.of(
            STATUS + " %s/%s",
            "services %s/%s",
            "persistentvolumeclaims %s/%s-data",
            "secrets %s/%s-app",
            "secrets %s/%s-operator",
            "configmaps %s/%s-config",
            "statefulsets %s/%s",
            "pods %s/%s-0")
        .map(form -> form.formatted(namespace, name));
  }
}
