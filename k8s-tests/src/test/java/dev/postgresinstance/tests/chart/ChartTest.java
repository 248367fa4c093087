package dev.postgresinstance.tests.chart;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as Helm renders it; needs no cluster. */
class ChartTest {

  private static final String NAME = "postgres-instance-operator";
  private static final String NAMESPACE = "postgres-instance-system";
  private static final Path CHART = Path.of("..", "helm", NAME);
  private static final Path EVERY_VALUE = CHART.resolve("ci/every-value.yaml");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final Map<String, String> NAMESPACED_PERMISSIONS =
      Map.ofEntries(
          entry("postgresinstance.dev/postgresinstances", "get list watch"),
          entry("postgresinstance.dev/postgresinstances/status", "patch"),
          entry("postgresinstance.dev/postgresbackups", "create delete list watch"),
          entry("postgresinstance.dev/postgresbackups/status", "patch"),
          entry("batch/jobs", "create delete list watch"),
          entry("/services", "create list patch watch"),
          entry("/configmaps", "create list patch watch"),
          entry("/secrets", "create get list patch watch"),
          entry("/persistentvolumeclaims", "create list patch watch"),
          entry("apps/statefulsets", "create delete list patch watch"),
          entry("/pods", "delete list patch watch"),
          entry("/pods/log", "get"),
          entry("/events", "create list patch"));
  private static final Map<String, String> CLUSTER_PERMISSIONS =
      Map.of("/nodes", "list", "/persistentvolumes", "get");

  /** Cached results of helm: each run takes half a second. */
  private static final Map<List<String>, Helm.Result> RENDERED = new ConcurrentHashMap<>();

  private static Helm helm;

  @BeforeAll
  static void findHelm() {
    helm = Helm.find();
  }

  @Test
  void lintFindsNothing() {
    assertThat(helm.run("lint", "--strict", CHART.toString()))
        .satisfies(result -> assertThat(result.exitCode()).as(result.output()).isZero());
    assertThat(helm.run("lint", "--strict", CHART.toString(), "--values", EVERY_VALUE.toString()))
        .satisfies(result -> assertThat(result.exitCode()).as(result.output()).isZero());
  }

  @Test
  void versionsFollowTheBuild() throws IOException {
    // Given
    var parentPom = Files.readString(Path.of("..", "pom.xml"));
    var chart = parse(Files.readString(CHART.resolve("Chart.yaml")));

    // Then
    var version = chart.path("version").asText();
    assertThat(parentPom)
        .contains(
            "<artifactId>postgres-instance</artifactId>\n  <version>" + version + "</version>");
    assertThat(chart.path("appVersion").asText()).isEqualTo(version);
  }

