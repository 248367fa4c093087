package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsOrArray;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsOrBool;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The CustomResourceDefinitions that module crd generates. */
public final class Crd {

  private static final String NAME = "postgresinstances." + PostgresInstance.GROUP;
  private static final String BACKUPS = "postgresbackups." + PostgresInstance.GROUP;

  private static final long PATIENCE_SECONDS = 240;

  private Crd() {}

  /** Applies the CRDs. They stay after the tests: deleting one would delete all its resources. */
  public static void apply(KubernetesClient client) {
    apply(client, definition());
    apply(client, definition(BACKUPS));
  }

  private static void apply(KubernetesClient client, CustomResourceDefinition definition) {
    ClusterLock.acquire(); // another run may use another version of the CRD
    client.resource(definition).forceConflicts().serverSideApply();
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(definition.getMetadata().getName())
        .waitUntilCondition(Crd::isEstablished, PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Applies a newer CRD: {@code spec.restartPolicy} also allows {@code Never}, and there is a field
   * {@code spec.future}.
   */
  public static void applyNewer(KubernetesClient client) {
    CustomResourceDefinition newer = definition();
    Map<String, JSONSchemaProps> fields =
        newer
            .getSpec()
            .getVersions()
            .getFirst()
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec")
            .getProperties();
    fields.get("restartPolicy").getEnum().add(TextNode.valueOf("Never"));
    fields.put(
        "future", new JSONSchemaPropsBuilder().withXKubernetesPreserveUnknownFields(true).build());
    apply(client, newer);
  }

  /**
   * Applies a CRD with types and defaults but without limits and validation rules; the status may
   * contain any fields.
   */
  public static void applyWithoutBounds(KubernetesClient client) {
    CustomResourceDefinition lax = definition();
    JSONSchemaProps root = lax.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    root.getProperties()
        .put(
            "status",
            new JSONSchemaPropsBuilder()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .build());
    withoutBounds(root);
    apply(client, lax);
  }

  private static void withoutBounds(JSONSchemaProps schema) {
    schema.setMaxLength(null);
    schema.setPattern(null);
    schema.setFormat(null);
    schema.setEnum(List.of());
    schema.setMaximum(null);
    schema.setMaxItems(null);
    schema.setMaxProperties(null);
    schema.setXKubernetesValidations(List.of());
    schema.getProperties().values().forEach(Crd::withoutBounds);
    Stream.of(
            Optional.ofNullable(schema.getItems()).map(JSONSchemaPropsOrArray::getSchema),
            Optional.ofNullable(schema.getAdditionalProperties())
                .map(JSONSchemaPropsOrBool::getSchema))
        .flatMap(Optional::stream)
        .forEach(Crd::withoutBounds);
  }

  /** Deletes the CRD, and all instances with it. */
  public static void remove(KubernetesClient client) {
    client.resource(definition()).delete();
    client
        .resource(definition())
        .waitUntilCondition(Objects::isNull, PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** The CRD of instances from the generated file. */
  public static CustomResourceDefinition definition() {
    return definition(NAME);
  }

  private static CustomResourceDefinition definition(String name) {
    InputStream yaml =
        Objects.requireNonNull(
            Crd.class.getResourceAsStream("/META-INF/fabric8/" + name + "-v1.yml"),
            "module crd is not on the class path");
    return Serialization.unmarshal(yaml, CustomResourceDefinition.class);
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(c -> "Established".equals(c.getType()) && "True".equals(c.getStatus()));
  }
}
