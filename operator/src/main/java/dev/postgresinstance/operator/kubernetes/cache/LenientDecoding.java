package dev.postgresinstance.operator.kubernetes.cache;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.management.LogContext;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes instances and backups, including those whose spec does not fit the Java types. A newer
 * resource definition, or an older one without a validation rule, may have accepted such a spec. It
 * must affect only its own resource, whereas by default the framework would end the process.
 *
 * <p>The error is kept in the metadata of the decoded resource, under names that the Kubernetes API
 * does not have and that are never sent. It has to be part of the resource, because the framework
 * passes on copies that it makes by encoding and decoding a resource.
 */
public final class LenientDecoding {

  private static final Logger log = LoggerFactory.getLogger(LenientDecoding.class);
  private static final int MAX_MESSAGE = 201; // 200 characters and an ellipsis

  /** Copies are made by recursion: more levels could overflow a small stack. */
  private static final int MAX_LEVELS = 100;

  /** Eight times the maximum length of any field in the resource definition. */
  private static final int MAX_TEXT = 32_768;

  private static final String TOO_LONG = "more than %d characters".formatted(MAX_TEXT);

  private static final String INVALID = "x-invalid";
  private static final String UNKNOWN = "x-unknown";

  /** What spec and status of our resources are decoded to. */
  private static final Map<Class<?>, Parts<?, ?>> PARTS =
      Map.of(
          PostgresInstance.class,
          new Parts<>(PostgresInstanceSpec.class, PostgresInstanceStatus.class),
          PostgresBackup.class,
          new Parts<>(PostgresBackupSpec.class, PostgresBackupStatus.class));

  private record Parts<S, T>(Class<S> spec, Class<T> status) {}

  /** All kinds that are watched. By default the client would load hundreds of kinds. */
  private static final List<Class<? extends KubernetesResource>> KINDS =
      List.of(
          PostgresInstance.class,
          PostgresBackup.class,
          Service.class,
          PersistentVolumeClaim.class,
          Secret.class,
          ConfigMap.class,
          StatefulSet.class,
          Job.class,
          Pod.class,
          Status.class);

  /** The API server accepts objects of up to 1.5 MiB with up to 10,000 levels of nesting. */
  private static final StreamReadConstraints API_SERVER_LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(10_100).maxNameLength(2_000_000).build();

  private LenientDecoding() {}

  /** Creates the serialization for the client of the operator. */
  public static KubernetesSerialization serialization() {
    ObjectMapper mapper =
        new ObjectMapper(new JsonFactoryBuilder().streamReadConstraints(API_SERVER_LIMITS).build());
    mapper.registerModule(new SimpleModule().setDeserializerModifier(new ResourceModifier()));
    KubernetesSerialization json = new KubernetesSerialization(mapper, false);
    KINDS.forEach(json::registerKubernetesResource);
    return json;
  }

  /**
   * The field of the spec that cannot be decoded, and its value; the spec of the resource is null.
   */
  public static Optional<String> invalid(CustomResource<?, ?> resource) {
    return property(resource, INVALID);
  }

  /** The fields of the spec that this version of the operator does not know, comma-separated. */
  public static Optional<String> unknown(CustomResource<?, ?> resource) {
    return property(resource, UNKNOWN);
  }

  private static Optional<String> property(CustomResource<?, ?> resource, String name) {
    return Optional.ofNullable(resource.getMetadata().getAdditionalProperties().get(name))
        .map(Object::toString);
  }

