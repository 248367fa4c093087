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
 * What nobody changes, of names like those of an instance's own: objects of other people, one of
 * them in the operator's labels, and the children of instances that are left alone, one in the same
 * namespace and one of the same name in another.
 */
final class Bystanders {

  private final List<Instance> instances;
  private final List<HasMetadata> objects = new ArrayList<>();

  private Bystanders(List<Instance> instances) {
    this.instances = instances;
  }

  /** Beside the instance that will have that name. */
  static Bystanders of(Given given, String name) {
    Bystanders bystanders =
        new Bystanders(
            List.of(
                given.instance(name + "-app").requests("10m", "64Mi").running(),
                given.instanceInNamespaceOfItsOwn(name).requests("10m", "64Mi").running()));
    strangers(name).map(given::object).forEach(bystanders.objects::add);
    bystanders.instances.stream()
        .flatMap(
            instance ->
                Stream.of(
                    instance.service(),
                    instance.configMap(),
                    instance.appSecret(),
                    instance.operatorSecret(),
                    instance.claim()))
        .forEach(bystanders.objects::add);
    return bystanders;
  }

  /** The instances among them. */
  List<Instance> instances() {
    return instances;
  }

  void assertUnchanged() {
    assertThat(versions(objects.stream().map(Cluster::now)))
        .as("resource versions of what nobody changed")
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

  private static Stream<HasMetadata> strangers(String name) {
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
