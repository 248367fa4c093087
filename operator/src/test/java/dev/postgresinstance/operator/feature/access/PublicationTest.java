package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new password is set in the database only if it can be published. */
class PublicationTest {

  private static final Credentials OLD = new Credentials("old", true, "operator", "salt");
  private static final Credentials PENDING = new Credentials("new", false, "operator", "salt");
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult WRONG_PASSWORD =
      new LoginRejected("28P01", "FATAL: no", ServerFindings.NONE);
  private static final Rejection IMMUTABLE =
      new Rejection(
          422,
          "Secret \"orders-app\" is invalid: data: Forbidden: field is immutable when `immutable` is"
              + " set");
  private static final Rejection POLICY = new Rejection(403, "secrets are frozen");

  private final AccessFeature feature = new AccessFeature();
  private final Snapshot initialized = Snapshots.initialized();
  private final Snapshot rotating =
      initialized
          .with(OperatorSecret.desired(initialized, OLD, Optional.empty(), false))
          .with(AppSecret.desired(initialized, OLD, DataRecord.of(initialized), Pods.NOW));
  private final Snapshot pending =
      rotating.with(OperatorSecret.desired(rotating, PENDING, Optional.empty(), false));
  private final Snapshot deleted =
      initialized.with(OperatorSecret.desired(initialized, OLD, Optional.empty(), false));

  @BeforeEach
  void requestRotation() {
    initialized.instance().getMetadata().setAnnotations(Map.of(Rotation.ROTATE_PASSWORD, "please"));
  }

  @Test
  void storesAndSetsNewPasswordThatCanBePublished() {
    // When
    ReconcileInput input = input(rotating, new Pending());

    // Then
    assertThat(text(operatorSecret(input), Credentials.PENDING)).contains("new");
    assertThat(Publication.of(input(pending, new Pending())))
        .returns(true, Publication::mayBeSet)
        .returns(Optional.of("new"), Publication::passwordToProve);
  }

  @Test
  void storesNoPasswordThatCannotBePublished() {
    // When
    ReconcileInput input = rejecting(input(rotating, new Pending()), IMMUTABLE);

    // Then: neither the next session nor the next start sets it
    assertThat(operatorSecret(input)).isEqualTo(rotating.get(ObjectKey.OPERATOR_SECRET));
    assertThat(appSecret(input)).isEqualTo(rotating.get(ObjectKey.APP_SECRET));
    assertThat(Publication.of(input))
        .returns(false, Publication::mayBeSet)
        .returns(Optional.of("old"), Publication::passwordToProve);
  }

  @Test
  void reportsWhyNewPasswordCannotBePublished() {
    // When
    List<Problem> problems = problems(rejecting(input(rotating, LOGGED_IN), IMMUTABLE));

    // Then: the published password works
    assertThat(problems)
        .singleElement()
        .returns(ConditionType.READY, Problem::condition)
        .returns(Reason.OBJECT_IMMUTABLE, Problem::reason);
    assertThat(problems.getFirst().message())
        .startsWith(
            "The password of app in the database was not changed, because the API server would reject"
                + " Secret orders-app with the new one. Secret orders-app is immutable, and the"
                + " operator has to change it.")
        .contains("kubectl get -n shop secret orders-app");
  }

  @Test
  void setsFormerPasswordAgainWhenPendingOneCannotBePublishedAnyMore() {
    // Given: the password was set, and then the Secret was made immutable
    ReconcileInput input = rejecting(input(pending, WRONG_PASSWORD), IMMUTABLE);

    // Then
    assertThat(Publication.of(input).passwordToProve()).contains("old");
    assertThat(text(operatorSecret(input), Credentials.PENDING)).isEmpty();
    assertThat(feature.requests(input)).containsExactly(CredentialRepair.SET_PASSWORD);
  }

  @Test
  void forgetsPasswordWhoseWriteIsRejectedAlthoughDryRunSucceeds() {
    // Given: the login has proven the new password, and its Secret could not be written
    ReconcileInput input = input(pending, LOGGED_IN);
    assertThat(text(appSecret(input), SecretData.PASSWORD)).contains("new");

    // Then
    assertThat(text(operatorSecret(input), Credentials.PENDING)).isEmpty();
    assertThat(operatorSecret(input)).isEqualTo(rotating.get(ObjectKey.OPERATOR_SECRET));
    assertThat(problems(input))
        .extracting(Problem::condition)
        .containsExactly(ConditionType.CREDENTIALS_IN_SYNC, ConditionType.AVAILABLE);
  }

  @Test
  void promisesNoFormerPasswordWhereNoneIsPublished() {
    // Given: the deleted Secret cannot be created although the dry run succeeds
    Snapshot lost = deleted.with(OperatorSecret.desired(deleted, PENDING, Optional.empty(), false));

    // Then
    assertThat(problems(input(lost, LOGGED_IN)))
        .extracting(Problem::message)
        .allMatch(message -> message.endsWith("until the API server accepts this one."))
        .hasSize(2);
  }

  @Test
  void reportsNothingOncePasswordIsPublished() {
    // Given
    Secret published = appSecret(input(pending, LOGGED_IN)).orElseThrow();
    ReconcileInput input =
        ReconcileInputs.of(
            pending, pending.with(published), LOGGED_IN, new NewPasswords(() -> "newer"));

    // Then
    assertThat(problems(input)).isEmpty();
    assertThat(text(operatorSecret(input), Credentials.PENDING)).isEmpty();
  }

