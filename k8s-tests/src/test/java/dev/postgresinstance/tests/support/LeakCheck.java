package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.S3Store;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Searches, at the end of each test, for passwords, SCRAM verifiers and private keys, also encoded
 * in Base64, in places that must not contain them: the objects and logs of the test's instances and
 * of the pods that back them up and restore them, events, and the log of the operator. The
 * credentials of a store count as well.
 */
public final class LeakCheck {

  /**
   * Minimum length in characters: a shorter password, chosen by a test, may also occur by chance.
   */
  private static final int SHORTEST = 16;

  private static final int BITS_PER_CHARACTER = 6; // in Base64

  private final Set<String> secrets = ConcurrentHashMap.newKeySet();

  /** The places that contain a current password or verifier of the instance. */
  public static List<String> hits(Instance instance) {
    List<String> secrets = secrets(instance);
    return texts(instance).entrySet().stream()
        .filter(text -> secrets.stream().anyMatch(text.getValue()::contains))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Fails if an object or log of the instance contains its secrets; remembers the secrets for
   * later.
   */
  void check(Instance instance) {
    secrets.addAll(secrets(instance));
    assertThat(hits(instance))
        .as("places that contain a password or verifier of %s", instance)
        .isEmpty();
  }

  /** Fails if the events or the operator log contain any remembered secret. */
  void check(String namespace, OperatorUnderTest operator) {
    Map<String, String> texts =
        Map.of("events", Cluster.events(namespace), "log of the operator", operator.logs());
    assertThat(texts)
        .allSatisfy(
            (where, text) ->
                assertThat(secrets.stream().filter(text::contains).count()).as(where).isZero());
  }

  private static List<String> secrets(Instance instance) {
    return Stream.concat(secretObjects(instance), storeSecret(instance).stream())
        .map(Instance::decoded)
        .flatMap(data -> data.entrySet().stream())
        .flatMap(LeakCheck::secrets)
        .filter(text -> text.length() >= SHORTEST)
        .distinct()
        .flatMap(LeakCheck::forms)
        .toList();
  }

  /**
   * The text itself, and its Base64 forms: every Base64 text that encodes it, alone or as a part of
   * a larger text, contains one of them.
   */
  public static Stream<String> forms(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    return Stream.concat(
        Stream.of(secret), IntStream.range(0, 3).mapToObj(offset -> base64(bytes, offset)));
  }

  /** Base64 of the bytes after others, without the characters that depend on their neighbors. */
  private static String base64(byte[] bytes, int offset) {
    byte[] all = new byte[offset + bytes.length];
    System.arraycopy(bytes, 0, all, offset, bytes.length);
    int first = Math.ceilDiv(offset * Byte.SIZE, BITS_PER_CHARACTER);
    int end = all.length * Byte.SIZE / BITS_PER_CHARACTER;
    return Base64.getEncoder().encodeToString(all).substring(first, end);
  }

  private static Stream<String> secrets(Map.Entry<String, String> entry) {
    return switch (entry.getKey()) {
      case "password",
          "pending-password",
          "pending-superuser-password",
          "salt-key",
          "secretAccessKey" ->
          Stream.of(entry.getValue());
      // Not the first line of the key: it names the algorithm, and is the same for all keys.
      case "tls.key" -> entry.getValue().lines().skip(2).filter(line -> !line.startsWith("-"));
      case "roles.sql" ->
          Stream.of(entry.getValue().split("'", -1)).filter(word -> word.startsWith("SCRAM-"));
      default -> Stream.of();
    };
  }

  private static Stream<Secret> secretObjects(Instance instance) {
    return Stream.of(
            instance.appSecret(),
            instance.operatorSecret(),
            instance.superuserSecret(),
            instance.caSecret(),
            instance.tlsSecret(),
            instance.backupSecret())
        .filter(Objects::nonNull);
  }

  /** The Secret of the user with the credentials of the store. */
  private static Optional<Secret> storeSecret(Instance instance) {
    return instance
        .find()
        .map(PostgresInstance::getSpec)
        .flatMap(
            spec ->
                Optional.ofNullable(spec.backup())
                    .map(backup -> backup.store().s3())
                    .or(
                        () ->
                            Optional.ofNullable(spec.source())
                                .map(InstanceSource::archive)
                                .map(archive -> archive.store().s3())))
        .map(S3Store::credentialsSecretRef)
        .map(reference -> instance.secret(reference.name()));
  }

  private static Map<String, String> texts(Instance instance) {
    Map<String, String> texts = new LinkedHashMap<>();
    Stream.<HasMetadata>of(
            instance.find().orElse(null),
            instance.pod(),
            instance.statefulSet(),
            instance.configMap(),
            instance.service(),
            instance.claim())
        .filter(Objects::nonNull)
        .forEach(object -> texts.put(object.getKind(), Serialization.asYaml(object)));
    secretObjects(instance)
        .map(Secret::getMetadata)
        .forEach(
            metadata -> texts.put("Secret " + metadata.getName(), Serialization.asYaml(metadata)));
    texts.put("log", Cluster.logs(instance));
    instance
        .helperPods()
        .forEach(
            pod -> {
              String name = "pod " + pod.getMetadata().getName();
              texts.put(name, Serialization.asYaml(pod));
              texts.put("log of " + name, Cluster.logs(pod));
            });
    return texts;
  }
}
