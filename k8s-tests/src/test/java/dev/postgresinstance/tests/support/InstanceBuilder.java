package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Builds a PostgresInstance as a user writes it: the spec contains only fields that were set here.
 */
public final class InstanceBuilder {

  private final String namespace;
  private final String name;
  private final Consumer<Instance> whenApplied;
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();
  private final Map<String, Object> spec = new LinkedHashMap<>();
  private boolean isBuilt;

  InstanceBuilder(String namespace, String name, Consumer<Instance> whenApplied) {
    this.namespace = namespace;
    this.name = name;
    this.whenApplied = whenApplied;
  }

  public InstanceBuilder version(String version) {
    return set("version", version);
  }

  public InstanceBuilder image(String image) {
    return set("image", image);
  }

  /** Removes `spec.image`, as if it had never been set. */
  public InstanceBuilder defaultImage() {
    spec.remove("image");
    return this;
  }

  public InstanceBuilder database(String database) {
    return set("database", database);
  }

  public InstanceBuilder username(String username) {
    return set("username", username);
  }

  public InstanceBuilder initdb(String option, Object value) {
    return setIn("initdb", option, value);
  }

  public InstanceBuilder storage(String size) {
    return setIn("storage", "size", size);
  }

  public InstanceBuilder storageClass(String name) {
    return setIn("storage", "storageClassName", name);
  }

  public InstanceBuilder serviceType(String type) {
    return setIn("service", "type", type);
  }

  public InstanceBuilder nodePort(int port) {
    return setIn("service", "nodePort", port);
  }

  /** A field, or a value of a field, that only a newer CRD allows. */
  public InstanceBuilder newerField(String field, Object value) {
    return set(field, value);
  }

  /** Any other field of `spec.service`. */
  public InstanceBuilder service(String field, Object value) {
    return setIn("service", field, value);
  }

  /** A field of `spec.tls`. */
  public InstanceBuilder tls(String field, Object value) {
    return setIn("tls", field, value);
  }

  /** Backup to a bucket, with the credentials in a Secret. */
  public InstanceBuilder backup(S3Bucket bucket, String secret) {
    return setIn("backup", "store", bucket.store(secret))
        .backup("wal", Map.of("uploadInterval", "1s"));
  }

  /** A field of `spec.backup`. */
  public InstanceBuilder backup(String field, Object value) {
    return small().setIn("backup", field, value);
  }

  /** Removes `spec.backup`. */
  public InstanceBuilder withoutBackup() {
    spec.remove("backup");
    return this;
  }

  /** A field of `spec.source`. */
  public InstanceBuilder source(String field, Object value) {
    return small().setIn("source", field, value);
  }

  /**
   * Requests little, because tests of backups need several instances and pods at once. Not if the
   * instance exists: that would restart its server.
   */
  private InstanceBuilder small() {
    return isBuilt || spec.containsKey("resources") ? this : requests("20m", "64Mi");
  }

  /** A field of `spec.pod`. */
  public InstanceBuilder pod(String field, Object value) {
    return setIn("pod", field, value);
  }

  public InstanceBuilder withoutPod(String field) {
    return withoutIn("pod", field);
  }

  public InstanceBuilder passwordSecret(String name) {
    return setIn("passwordSecretRef", "name", name);
  }

  /** Removes `spec.passwordSecretRef`: the operator generates the password. */
  public InstanceBuilder generatedPassword() {
    spec.remove("passwordSecretRef");
    return this;
  }

  public InstanceBuilder passwordRotation(String interval) {
    return setIn("passwordRotation", "interval", interval);
  }

  public InstanceBuilder superuserAccess(boolean access) {
    return set("superuserAccess", access);
  }

  public InstanceBuilder requests(String cpu, String memory) {
    return setIn("resources", "requests", Map.of("cpu", cpu, "memory", memory));
  }

  public InstanceBuilder memoryLimit(String memory) {
    return setIn("resources", "limits", Map.of("memory", memory));
  }

  public InstanceBuilder parameter(String name, String value) {
    return setIn("parameters", name, value);
  }

  /** Removes `spec.parameters`, as if no parameter had ever been set. */
  public InstanceBuilder noParameters() {
    spec.remove("parameters");
    return this;
  }

  public InstanceBuilder restartPolicy(String policy) {
    return set("restartPolicy", policy);
  }

  public InstanceBuilder deletionPolicy(String policy) {
    return set("deletionPolicy", policy);
  }

  public InstanceBuilder suspend(boolean suspend) {
    return set("suspend", suspend);
  }

  public InstanceBuilder paused(boolean paused) {
    return set("paused", paused);
  }

  /** An annotation in the group of the operator; null removes it. */
  public InstanceBuilder annotation(String name, String value) {
    String key = PostgresInstance.GROUP + "/" + name;
    if (value == null) {
      annotations.remove(key);
    } else {
      annotations.put(key, value);
    }
    return this;
  }

  String namespace() {
    return namespace;
  }

  /** Adds the label and the annotation by which Argo CD tracks the objects of an application. */
  public InstanceBuilder trackedByArgoCd(String application) {
    labels.put("app.kubernetes.io/instance", application);
    annotations.put(
        "argocd.argoproj.io/tracking-id",
        "%s:%s/PostgresInstance:%s/%s"
            .formatted(application, PostgresInstance.GROUP, namespace, name));
    return this;
  }

  /** Builds the instance without applying it. */
  public Instance notApplied() {
    Instance instance = new Instance(namespace, name, this);
    isBuilt = true;
    whenApplied.accept(instance);
    return instance;
  }

  /** Applies the instance without waiting for it. */
  public Instance applied() {
    Instance instance = notApplied();
    instance.apply();
    return instance;
  }

  /** Applies the instance and waits until it is ready. */
  public Instance running() {
    Instance instance = applied();
    Eventually.instance(instance).isReady();
    return instance;
  }

  GenericKubernetesResource build() {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(PostgresInstance.GROUP + "/" + PostgresInstance.VERSION)
        .withKind("PostgresInstance")
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .withLabels(labels)
        .withAnnotations(annotations)
        .endMetadata()
        .addToAdditionalProperties("spec", spec)
        .build();
  }

  private InstanceBuilder set(String field, Object value) {
    spec.put(field, value);
    return this;
  }

  private InstanceBuilder setIn(String part, String field, Object value) {
    Map<String, Object> fields = fieldsOf(part);
    fields.put(field, value);
    return set(part, fields);
  }

  private InstanceBuilder withoutIn(String part, String field) {
    Map<String, Object> fields = fieldsOf(part);
    fields.remove(field);
    if (!fields.isEmpty()) {
      return set(part, fields);
    }
    spec.remove(part);
    return this;
  }

  private Map<String, Object> fieldsOf(String part) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (spec.get(part) instanceof Map<?, ?> before) {
      before.forEach((key, old) -> fields.put((String) key, old));
    }
    return fields;
  }
}