  private static final class ResourceModifier extends BeanDeserializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> standard) {
      return Optional.<Parts<?, ?>>ofNullable(PARTS.get(bean.getBeanClass()))
          .<JsonDeserializer<?>>map(parts -> new ResourceDeserializer<>(standard, parts))
          .orElse(standard);
    }
  }

  /** Decodes spec and status separately from the rest, so that an error in them is contained. */
  private static final class ResourceDeserializer<S, T> extends DelegatingDeserializer {
    private static final long serialVersionUID = 1;

    private final transient Parts<S, T> parts;

    private ResourceDeserializer(JsonDeserializer<?> standard, Parts<S, T> parts) {
      super(standard);
      this.parts = parts;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> standard) {
      return new ResourceDeserializer<>(standard, parts);
    }

    @Override
    @SuppressWarnings("unchecked") // the map of parts has the types of the resource
    public CustomResource<S, T> deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      ObjectNode whole = (ObjectNode) context.readTree(parser);
      JsonNode spec = whole.remove("spec");
      JsonNode status = whole.remove("status");
      if (whole.get("metadata") instanceof ObjectNode metadata) {
        metadata.remove("managedFields"); // nobody reads them, and they take a lot of memory
      }
      JsonParser rest = whole.traverse(parser.getCodec());
      rest.nextToken();
      CustomResource<S, T> resource = (CustomResource<S, T>) super.deserialize(rest, context);
      if (spec != null) {
        readSpec(spec, resource, parts.spec(), context);
      }
      if (status != null) {
        readStatus(status, resource, parts.status(), context);
      }
      return resource;
    }
  }

  private static <S> void readSpec(
      JsonNode spec, CustomResource<S, ?> resource, Class<S> type, DeserializationContext context)
      throws IOException {
    try {
      if (JsonTree.isDeeper(spec, MAX_LEVELS)) {
        setInvalid(resource, "spec: more than %d levels".formatted(MAX_LEVELS));
      } else {
        setSpec(resource, context.readTreeAsValue(spec, type), spec, context);
      }
    } catch (JsonMappingException e) {
      setInvalid(resource, describe(e, "spec", spec));
    }
  }

  /** Sets the decoded spec; fields that are lost when it is encoded again are unknown fields. */
  private static <S> void setSpec(
      CustomResource<S, ?> resource, S decoded, JsonNode spec, DeserializationContext context) {
    JsonNode known = ((ObjectMapper) context.getParser().getCodec()).valueToTree(decoded);
    // The API server would reject such a text in children and in the status.
    Optional<String> tooLong = JsonTree.tooLong("spec", known, MAX_TEXT).findFirst();
    if (tooLong.isPresent()) {
      setInvalid(resource, "%s: %s".formatted(tooLong.get(), TOO_LONG));
      return;
    }
    resource.setSpec(decoded);
    String unknown = JsonTree.missing("spec", spec, known).collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      resource.getMetadata().setAdditionalProperty(UNKNOWN, Text.abbreviate(unknown, MAX_MESSAGE));
    }
  }

  private static void setInvalid(CustomResource<?, ?> resource, String error) {
    resource.getMetadata().setAdditionalProperty(INVALID, error);
  }

  /** Leaves out a status that cannot be decoded; the operator then writes a new one. */
  private static <T> void readStatus(
      JsonNode status, CustomResource<?, T> resource, Class<T> type, DeserializationContext context)
      throws IOException {
    try {
      if (!JsonTree.isDeeper(status, MAX_LEVELS)) {
        resource.setStatus(context.readTreeAsValue(status, type));
      }
    } catch (JsonMappingException e) {
      LogContext.about(
          ResourceID.fromResource(resource),
          () -> log.warn("Replacing an invalid status: {}", describe(e, "status", status)));
    }
  }

  /** The path of the field that cannot be decoded, and its value. */
  private static String describe(JsonMappingException e, String part, JsonNode root) {
    JsonNode value = root;
    StringBuilder path = new StringBuilder(part);
    for (JsonMappingException.Reference step : e.getPath()) {
      boolean field = step.getFieldName() != null;
      value = field ? value.path(step.getFieldName()) : value.path(step.getIndex());
      path.append(field ? "." + step.getFieldName() : "[" + step.getIndex() + "]");
    }
    return "%s: %s".formatted(path, shown(value));
  }

  private static String shown(JsonNode value) {
    if (value.isTextual() && value.textValue().length() > MAX_TEXT) {
      return TOO_LONG;
    }
    return value.isArray()
        ? "a list"
        : value.isObject() ? "an object" : Text.abbreviate(value.toString(), MAX_MESSAGE);
  }
}
