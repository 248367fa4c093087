package dev.postgresinstance.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.SecretPolicy;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The API server rejects a child for ever. A password is set in the database only if it can be
 * published, and the rejection of one child does not stop what does not depend on it.
 */
@Order(1)
class RejectedWritesTest {

  private static final String ROTATE = "postgresinstance.dev/rotate-password";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(Reason.OBJECT_IMMUTABLE)
  void rotationWaitsForImmutableSecretAndOtherChangesDoNot() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    String old = password(orders);
    Pod before = orders.pod();
    makeImmutable(orders.appSecret());

    // When
    orders.annotate(ROTATE, "spring");

    // Then
    String message = Eventually.instance(orders).isNotReady(Reason.OBJECT_IMMUTABLE);
    assertThat(message).contains("Secret orders-app is immutable", "was not changed");
    assertStaysInSync(orders, old);

    // When
    orders.change(spec -> spec.requests("60m", "128Mi"));

    // Then
    Eventually.instance(orders).hasPodOtherThan(before);
    Eventually.that("the password still works", () -> login(orders, old));
    Eventually.instance(orders).isNotReady(Reason.OBJECT_IMMUTABLE);

    // When
    Cluster.paste(command(message));

    // Then
    Eventually.instance(orders).hasPasswordOtherThan(old).isReady().acceptsLogins();
    assertThatThrownBy(() -> login(orders, old)).hasMessageContaining("authentication");
    assertThat(orders.appSecret().getImmutable()).isNull();
    assertWrittenByOperatorOnly(orders.appSecret());
  }

  @Test
  @Tag("long")
  void rotationWaitsForImmutableSecretOfTheOperator() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    String old = password(desk);
    Pod before = desk.pod();
    String ofOperator = Instance.decoded(desk.operatorSecret()).get("password");
    makeImmutable(desk.operatorSecret());

    // When
    desk.annotate(ROTATE, "spring");

    // Then
    String message = Eventually.instance(desk).isNotReady(Reason.OBJECT_IMMUTABLE);
    assertThat(message).contains("Secret desk-operator is immutable");
    assertStaysInSync(desk, old);

    // When
    Cluster.paste(command(message));

    // Then: the operator keeps its own password and is not locked out
    Eventually.instance(desk).hasPasswordOtherThan(old).isReady().acceptsLogins();
    Map<String, String> secret = Instance.decoded(desk.operatorSecret());
    assertThat(secret).containsEntry("password", ofOperator).doesNotContainKey("pending-password");
    assertWrittenByOperatorOnly(desk.operatorSecret());
    desk.assertHas(before);
  }

  @Test
  @Tag("long")
  void formerPasswordIsSetAgainWhenPublishingFailsAfterDryRun() throws SQLException {
    // Given
    Instance till = given.instance("till").running();
    String old = password(till);
    new SecretPolicy(given.namespace(), "till-app", true)
        .during(
            () -> {
              // When
              till.annotate(ROTATE, "spring");

              // Then
              assertThat(Eventually.instance(till).isNotReady(Reason.API_ERROR))
                  .contains("was not changed", SecretPolicy.MESSAGE);
              assertStaysInSync(till, old);
            });

    // When: the Secret was changed, so the operator tries again at once
    Cluster.edit(
        till.appSecret(), edited -> edited.getMetadata().getLabels().put("example.com/n", "1"));

    // Then
    Eventually.instance(till).hasPasswordOtherThan(old).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  void userProvidedPasswordWaitsUntilItCanBePublished() throws SQLException {
    // Given
    Secret own =
        given.object(
            new SecretBuilder()
                .withNewMetadata()
                .withName("own")
                .addToLabels("postgresinstance.dev/watch", "true")
                .endMetadata()
                .addToData("password", encoded("first"))
                .build());
    Instance crm = given.instance("crm").passwordSecret("own").running();
    new SecretPolicy(given.namespace(), "crm-app", false)
        .during(
            () -> {
              // When
              Cluster.editPassword(own, "second");

              // Then
              assertThat(Eventually.instance(crm).isNotReady(Reason.API_ERROR))
                  .contains("was not changed", SecretPolicy.MESSAGE);
              assertStaysInSync(crm, "first");
            });

    // Then
    Eventually.that("second is published", () -> assertThat(password(crm)).isEqualTo("second"));
    Eventually.instance(crm).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  void passwordStaysWhileDeletedSecretCannotBeCreated() throws SQLException {
    // Given
    Instance lost = given.instance("lost").running();
    String old = password(lost);
    new SecretPolicy(given.namespace(), "lost-app", false)
        .during(
            () -> {
              // When
              Cluster.delete(lost.appSecret());

              // Then: clients that know the password go on
              assertThat(Eventually.instance(lost).isNotReady(Reason.API_ERROR))
                  .contains(SecretPolicy.MESSAGE);
              Eventually.thatStays("the former password works", () -> login(lost, old));
            });

    // Then
    Eventually.instance(lost).hasPasswordOtherThan(old).isReady().acceptsLogins();
  }

  @Test
  void immutableConfigMapIsReportedAndReplacedByTheCommand() {
    // Given
    Instance shelf = given.instance("shelf").running();
    Pod before = shelf.pod();
    Cluster.edit(shelf.configMap(), edited -> edited.setImmutable(true));

    // When
    shelf.change(spec -> spec.parameter("work_mem", "7MB"));

    // Then
    String message = Eventually.instance(shelf).isNotReady(Reason.OBJECT_IMMUTABLE);
    assertThat(message).contains("ConfigMap shelf-config is immutable");
    Eventually.instance(shelf)
        .hasCondition(ConditionType.AVAILABLE, Reason.RUNNING)
        .acceptsLogins();

    // When
    Cluster.paste(command(message));

    // Then
    Eventually.instance(shelf).isReadyWithNewPod(before);
    assertThat(Cluster.psql(shelf, "SHOW work_mem")).isEqualTo("7MB");
  }

  @Test
  @Tag("long")
  void rejectedStatefulSetDoesNotStopRotation() {
    // Given
    Instance odd = given.instance("odd").running();
    String old = password(odd);
    odd.change(
        spec -> spec.pod("tolerations", List.of(Map.of("operator", "Exists", "value", "much"))));
    Eventually.instance(odd).isNotReady(Reason.API_ERROR);

    // When
    odd.annotate(ROTATE, "spring");

    // Then
    Eventually.instance(odd).hasPasswordOtherThan(old).acceptsLogins();
  }

  @Test
  @Tag("long")
  void immutableSecretOfSuperuserIsRemovedWithTheAccess() {
    // Given
    Instance root = given.instance("root").superuserAccess(true).running();
    makeImmutable(root.superuserSecret());

    // When
    root.change(spec -> spec.superuserAccess(false));

    // Then
    Eventually.that("the Secret is gone", () -> assertThat(root.superuserSecret()).isNull());
    Eventually.instance(root).isReady().acceptsLogins();
  }

  /** The password in the database is the published one, and the status says so. */
  private static void assertStaysInSync(Instance instance, String password) throws SQLException {
    Eventually.thatStays(
        "the password of " + instance + " stays in sync",
        () -> {
          assertThat(password(instance)).isEqualTo(password);
          login(instance, password);
          assertThat(instance.condition(ConditionType.CREDENTIALS_IN_SYNC).orElseThrow())
              .returns("True", condition -> condition.getStatus());
          assertThat(instance.condition(ConditionType.AVAILABLE).orElseThrow())
              .returns("True", condition -> condition.getStatus());
        });
  }

  /** Otherwise a key that the operator no longer wants would stay for ever. */
  private static void assertWrittenByOperatorOnly(Secret secret) {
    assertThat(secret.getMetadata().getManagedFields())
        .extracting(fields -> fields.getManager() + " " + fields.getOperation())
        .containsExactly("postgres-instance-operator Apply");
  }

  private static void makeImmutable(Secret secret) {
    Cluster.edit(secret, edited -> edited.setImmutable(true));
  }

  /** The command in a message; it ends its line. */
  private static String command(String message) {
    return message.substring(message.indexOf("kubectl ")).lines().findFirst().orElseThrow();
  }

  private static String password(Instance instance) {
    return instance.credentials().get("password");
  }

  private static void login(Instance instance, String password) throws SQLException {
    Client.connect(instance.resource().getStatus().endpoints().address(), "app", "app", password)
        .close();
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
