package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.AuthorityRotationStep;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import dev.postgresinstance.tests.support.Verification;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A new authority reaches the clients before a certificate of it reaches the server. */
class CaRotationTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String ROTATE_CA = "postgresinstance.dev/rotate-ca";
  private static final Page PAGE = new Page(Path.of("../docs/operations.md"));

  @TempDir private Path folder;

  @Test
  void clientsVerifyServerInEachStepAndSessionsContinue() throws Exception {
    // Given
    Instance orders = given.instance("orders").running();
    Pod pod = orders.pod();
    String serial = orders.tls().serialNumber();
    String former = Verification.url(orders);
    try (Client session = Client.connect(former)) {

      // When
      String command = PAGE.code("sh", ROTATE_CA).get(1);
      assertThat(Shell.runFor(orders, folder, command.replace(",12h", ",25s")))
          .endsWith("annotated");

      // Then: both are published, and whoever knows only the former one connects
      String before = verifyingIn(orders, AuthorityRotationStep.NEW_AUTHORITY_PUBLISHED);
      assertThat(orders.tls().serialNumber()).isEqualTo(serial);
      assertThat(message(orders)).contains("ca.crt contains a new authority, which signs");
      Client.connect(former).close();

      // Then: the new one signs, and whoever has read both connects
      verifyingIn(orders, AuthorityRotationStep.FORMER_AUTHORITY_TRUSTED);
      Eventually.instance(orders).servesCertificateOtherThan(serial);
      Client.connect(before).close();
      Client.connect(Verification.url(orders)).close();

      // Then: the former one is gone
      Eventually.that(
          "the rotation is over", () -> assertThat(orders.tls().authority().rotation()).isNull());
      Eventually.that(
          "the Secret of the application has one authority",
          () -> assertThat(orders.credentials().get("ca.crt").split("-----BEGIN")).hasSize(2));
      Client.connect(Verification.url(orders)).close();
      assertThatThrownBy(() -> Client.connect(former))
          .hasStackTraceContaining("PKIX path validation failed");
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
    orders.assertHas(pod);
  }

  @Test
  void requestThatIsNotUnderstoodIsToldAndThatOfTheDocumentationIsMet() {
    // Given
    Instance shop = given.instance("shop").running();

    // When
    shop.annotate(ROTATE_CA, "1, 7 days");

    // Then
    Eventually.that(
        "the status tells why nothing happens",
        () -> assertThat(message(shop)).contains("The annotation " + ROTATE_CA + " is ignored"));
    assertThat(shop.tls().authority().rotation()).isNull();

    // When
    String command = PAGE.code("sh", ROTATE_CA).getFirst();
    assertThat(Shell.runFor(shop, folder, command)).endsWith("annotated");

    // Then
    verifyingIn(shop, AuthorityRotationStep.NEW_AUTHORITY_PUBLISHED);
  }

  private static String verifyingIn(Instance instance, AuthorityRotationStep step) {
    Eventually.that(
        "the rotation is at " + step,
        () -> assertThat(instance.tls().authority().rotation()).isEqualTo(step));
    Eventually.that(
        "the Secret of the application has two authorities",
        () -> assertThat(instance.credentials().get("ca.crt").split("-----BEGIN")).hasSize(3));
    return Verification.url(instance);
  }

  private static String message(Instance instance) {
    return instance.condition(ConditionType.CERTIFICATE_READY).orElseThrow().getMessage();
  }
}