  @Test
  void setsNoPasswordInPlaceOfDeletedSecretThatCannotBeCreated() {
    // When
    ReconcileInput input = rejecting(input(deleted, new Pending()), POLICY);

    // Then: clients that know the password may go on, and the next start sets no other one
    assertThat(appSecret(input)).isEmpty();
    assertThat(operatorSecret(input).map(Secret::getData))
        .isEqualTo(deleted.get(ObjectKey.OPERATOR_SECRET).map(Secret::getData));
    assertThat(Publication.of(input).passwordToProve()).isEmpty();
    assertThat(problems(input))
        .singleElement()
        .returns(Reason.API_ERROR, Problem::reason)
        .extracting(Problem::message)
        .asString()
        .endsWith("The API server rejects Secret orders-app: secrets are frozen");
  }

  @Test
  void doesNotRepairWhileNewSecretCannotBeCreated() {
    // Given: the password that was to be published before
    Snapshot lost = deleted.with(OperatorSecret.desired(deleted, PENDING, Optional.empty(), false));

    // When
    ReconcileInput input = rejecting(input(lost, WRONG_PASSWORD), POLICY);

    // Then
    assertThat(Publication.of(input).mayBeSet()).isFalse();
    assertThat(feature.requests(input)).isEmpty();
  }

  @Test
  void asksNothingWithoutNewPassword() {
    // Given
    initialized.instance().getMetadata().setAnnotations(Map.of());

    // Then
    assertThat(Publication.of(rejecting(input(rotating, LOGGED_IN), POLICY)).rejection()).isEmpty();
  }

  @Test
  void provesPublishedPasswordWhilePaused() {
    // Given: a rotation began before the pause
    Snapshot paused = Snapshots.withSpec(pending, "paused: true");

    // Then: clients use the published one
    assertThat(Publication.of(input(paused, new Pending())))
        .returns(false, Publication::mayBeSet)
        .returns(Optional.of("old"), Publication::passwordToProve);
  }

  @Test
  void keepsUserProvidedPasswordFromDatabaseUntilItCanBePublished() {
    // Given
    Snapshot provided =
        Snapshots.withUserPasswordSecret(
            Snapshots.withSpec(rotating, "passwordSecretRef: {name: mine, key: password}"),
            new SecretBuilder()
                .withNewMetadata()
                .withName("mine")
                .endMetadata()
                .withType("Opaque")
                .addToData(SecretData.encode(Map.of("password", "mine")))
                .build());

    // Then
    assertThat(Publication.of(input(provided, new Pending())))
        .returns(true, Publication::mayBeSet)
        .returns(Optional.of("mine"), Publication::passwordToProve);
    assertThat(Publication.of(rejecting(input(provided, new Pending()), POLICY)))
        .returns(false, Publication::mayBeSet)
        .returns(Optional.of("old"), Publication::passwordToProve);
  }

  @Test
  void writesMetadataOfImmutableSecretWithItsPresentData() {
    // Given
    Child<Secret> child = child(input(pending, LOGGED_IN), ObjectKey.APP_SECRET).orElseThrow();

    // When
    Optional<Fallback<Secret>> fallback = child.onRejection().apply(IMMUTABLE);

    // Then: the rotation is still due
    Secret kept = ((Fallback.UseInstead<Secret>) fallback.orElseThrow()).desired();
    assertThat(text(Optional.of(kept), SecretData.PASSWORD)).contains("old");
    assertThat(Rotation.isDue(pending.with(kept), Pods.NOW)).isTrue();
    assertThat(child.onRejection().apply(POLICY)).isEmpty();
  }

  @Test
  void setsNoPasswordOfSuperuserThatCannotBePublished() {
    // Given
    Snapshot opening = Snapshots.withSpec(rotating, "superuserAccess: true");
    initialized.instance().getMetadata().setAnnotations(Map.of());

    // When
    ReconcileInput input =
        ReconcileInputs.rejecting(input(opening, new Pending()), POLICY, "orders-superuser");

    // Then
    assertThat(text(operatorSecret(input), SuperuserPassword.PENDING)).isEmpty();
    assertThat(text(operatorSecret(input(opening, new Pending())), SuperuserPassword.PENDING))
        .isPresent();
    assertThat(problems(input))
        .extracting(Problem::message)
        .containsExactly(
            "The operator sets no password for the superuser, because the API server would reject"
                + " Secret orders-superuser. The API server rejects Secret orders-superuser: secrets"
                + " are frozen");
  }

  @Test
  void toStringContainsNoPassword() {
    assertThat(Publication.of(input(pending, LOGGED_IN)).toString())
        .doesNotContain("old")
        .doesNotContain("new");
  }

  private static ReconcileInput input(Snapshot snapshot, LoginResult login) {
    return ReconcileInputs.of(snapshot, snapshot, login, new NewPasswords(() -> "new"));
  }

  private static ReconcileInput rejecting(ReconcileInput input, Rejection rejection) {
    return ReconcileInputs.rejecting(input, rejection, "orders-app");
  }

  private List<Problem> problems(ReconcileInput input) {
    ProblemLog log = new ProblemLog();
    feature.assess(input, log);
    return log.problems();
  }

  private Optional<Secret> appSecret(ReconcileInput input) {
    return child(input, ObjectKey.APP_SECRET).map(Child::desired);
  }

  private Optional<Secret> operatorSecret(ReconcileInput input) {
    return child(input, ObjectKey.OPERATOR_SECRET).map(Child::desired);
  }

  private static Optional<String> text(Optional<Secret> secret, String key) {
    return SecretData.text(secret, key);
  }

  @SuppressWarnings("unchecked") // the key says it
  private Optional<Child<Secret>> child(ReconcileInput input, ObjectKey<Secret> key) {
    return Stream.of(WritePhase.PUBLISHED_SECRETS, WritePhase.OPERATOR_SECRET)
        .flatMap(phase -> feature.children(phase, input).stream())
        .filter(child -> child.key().equals(key))
        .map(child -> (Child<Secret>) child)
        .findFirst();
  }
}
