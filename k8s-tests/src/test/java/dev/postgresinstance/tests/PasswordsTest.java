package dev.postgresinstance.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the application's password comes from, and how it changes. */
@Order(1)
class PasswordsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void userProvidedPasswordLogsInAndItsChangeTakesEffectAtOnce() throws SQLException {
    // Given
    Secret own = given.object(secret("own", Map.of("password", "first one\n"), "Opaque"));
    Instance orders = given.instance("orders").passwordSecret("own").running();
    Instance crm = given.instance("crm").passwordSecret("own").running();
    assertThat(orders.credentials()).containsEntry("password", "first one");
    Pod before = orders.pod();
    try (Client session = Client.connect(orders)) {

      // When
      Cluster.editPassword(own, "second: one");

      // Then: within seconds, which only the watch of the Secret can achieve
      assertPublished(orders, "second: one");
      assertPublished(crm, "second: one");
      Eventually.instance(orders).acceptsLogins();
      Eventually.instance(crm).acceptsLogins();
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
    assertThatThrownBy(() -> login(orders, "first one")).hasMessageContaining("authentication");
    orders.assertHas(before);
    assertThat(Instance.decoded(Cluster.current(own))).containsEntry("password", "second: one");
  }

  @Test
  @Tag("long")
  void changeOfUnwatchedSecretTakesEffectWithinMinutes() {
    // Given
    Secret unwatched = secret("unwatched", Map.of("password", "first one"), "Opaque");
    unwatched.getMetadata().setLabels(Map.of());
    Secret own = given.object(unwatched);
    Instance quiet = given.instance("quiet").passwordSecret("unwatched").running();

    // When
    Cluster.editPassword(own, "second one");

    // Then
    assertPublished(quiet, "second one");
    Eventually.instance(quiet).acceptsLogins();
  }

  @Test
  @CoversReasons(Reason.PASSWORD_SECRET_INVALID)
  void instanceWaitsForMissingSecret() {
    // Given
    Instance early = given.instance("early").passwordSecret("late").applied();
    assertThat(Eventually.instance(early).isNotReady(Reason.PASSWORD_SECRET_INVALID))
        .contains("late", "does not exist");

    // When
    given.object(
        secret(
            "late",
            Map.of("username", "app", "password", "here it is"),
            "kubernetes.io/basic-auth"));

    // Then
    Eventually.instance(early).isReady().acceptsLogins();
    assertThat(early.credentials()).containsEntry("password", "here it is");
  }

  @Test
  void unusablePasswordIsReportedAndChangesNothing() {
    // Given
    Secret own = given.object(secret("spoilt", Map.of("password", "good"), "Opaque"));
    Instance desk = given.instance("desk").passwordSecret("spoilt").running();

    // When
    String spoilt = Base64.getEncoder().encodeToString(new byte[] {(byte) 0xff});
    Cluster.edit(own, edited -> edited.getData().put("password", spoilt));

    // Then
    assertThat(Eventually.instance(desk).isNotReady(Reason.PASSWORD_SECRET_INVALID))
        .contains("spoilt", "password", "UTF-8");
    Eventually.instance(desk).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING).acceptsLogins();
    assertThat(desk.credentials()).containsEntry("password", "good");

    Cluster.editPassword(own, "better");
    Eventually.instance(desk).isReady();
    assertPublished(desk, "better");
  }

  @Test
  void requestedRotationKeepsInstanceAvailableAndSessionsOpen() throws SQLException {
    // Given
    Instance shop = given.instance("shop").running();
    String old = shop.credentials().get("password");
    Pod before = shop.pod();
    try (Client session = Client.connect(shop)) {

      // When
      shop.change(spec -> spec.annotation("rotate-password", "spring"));

      // Then
      Consistently.that(
          "the instance stays available",
          () ->
              assertThat(shop.condition(ConditionType.AVAILABLE).orElseThrow().getStatus())
                  .isEqualTo("True"));
      Eventually.instance(shop).hasPasswordOtherThan(old).isReady().acceptsLogins();
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
    assertThatThrownBy(() -> login(shop, old)).hasMessageContaining("authentication");
    shop.assertHas(before);
    String rotated = shop.credentials().get("password");
    Consistently.that(
        "the password is rotated only once",
        () -> assertThat(shop.credentials()).containsEntry("password", rotated));
  }

  @Test
  @Tag("long")
  void oldPasswordIsRotatedAutomatically() {
    // Given
    Instance safe = given.instance("safe").running();
    String old = safe.credentials().get("password");
    Cluster.edit(
        safe.appSecret(),
        published ->
            published
                .getMetadata()
                .getAnnotations()
                .put("postgresinstance.dev/password-published", "2020-01-01T00:00:00Z"));

    // When
    safe.change(spec -> spec.passwordRotation("720h"));

    // Then
    Eventually.instance(safe).hasPasswordOtherThan(old).isReady().acceptsLogins();
    assertThatThrownBy(() -> login(safe, old)).hasMessageContaining("authentication");
    Eventually.that(
        "the next rotation is scheduled",
        () ->
            assertThat(safe.resource().getStatus().passwordRotation().nextTime())
                .isGreaterThan(safe.resource().getStatus().passwordRotation().lastTime()));
  }

  private static void login(Instance instance, String password) throws SQLException {
    Client.connect(instance.resource().getStatus().endpoints().address(), "app", "app", password)
        .close();
  }

  private static void assertPublished(Instance instance, String password) {
    Eventually.that(
        "the new password is published for " + instance,
        () -> assertThat(instance.credentials()).containsEntry("password", password));
  }

  private static Secret secret(String name, Map<String, String> texts, String type) {
    SecretBuilder secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .addToLabels("postgresinstance.dev/watch", "true")
            .endMetadata()
            .withType(type);
    texts.forEach((key, text) -> secret.addToData(key, encoded(text)));
    return secret.build();
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