  @Test
  void defaultsServeAllNamespaces() {
    // When
    var objects = render();

    // Then
    assertThat(objects)
        .extracting(HasMetadata::getKind)
        .containsExactlyInAnyOrder(
            "CustomResourceDefinition",
            "CustomResourceDefinition",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ServiceAccount",
            "ClusterRole",
            "ClusterRoleBinding",
            "Role",
            "RoleBinding",
            "Deployment");
    assertThat(env(objects))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "OPERATOR_IMAGE", NAME + ":0.1.0-SNAPSHOT",
                "WATCH_NAMESPACES", "",
                "LEASE", NAMESPACE + "/" + NAME,
                "HEALTH_PORT", "8080",
                "LOG_LEVEL", "INFO",
                "LOG_FORMAT", "text"));
    assertThat(operator(objects).getImage()).isEqualTo(NAME + ":0.1.0-SNAPSHOT");
    assertThat(only(objects, ServiceAccount.class).getAutomountServiceAccountToken()).isFalse();
    assertThat(only(objects, Deployment.class).getSpec())
        .satisfies(
            spec -> {
              assertThat(spec.getReplicas()).isEqualTo(1);
              // The new pod waits for the lease before the old pod, which holds it, stops.
              assertThat(spec.getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal())
                  .isZero();
            });
  }

  @Test
  void everyValueReachesAnObject() {
    // When
    var objects = render("--values", EVERY_VALUE.toString());

    // Then
    assertThat(env(objects))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "OPERATOR_IMAGE", "registry.example/tools/postgres-instance-operator:1.2.3",
                "WATCH_NAMESPACES", "orders,billing",
                "POSTGRES_IMAGES",
                    "15=registry.example/postgres:15.14-bookworm,"
                        + "17=registry.example/postgres:17.12-trixie",
                "DATABASE_ACCESS", "NodePort",
                "LEASE", NAMESPACE + "/" + NAME,
                "HEALTH_PORT", "9090",
                "LOG_LEVEL", "DEBUG",
                "LOG_FORMAT", "json"));
    assertThat(only(objects, Deployment.class).getSpec().getReplicas()).isEqualTo(2);
    var operator = operator(objects);
    assertThat(operator.getImage())
        .isEqualTo("registry.example/tools/postgres-instance-operator:1.2.3");
    assertThat(operator.getImagePullPolicy()).isEqualTo("Always");
    assertThat(operator.getPorts().get(0).getContainerPort()).isEqualTo(9090);
    assertThat(operator.getResources().getRequests())
        .containsEntry("cpu", new Quantity("250m"))
        .containsEntry("memory", new Quantity("300Mi"));
    assertThat(operator.getResources().getLimits()).containsEntry("memory", new Quantity("400Mi"));
    var pod = pod(objects);
    assertThat(pod.getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry-login");
    assertThat(pod.getPriorityClassName()).isEqualTo("system-cluster-critical");
    assertThat(pod.getNodeSelector()).containsEntry("kubernetes.io/os", "linux");
    assertThat(pod.getTolerations().get(0).getKey()).isEqualTo("dedicated");
    assertThat(pod.getAffinity().getNodeAffinity()).isNotNull();
  }

  @Test
  void everyValueIsSetInEveryValueFileAndExplainedInReadme() throws IOException {
    // Given
    var defaults = leaves(parse(Files.readString(CHART.resolve("values.yaml"))));
    var everyValue = parse(Files.readString(EVERY_VALUE));
    var readme = Files.readString(CHART.resolve("README.md"));

    // Then
    assertThat(defaults).isNotEmpty();
    defaults.forEach(
        (path, value) -> {
          var set = everyValue.at("/" + path.replace('.', '/'));
          assertThat(set.isMissingNode()).as("%s is missing in %s", path, EVERY_VALUE).isFalse();
          assertThat((Object) set).as("%s in %s", path, EVERY_VALUE).isNotEqualTo(value);
          assertThat(readme).contains("`" + path + "`");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "watchNamespace={orders}",
        "image.tga=1",
        "image.pullPolicy=Sometimes",
        "nodes.raed=true",
        "persistentVolumes.read=perhaps",
        "crd.install=perhaps",
        "watchNamespaces={Orders}",
        "watchNamespaces={orders,orders}",
        "postgresImages.9=postgres:9",
        "databaseAccess=LoadBalancer",
        "healthPort=80",
        "replicas=-1",
        "logLevel=LOUD",
        "logFormat=xml",
        "resources.request.cpu=1"
      })
  void schemaRefusesInvalidValue(String invalidValue) {
    // When
    var result = template("--set", invalidValue);

    // Then
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output())
        .contains("don't meet the specifications of the schema")
        .contains(invalidValue.split("[.=]", 2)[0]);
  }

  @Test
  void globalValuesOfParentChartAreAccepted() {
    assertThat(template("--set", "global.anything=1").exitCode()).isZero();
  }

  @Test
  void renderingIsDeterministic() {
    assertThat(template().stdout()).isEqualTo(template().stdout());
    assertThat(template("--values", EVERY_VALUE.toString()).stdout())
        .isEqualTo(template("--values", EVERY_VALUE.toString()).stdout());
  }

  @Test
  void allObjectsAreLabelledAndWorkloadIsInTheReleaseNamespace() {
    var all = new ArrayList<>(render());
    all.addAll(render("--set", "watchNamespaces={orders,billing}"));

    assertThat(all)
        .allSatisfy(
            object ->
                assertThat(object.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/name", NAME)
                    .containsEntry("app.kubernetes.io/instance", NAME)
                    .containsEntry("app.kubernetes.io/managed-by", "Helm")
                    .containsKeys("app.kubernetes.io/version", "helm.sh/chart"));
    assertThat(all)
        .filteredOn(object -> object instanceof ServiceAccount || object instanceof Deployment)
        .hasSize(4)
        .allMatch(object -> NAMESPACE.equals(object.getMetadata().getNamespace()));
  }

  @Test
  void clusterRoleGrantsExactlyTheListedPermissions() {
    // When
    var objects = render();

    // Then
    var expected = new TreeMap<>(NAMESPACED_PERMISSIONS);
    expected.putAll(CLUSTER_PERMISSIONS);
    var role = only(objects, ClusterRole.class);
    assertThat(permissions(role.getRules())).isEqualTo(expected);
    var binding = only(objects, ClusterRoleBinding.class);
    assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
    assertThat(binding.getSubjects())
        .singleElement()
        .satisfies(
            subject -> {
              var account = only(objects, ServiceAccount.class).getMetadata();
              assertThat(subject.getKind()).isEqualTo("ServiceAccount");
              assertThat(subject.getName()).isEqualTo(account.getName());
              assertThat(subject.getNamespace()).isEqualTo(account.getNamespace());
              assertThat(pod(objects).getServiceAccountName()).isEqualTo(account.getName());
            });
  }

  @Test
  void disabledNodesAndVolumesGrantNoClusterPermissions() {
    // When
    var objects = render("--set", "nodes.read=false,persistentVolumes.read=false");

    // Then
    assertThat(permissions(only(objects, ClusterRole.class).getRules()))
        .isEqualTo(new TreeMap<>(NAMESPACED_PERMISSIONS));
  }

  @Test
  void nodesAndVolumesCanBeDisabledSeparately() {
    assertThat(permissions(only(render("--set", "nodes.read=false"), ClusterRole.class).getRules()))
        .containsEntry("/persistentvolumes", "get")
        .doesNotContainKey("/nodes");
    assertThat(
            permissions(
                only(
                        render(
                            "--set",
                            "watchNamespaces={orders}",
                            "--set",
                            "persistentVolumes.read=false"),
                        ClusterRole.class)
                    .getRules()))
        .isEqualTo(new TreeMap<>(Map.of("/nodes", "list")));
  }

  @Test
  void eachWatchedNamespaceGetsItsOwnRole() {
    // When
    var objects = render("--set", "watchNamespaces={orders,billing}");

    // Then
    assertThat(all(objects, Role.class))
        .filteredOn(role -> !NAMESPACE.equals(role.getMetadata().getNamespace()))
        .allSatisfy(
            role ->
                assertThat(permissions(role.getRules()))
                    .isEqualTo(new TreeMap<>(NAMESPACED_PERMISSIONS)))
        .extracting(role -> role.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("orders", "billing");
    assertThat(all(objects, RoleBinding.class))
        .filteredOn(binding -> !NAMESPACE.equals(binding.getMetadata().getNamespace()))
        .allSatisfy(
            binding -> {
              assertThat(binding.getRoleRef().getKind()).isEqualTo("Role");
              assertThat(binding.getRoleRef().getName()).isEqualTo(NAME);
              assertThat(binding.getSubjects())
                  .singleElement()
                  .matches(subject -> NAMESPACE.equals(subject.getNamespace()), "in " + NAMESPACE);
            })
        .extracting(binding -> binding.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("orders", "billing");
    assertThat(permissions(only(objects, ClusterRole.class).getRules()))
        .isEqualTo(new TreeMap<>(CLUSTER_PERMISSIONS));
    assertThat(only(objects, ClusterRoleBinding.class).getRoleRef().getName())
        .isEqualTo(only(objects, ClusterRole.class).getMetadata().getName());
    assertThat(env(objects)).containsEntry("WATCH_NAMESPACES", "orders,billing");
  }

  @Test
  void everyValueFileRendersOnlyNamespacedObjects() {
    // When
    var objects = render("--values", EVERY_VALUE.toString());

    // Then
    assertThat(objects)
        .extracting(HasMetadata::getKind)
        .containsExactlyInAnyOrder(
            "ServiceAccount",
            "Role",
            "Role",
            "Role",
            "RoleBinding",
            "RoleBinding",
            "RoleBinding",
            "Deployment");
  }

  @Test
  void roleGrantsAccessToItsOwnLeaseOnly() {
    // When
    var objects = render();

    // Then
    var role = only(objects, Role.class);
    assertThat(role.getMetadata().getNamespace()).isEqualTo(NAMESPACE);
    assertThat(permissions(role.getRules()))
        .isEqualTo(Map.of("coordination.k8s.io/leases", "create get patch update"));
    assertThat(role.getRules())
        .filteredOn(rule -> !rule.getVerbs().equals(List.of("create")))
        .allSatisfy(rule -> assertThat(rule.getResourceNames()).containsExactly(NAME));
    assertThat(only(objects, RoleBinding.class).getRoleRef().getName())
        .isEqualTo(role.getMetadata().getName());
  }

  @Test
  void permissionsAreAtMostFifty() {
    // When
    var objects = render();

    // Then
    var rules = new ArrayList<>(only(objects, ClusterRole.class).getRules());
    rules.addAll(only(objects, Role.class).getRules());
    assertThat(
            permissions(rules).values().stream().mapToInt(verbs -> verbs.split(" ").length).sum())
        .isLessThanOrEqualTo(50);
  }

  @Test
  void crdsEqualGeneratedCrds() throws IOException {
    for (CustomResourceDefinition rendered : crds()) {
      // Given
      String file = "/META-INF/fabric8/%s-v1.yml".formatted(rendered.getMetadata().getName());
      try (var stream = ChartTest.class.getResourceAsStream(file)) {
        var generated = YAML.unmarshal(stream, CustomResourceDefinition.class);

        // Then
        assertThat(rendered.getSpec()).isEqualTo(generated.getSpec());
      }
    }
  }

  @Test
  void crdsAreKeptOnUninstall() {
    // Templates, so that a Helm upgrade also updates the CRDs; kept on uninstall, because deleting
    // a CRD deletes all its resources.
    assertThat(crds())
        .hasSize(2)
        .allSatisfy(
            crd ->
                assertThat(crd.getMetadata().getAnnotations())
                    .containsEntry("helm.sh/resource-policy", "keep")
                    .containsEntry("argocd.argoproj.io/sync-options", "Prune=false,Delete=false"));
    assertThat(CHART.resolve("crds")).doesNotExist();
  }

  private static List<CustomResourceDefinition> crds() {
    return render().stream()
        .filter(CustomResourceDefinition.class::isInstance)
        .map(CustomResourceDefinition.class::cast)
        .toList();
  }

  @Test
  void podCompliesWithPodSecurityRestricted() {
    // When
    var objects = render();

    // Then
    var pod = pod(objects);
    assertThat(pod.getSecurityContext())
        .satisfies(
            context -> {
              assertThat(context.getRunAsNonRoot()).isTrue();
              assertThat(context.getRunAsUser()).isEqualTo(65532);
              assertThat(context.getRunAsGroup()).isEqualTo(65532);
              assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
              assertThat(context.getSysctls()).isEmpty();
            });
    assertThat(pod.getHostNetwork()).isNull();
    assertThat(pod.getHostPID()).isNull();
    assertThat(pod.getHostIPC()).isNull();
    assertThat(pod.getInitContainers()).isEmpty();
    assertThat(pod.getVolumes())
        .singleElement()
        .satisfies(volume -> assertThat(volume.getEmptyDir()).isNotNull());
    var operator = operator(objects);
    assertThat(operator.getPorts()).allMatch(port -> port.getHostPort() == null);
    assertThat(operator.getSecurityContext())
        .satisfies(
            context -> {
              assertThat(context.getAllowPrivilegeEscalation()).isFalse();
              assertThat(context.getReadOnlyRootFilesystem()).isTrue();
              assertThat(context.getPrivileged()).isNull();
              assertThat(context.getRunAsUser()).isNull();
              assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
              assertThat(context.getCapabilities().getAdd()).isEmpty();
            });
  }

  @Test
  void probesUseTheHealthEndpoints() {
    var operator = operator(render());

    assertThat(operator.getPorts())
        .singleElement()
        .satisfies(
            port -> {
              assertThat(port.getName()).isEqualTo("health");
              assertThat(port.getContainerPort()).isEqualTo(8080);
            });
    assertThat(operator.getStartupProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(operator.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(operator.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
    assertThat(operator.getReadinessProbe().getHttpGet().getPort().getStrVal()).isEqualTo("health");
  }

  // Helper methods

  private static List<HasMetadata> render(String... arguments) {
    var result = RENDERED.computeIfAbsent(List.of(arguments), key -> template(arguments));
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    var objects = new ArrayList<HasMetadata>();
    for (var document : result.stdout().split("(?m)^---$", -1)) {
      if (!document.isBlank()) {
        objects.add(YAML.unmarshal(document));
      }
    }
    return objects;
  }

  private static Helm.Result template(String... arguments) {
    return helm.run(
        Stream.concat(
                Stream.of(
                    "template",
                    NAME,
                    CHART.toString(),
                    "--namespace=" + NAMESPACE,
                    // There is no cluster, and each helm version assumes another default.
                    "--kube-version=1.35.0"),
                Arrays.stream(arguments))
            .toArray(String[]::new));
  }

  private static JsonNode parse(String yaml) {
    return YAML.unmarshal(yaml, JsonNode.class);
  }

  /** The leaf values by their dotted path; an empty object is a leaf. */
  private static Map<String, JsonNode> leaves(JsonNode node) {
    var leaves = new LinkedHashMap<String, JsonNode>();
    node.properties()
        .forEach(
            member -> {
              var value = member.getValue();
              if (value.isObject() && !value.isEmpty()) {
                leaves(value)
                    .forEach((path, leaf) -> leaves.put(member.getKey() + "." + path, leaf));
              } else {
                leaves.put(member.getKey(), value);
              }
            });
    return leaves;
  }

  /** The verbs by group and resource; wildcards are not expanded. */
  private static Map<String, String> permissions(List<PolicyRule> rules) {
    var permissions = new TreeMap<String, TreeSet<String>>();
    for (var rule : rules) {
      assertThat(rule.getNonResourceURLs()).isEmpty();
      for (var group : rule.getApiGroups()) {
        for (var resource : rule.getResources()) {
          permissions
              .computeIfAbsent(group + "/" + resource, key -> new TreeSet<>())
              .addAll(rule.getVerbs());
        }
      }
    }
    var texts = new TreeMap<String, String>();
    permissions.forEach((resource, verbs) -> texts.put(resource, String.join(" ", verbs)));
    return texts;
  }

  private static Map<String, String> env(List<HasMetadata> objects) {
    var env = new TreeMap<String, String>();
    for (EnvVar variable : operator(objects).getEnv()) {
      env.put(variable.getName(), variable.getValue());
    }
    return env;
  }

  private static Container operator(List<HasMetadata> objects) {
    assertThat(pod(objects).getContainers()).hasSize(1);
    return pod(objects).getContainers().get(0);
  }

  private static PodSpec pod(List<HasMetadata> objects) {
    return only(objects, Deployment.class).getSpec().getTemplate().getSpec();
  }

  private static <T extends HasMetadata> T only(List<HasMetadata> objects, Class<T> type) {
    assertThat(all(objects, type)).as(type.getSimpleName()).hasSize(1);
    return all(objects, type).get(0);
  }

  private static <T extends HasMetadata> List<T> all(List<HasMetadata> objects, Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
