package dev.postgresinstance.api.v1alpha1;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Generates the CRDs from the classes, in memory. */
final class GeneratedCrd {

  static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  /** The classes of all resources. */
  static final List<Class<? extends CustomResource<?, ?>>> KINDS =
      List.of(PostgresInstance.class, PostgresBackup.class);

  /**
   * Printer columns in the order of `kubectl get -o wide`; plain `kubectl get` shows those without
   * a priority. The generator sorts them by path.
   */
  private static final Map<Class<?>, List<String>> COLUMNS =
      Map.of(
          PostgresInstance.class,
          List.of(
              "READY",
              "STATUS",
              "VERSION",
              "SIZE",
              "ENDPOINT",
              "AGE",
              "AVAILABLE",
              "USED",
              "SECRET",
              "MESSAGE"),
          PostgresBackup.class,
          List.of(
              "INSTANCE",
              "COMPLETE",
              "STATUS",
              "SIZE",
              "STORED",
              "COMPLETED",
              "VERIFIED",
              "AGE",
              "VERSION",
              "MESSAGE"));

  private GeneratedCrd() {}

  static List<CustomResourceDefinition> all() {
    return KINDS.stream().map(GeneratedCrd::of).toList();
  }

  static List<String> columnNames(Class<?> kind) {
    return COLUMNS.get(kind);
  }

  static CustomResourceDefinition of(Class<? extends CustomResource<?, ?>> kind) {
    List<CustomResourceDefinition> generated = new ArrayList<>();
    CRDPostProcessor take =
        new CRDPostProcessor() {
          @Override
          public HasMetadata process(HasMetadata crd, String crdSpecVersion) {
            generated.add((CustomResourceDefinition) crd);
            return crd;
          }
        };
    try (NoFile nowhere = new NoFile()) {
      new CRDGenerator()
          .withOutput(nowhere)
          .withPostProcessor(take)
          .forCRDVersions("v1")
          .customResourceClasses(List.of(kind))
          .generate();
    }
    CustomResourceDefinition crd = generated.getFirst();
    columns(crd)
        .sort(Comparator.comparingInt(column -> COLUMNS.get(kind).indexOf(column.getName())));
    // The API server drops priority 0, so GitOps tools would report a permanent difference.
    columns(crd).stream()
        .filter(column -> Integer.valueOf(0).equals(column.getPriority()))
        .forEach(column -> column.setPriority(null));
    return crd;
  }

  static CustomResourceDefinitionVersion version(CustomResourceDefinition crd) {
    return crd.getSpec().getVersions().getFirst();
  }

  static JSONSchemaProps schema(CustomResourceDefinition crd) {
    return version(crd).getSchema().getOpenAPIV3Schema();
  }

  static List<CustomResourceColumnDefinition> columns(CustomResourceDefinition crd) {
    return version(crd).getAdditionalPrinterColumns();
  }

  static String yaml(CustomResourceDefinition crd) {
    return SERIALIZATION.asYaml(withWholeNumbers(SERIALIZATION.convertValue(crd, Map.class)));
  }

  /** The model holds bounds as doubles; the file contains 65535 instead of 65535.0. */
  private static Object withWholeNumbers(Object node) {
    return switch (node) {
      case Map<?, ?> map -> {
        Map<Object, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(key, withWholeNumbers(value)));
        yield copy;
      }
      case List<?> list -> list.stream().map(GeneratedCrd::withWholeNumbers).toList();
      case Double number when number == Math.rint(number) -> number.longValue();
      case null, default -> node;
    };
  }

  private static final class NoFile extends CRDGenerator.AbstractCRDOutput<ByteArrayOutputStream> {
    @Override
    protected ByteArrayOutputStream createStreamFor(String crdName) {
      return new ByteArrayOutputStream();
    }

    @Override
    public void close() {
      // holds no open resource
    }
  }
}
