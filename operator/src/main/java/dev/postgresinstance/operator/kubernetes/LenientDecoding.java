package dev.postgresinstance.operator.kubernetes;

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
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.management.LogContext;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How instances are read of what the API server sends. One that a newer definition, or an older one
 * without a rule, let in may hold what the Java types cannot: it must be none but this one's
 * trouble, where the framework would end the process.
 *
 * <p>What is wrong is kept in memory in the instance's own metadata, under names that the API
 * server does not know and nobody sends, because the framework hands on copies that it makes by
 * writing and reading an instance.
 */
public final class LenientDecoding {

  private static final Logger log = LoggerFactory.getLogger(LenientDecoding.class);
  private static final int MOST_TEXT = 200;
  private static final int DEEPEST = 100;

  /** Eight times what any field may have by the definition. */
  private static final int LONGEST = 32_768;

  private static final String INVALID = "x-invalid";
  private static final String UNKNOWN = "x-unknown";

  /** All that is watched. Of its own accord the client would load the hundreds that it knows. */
  private static final List<Class<? extends KubernetesResource>> KINDS =
      List.of(
          PostgresInstance.class,
          Service.class,
          PersistentVolumeClaim.class,
          Secret.class,
          ConfigMap.class,
          StatefulSet.class,
          Pod.class,
          Status.class);

  /** The API server takes objects of up to 1.5 MiB, nested up to 10,000 deep. */
  private static final StreamReadConstraints AS_THE_API_SERVER =
      StreamReadConstraints.builder().maxNestingDepth(10_100).maxNameLength(2_000_000).build();

  private LenientDecoding() {}

  /** For the client of the operator. */
  public static KubernetesSerialization serialization() {
    ObjectMapper mapper =
        new ObjectMapper(new JsonFactoryBuilder().streamReadConstraints(AS_THE_API_SERVER).build());
    mapper.registerModule(new SimpleModule().setDeserializerModifier(new OfInstances()));
    KubernetesSerialization json = new KubernetesSerialization(mapper, false);
    KINDS.forEach(json::registerKubernetesResource);
    return json;
  }

  /** What of the spec cannot be read, and why; then the instance has none. */
  public static Optional<String> invalid(PostgresInstance instance) {
    return note(instance, INVALID);
  }

  /** The fields of the spec that this version does not know, separated by commas. */
  public static Optional<String> unknown(PostgresInstance instance) {
    return note(instance, UNKNOWN);
  }

  private static Optional<String> note(PostgresInstance instance, String name) {
    return Optional.ofNullable(instance.getMetadata().getAdditionalProperties().get(name))
        .map(Object::toString);
  }

  private static final class OfInstances extends BeanDeserializerModifier {
    private static final long serialVersionUID = 1;

    @Override
    public JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> usual) {
      return bean.getBeanClass() == PostgresInstance.class ? new FailSafe(usual) : usual;
    }
  }

  private static final class FailSafe extends DelegatingDeserializer {
    private static final long serialVersionUID = 1;

    private FailSafe(JsonDeserializer<?> usual) {
      super(usual);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> usual) {
      return new FailSafe(usual);
    }

    @Override
    public PostgresInstance deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      ObjectNode whole = (ObjectNode) context.readTree(parser);
      JsonNode spec = whole.remove("spec");
      JsonNode status = whole.remove("status");
      JsonParser rest = whole.traverse(parser.getCodec());
      rest.nextToken();
      PostgresInstance instance = (PostgresInstance) super.deserialize(rest, context);
      if (spec != null) {
        readSpec(spec, instance, context);
      }
      if (status != null) {
        readStatus(status, instance, context);
      }
      return instance;
    }
  }

  private static void readSpec(
      JsonNode spec, PostgresInstance instance, DeserializationContext context) throws IOException {
    try {
      if (isDeeper(spec, DEEPEST)) {
        invalid(instance, "spec: more than %d levels".formatted(DEEPEST));
      } else {
        understand(
            spec, context.readTreeAsValue(spec, PostgresInstanceSpec.class), instance, context);
      }
    } catch (JsonMappingException e) {
      invalid(instance, words(e, "spec", spec));
    }
  }

  /** Takes what was read, and notes what is left out when it is written as it was understood. */
  private static void understand(
      JsonNode spec,
      PostgresInstanceSpec understood,
      PostgresInstance instance,
      DeserializationContext context) {
    JsonNode known = ((ObjectMapper) context.getParser().getCodec()).valueToTree(understood);
    Optional<String> tooLong = tooLong("spec", known).findFirst();
    if (tooLong.isPresent()) {
      invalid(instance, "%s: more than %d characters".formatted(tooLong.get(), LONGEST));
      return;
    }
    instance.setSpec(understood);
    String unknown = missing("spec", spec, known).collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      instance.getMetadata().setAdditionalProperty(UNKNOWN, brief(unknown));
    }
  }

  /** The API server would refuse it in each child, or, worse, in the status. */
  private static Stream<String> tooLong(String path, JsonNode node) {
    return node.isTextual() && node.textValue().length() > LONGEST
        ? Stream.of(path)
        : Stream.concat(
            node.properties().stream().flatMap(e -> tooLong(path + "." + e.getKey(), e.getValue())),
            node.isArray()
                ? node.valueStream().flatMap(element -> tooLong(path, element))
                : Stream.empty());
  }

  private static void invalid(PostgresInstance instance, String what) {
    instance.getMetadata().setAdditionalProperty(INVALID, what);
  }

  /** Copies of what is deeper, which are made by recursion, would overflow a small stack. */
  private static boolean isDeeper(JsonNode node, int levels) {
    return levels == 0 || node.valueStream().anyMatch(child -> isDeeper(child, levels - 1));
  }

  /** One that cannot be read is made anew, like one that is not there. */
  private static void readStatus(
      JsonNode status, PostgresInstance instance, DeserializationContext context)
      throws IOException {
    try {
      if (!isDeeper(status, DEEPEST)) {
        instance.setStatus(context.readTreeAsValue(status, PostgresInstanceStatus.class));
      }
    } catch (JsonMappingException e) {
      LogContext.about(
          ResourceID.fromResource(instance),
          () -> log.warn("a status is made anew: {}", words(e, "status", status)));
    }
  }

  private static String words(JsonMappingException e, String part, JsonNode within) {
    JsonNode value = within;
    StringBuilder path = new StringBuilder(part);
    for (JsonMappingException.Reference step : e.getPath()) {
      boolean field = step.getFieldName() != null;
      value = field ? value.path(step.getFieldName()) : value.path(step.getIndex());
      path.append(field ? "." + step.getFieldName() : "[" + step.getIndex() + "]");
    }
    String text = value.isArray() ? "a list" : value.isObject() ? "an object" : value.toString();
    return "%s: %s".formatted(path, brief(text));
  }

  private static String brief(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "…";
  }

  private static Stream<String> missing(String path, JsonNode all, JsonNode part) {
    if ((all.isContainerNode() && all.isEmpty()) || all.isNull()) {
      return Stream.empty(); // says as much as if it were not there
    }
    if (part == null) {
      return Stream.of(path);
    }
    return all.properties().stream()
        .flatMap(e -> missing(path + "." + e.getKey(), e.getValue(), part.get(e.getKey())));
  }
}
