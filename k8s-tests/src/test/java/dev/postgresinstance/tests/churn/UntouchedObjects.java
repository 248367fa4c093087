package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Objects that must not change, with names similar to those of an instance under churn: objects of
 * other owners, one of them with the operator's labels, and the child objects of two unchanged
 * instances, one in the same namespace and one with the same name in another namespace.
 */
final class UntouchedObjects {

  private final List<Instance> instances;
  private final List<HasMetadata> objects = new ArrayList<>();

  private UntouchedObjects(List<Instance> instances) {
    this.instances = instances;
  }

  /** Creates the objects for an instance of the given name. */
  static UntouchedObjects of(Given given, String name) {
    UntouchedObjects untouched =
        new UntouchedObjects(
            List.of(
                given.instance(name + "-app").requests("10m", "64Mi").running(),
                given.instanceInOwnNamespace(name).requests("10m", "64Mi").running()));
    unrelatedObjects(name).map(given::object).forEach(untouched.objects::add);
    untouched.instances.stream()
        .flatMap(
            instance ->
                Stream.of(
                    instance.service(),
                    instance.configMap(),
                    instance.caSecret(),
                    instance.tlsSecret(),
                    instance.appSecret(),
                    instance.operatorSecret(),
                    instance.claim()))
        .forEach(untouched.objects::add);
    return untouched;
  }

  /** The unchanged instances. */
  List<Instance> instances() {
    return instances;
  }

  void assertUnchanged() {
    assertThat(versions(objects.stream().map(Cluster::current)))
        .as("resource versions of unchanged objects")
        .isEqualTo(versions(objects.stream()));
  }

  private static List<String> versions(Stream<HasMetadata> objects) {
    return objects
        .map(
            object ->
                object == null
                    ? "gone"
                    : "%s %s/%s: %s"
                        .formatted(
                            object.getKind(),
                            object.getMetadata().getNamespace(),
                            object.getMetadata().getName(),
                            object.getMetadata().getResourceVersion()))
        .toList();
  }

  private static Stream<HasMetadata> unrelatedObjects(String name) {
    return Stream.of(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name + "-config2")
            .endMetadata()
            .addToData("a.conf", "not yours")
            .build(),
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name + "-notes")
            .addToLabels("postgresinstance.dev/instance", name)
            .addToLabels("app.kubernetes.io/managed-by", "postgres-instance-operator")
            .endMetadata()
            .addToData("a.conf", "not yours")
            .build(),
        new SecretBuilder()
            .withNewMetadata()
            .withName(name + "-app-x")
            .endMetadata()
            .addToStringData("password", "not yours")
            .build(),
        new ServiceBuilder()
            .withNewMetadata()
            .withName(name + "-x")
            .endMetadata()
            .withNewSpec()
            .addNewPort()
            .withPort(5432)
            .endPort()
            .endSpec()
            .build(),
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName(name + "-data-x")
            .endMetadata()
            .withNewSpec()
            .withAccessModes("ReadWriteOnce")
            .withNewResources()
            .withRequests(Map.of("storage", new Quantity("1Gi")))
            .endResources()
            .endSpec()
            .build());
  }
}
