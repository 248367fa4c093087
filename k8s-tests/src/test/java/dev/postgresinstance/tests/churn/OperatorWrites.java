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

/** The write requests of the operator, from the audit log. */
final class OperatorWrites {

  private static final String STATUS = "postgresinstances/status";

  private final List<AuditLog.Request> writes;

  private OperatorWrites(List<AuditLog.Request> writes) {
    this.writes = writes;
  }

  /** The writes of the operator, without Events, whose names do not tell what they are about. */
  static OperatorWrites of(OperatorUnderTest operator, Instant since) {
    return new OperatorWrites(
        AuditLog.writesSince(since).stream()
            .filter(operator::sent)
            .filter(write -> !write.resource().equals("events"))
            .toList());
  }

  int count() {
    return writes.size();
  }

  /**
   * Fails if the operator tried to write an object that does not belong to an instance by its name;
   * refused requests count as well.
   */
  void assertOnlyInstances() {
    Set<String> own =
        TestCluster.client()
            .resources(PostgresInstance.class)
            .inAnyNamespace()
            .list()
            .getItems()
            .stream()
            .flatMap(OperatorWrites::objects)
            .collect(Collectors.toSet());
    assertThat(writes)
        .as("writes of the operator to objects that belong to no instance")
        .allMatch(write -> own.contains(object(write)));
  }

  /**
   * Fails if the log has no writes for the instance, which would mean that the log is incomplete.
   */
  void assertWrote(Instance instance) {
    assertThat(writes)
        .as("writes of the operator to the objects of %s", instance)
        .extracting(OperatorWrites::object)
        .contains(
            "%s %s/%s".formatted("statefulsets", instance.namespace(), instance.name()),
            "%s %s/%s".formatted(STATUS, instance.namespace(), instance.name()));
  }

  /** Fails if the operator wrote child objects of an instance that nobody changed. */
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
            "secrets %s/%s-ca",
            "secrets %s/%s-tls",
            "secrets %s/%s-app",
            "secrets %s/%s-operator",
            "configmaps %s/%s-config",
            "statefulsets %s/%s",
            "pods %s/%s-0")
        .map(form -> form.formatted(namespace, name));
  }
}
