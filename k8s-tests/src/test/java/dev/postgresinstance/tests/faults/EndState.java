package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The complete end state of an instance: child objects, status, and the roles, databases and
 * configuration of its server. Generated values are replaced by numbers in the order of appearance,
 * so that two end states are comparable and equal values stay equal.
 */
record EndState(List<String> lines) {

  private static final Pattern COUNTER =
      Pattern.compile(
          "(?m)^\\s*(- )?(resourceVersion|generation|observedGeneration|used|storedSize): .*(\\n|$)");

  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");

  /**
   * Generated values: certificate or key, verifier, uid, time in a name, position in the
   * write-ahead log, password or data identifier, hash, IP address, node port.
   */
  private static final Pattern GENERATED =
      Pattern.compile(
          "(?s:-----BEGIN ([A-Z ]+)-----.*?-----END \\1-----)"
              + "|SCRAM-SHA-256\\$[^'\"\\s]+|\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b"
              + "|\\b\\d{8}(-\\d{6}|t\\d{6}z)\\b|\\b[0-9A-F]{1,8}/[0-9A-F]{1,8}\\b"
              + "|\\b[0-9a-z]{19,}\\b|\\b[0-9a-f]{8,}\\b"
              + "|\\b\\d{1,3}(\\.\\d{1,3}){3}\\b|\\b3[0-2]\\d{3}\\b");

  private static final String SERVER_STATE =
      """
      SELECT to_jsonb(r) - 'oid' FROM pg_authid r WHERE rolname !~ '^pg_' ORDER BY rolname;
      SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members
        ORDER BY 1, 2;
      SELECT datname, datdba::regrole, datacl FROM pg_database ORDER BY 1;
      SELECT name, current_setting(name) FROM pg_settings WHERE source = 'configuration file'
        ORDER BY 1;
      """;

  /**
   * Reads the current state.
   *
   * @param value the requested value if it differs between rounds, otherwise empty
   */
  static EndState of(Instance instance, String value) {
    String text =
        Stream.of(
                instance.children().stream().filter(Objects::nonNull).map(EndState::child),
                restoredClaims(instance).map(EndState::child),
                instance.find().map(PostgresInstance::getStatus).map(EndState::yaml).stream(),
                Stream.ofNullable(instance.pod()).map(pod -> Cluster.psql(instance, SERVER_STATE)))
            .flatMap(part -> part)
            .collect(Collectors.joining("\n"))
            .replace(instance.namespace(), "NAMESPACE")
            .replace(instance.name(), "NAME");
    return new EndState(anonymous(text, value).lines().toList());
  }

  /** The claims onto which data was restored in place. */
  private static Stream<PersistentVolumeClaim> restoredClaims(Instance instance) {
    return instance.claims().stream()
        .filter(claim -> claim.getMetadata().getName().startsWith(instance.name() + "-data-"));
  }

  /** Fails if this state differs from the expected one. */
  void assertIs(EndState expected) {
    assertThat(lines).containsExactlyElementsOf(expected.lines);
  }

  /**
   * The child without its status, which is reflected in the status of the instance or is transient.
   */
  private static String child(HasMetadata object) {
    object.getMetadata().setManagedFields(null);
    GenericKubernetesResource generic =
        serialization().convertValue(object, GenericKubernetesResource.class);
    generic.getAdditionalProperties().remove("status");
    if (object instanceof Secret secret) {
      generic.setAdditionalProperty("data", Instance.decoded(secret));
    }
    return yaml(generic);
  }

  private static String yaml(Object object) {
    return serialization().asYaml(object);
  }

  private static KubernetesSerialization serialization() {
    return TestCluster.client().getKubernetesSerialization();
  }

  /**
   * The text without counters, and with numbers for generated values.
   *
   * @param value the requested value if it differs between rounds, otherwise empty
   */
  static String anonymous(String text, String value) {
    String withoutCounters = COUNTER.matcher(text).replaceAll("");
    String withoutTimes = TIME.matcher(withoutCounters).replaceAll("TIME");
    String withoutValue =
        value.isEmpty()
            ? withoutTimes
            : withoutTimes.replaceAll("\\b" + Pattern.quote(value) + "\\b", "VALUE");
    Map<String, Integer> numbers = new HashMap<>();
    return GENERATED
        .matcher(withoutValue)
        .replaceAll(
            generated ->
                "GENERATED-"
                    + numbers.computeIfAbsent(generated.group(), another -> numbers.size() + 1));
  }
}
