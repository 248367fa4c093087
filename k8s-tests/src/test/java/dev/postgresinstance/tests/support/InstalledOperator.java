package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The operator as a Helm release in the cluster. */
public final class InstalledOperator implements OperatorUnderTest {

  private static final String NAMESPACE = "postgres-instance-system";
  private static final String RELEASE = "postgres-instance-operator";
  private static final String USER = "system:serviceaccount:" + NAMESPACE + ":" + RELEASE;

  private boolean createdNamespace;

  @Override
  public void start() {
    createdNamespace = createdNamespace || namespace().get() == null;
    install(Settings.operatorImage(), Settings.postgresImage());
  }

  @Override
  public void startBehind(Interceptor interceptor) {
    throw cannotIntercept();
  }

  @Override
  public void startVia(Toxiproxy proxy) {
    throw cannotIntercept();
  }

  private static UnsupportedOperationException cannotIntercept() {
    return new UnsupportedOperationException(
        "cannot intercept the requests of an installed operator; do not tag this test"
            + " `installed`");
  }

  @Override
  public void upgrade(String image, String postgresImage) {
    install(Optional.of(image), Optional.of(postgresImage));
  }

  private static void install(Optional<String> image, Optional<String> postgresImage) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Settings.helm(),
                "upgrade",
                "--install",
                RELEASE,
                Settings.chart(),
                "--kube-context=" + Settings.context(),
                "--namespace=" + NAMESPACE,
                "--create-namespace",
                // A run with the in-process operator may have created the CRD.
                "--take-ownership",
                "--force-conflicts",
                "--wait",
                "--timeout=3m"));
    image.ifPresent(name -> command.addAll(imageValues(name)));
    postgresImage.ifPresent(name -> command.add("--set-string=postgresImages.17=" + name));
    Command.run(command.toArray(String[]::new));
  }

  @Override
  public void stop() {
    // The chart keeps the CRD, and with it all instances.
    Command.run(
        Settings.helm(),
        "uninstall",
        RELEASE,
        "--kube-context=" + Settings.context(),
        "--namespace=" + NAMESPACE,
        "--ignore-not-found",
        "--wait");
    if (createdNamespace) {
      Resource<Namespace> namespace = namespace();
      namespace.delete();
      namespace.waitUntilCondition(Objects::isNull, 4, TimeUnit.MINUTES);
    }
  }

  @Override
  public boolean isAlive() {
    List<Pod> pods = pods();
    return !pods.isEmpty() && pods.stream().allMatch(pod -> PodState.of(pod).ready());
  }

  @Override
  public String logs() {
    return pods().stream()
        .map(
            pod ->
                TestCluster.client()
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withName(pod.getMetadata().getName())
                    .getLog())
        .collect(Collectors.joining("\n"));
  }

  @Override
  public Recorder recorder() {
    throw new UnsupportedOperationException(
        "cannot count the requests of an installed operator; do not tag this test"
            + " `installed`");
  }

  @Override
  public boolean sent(AuditLog.Request write) {
    return write.user().equals(USER);
  }

  @Override
  public GrantedPermissions permissions() {
    return new GrantedPermissions(
        new ClusterRoleBuilder().withNewMetadata().withName(RELEASE).endMetadata().build(), USER);
  }

  /** Scales the installed operator down: two operators at once would undo each other's changes. */
  static void scaleDown() {
    KubernetesClient client = TestCluster.client();
    RollableScalableResource<Deployment> deployment =
        client.apps().deployments().inNamespace(NAMESPACE).withName(RELEASE);
    if (deployment.get() != null) {
      deployment.scale(0);
      Eventually.that("the installed operator has ended", () -> assertThat(pods()).isEmpty());
    }
  }

  private static Resource<Namespace> namespace() {
    return TestCluster.client().namespaces().withName(NAMESPACE);
  }

  private static List<Pod> pods() {
    return TestCluster.client()
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", RELEASE)
        .list()
        .getItems();
  }

  private static List<String> imageValues(String image) {
    int colon = image.lastIndexOf(':');
    return Arrays.asList(
        "--set-string=image.repository=" + image.substring(0, colon),
        "--set-string=image.tag=" + image.substring(colon + 1));
  }
}
