package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;

/**
 * Whether a new password can be published. It is set in the database before its Secret is written,
 * so nobody could log in any more if the API server then rejected the Secret. Before anything is
 * set, a dry run shows whether the API server accepts the Secret; if it rejects the write all the
 * same, the former password is set again.
 *
 * @param desired the credentials as they should be
 * @param former the password that the published Secret holds
 * @param persisted the password that a Secret holds and that should be in force
 * @param rejection why the API server rejects the Secret with the new password; empty where there
 *     is none, or it can be published
 * @param paused whether nothing may be changed
 */
public record Publication(
    Credentials desired,
    Optional<String> former,
    Optional<String> persisted,
    Optional<Rejection> rejection,
    boolean paused) {

  /** What the API server answers to the new password, if there is one. */
  public static Publication of(ReconcileInput input) {
    Snapshot snapshot = input.atStart();
    Credentials desired = Credentials.of(snapshot, input.passwords(), input.now());
    return new Publication(
        desired,
        Credentials.published(snapshot),
        Credentials.persistedPassword(snapshot, input.now()),
        snapshot.paused() || desired.publishable()
            ? Optional.empty()
            : input.cluster().rejection(secret(input, desired), snapshot.get(ObjectKey.APP_SECRET)),
        snapshot.paused());
  }

  /** The published Secret with these credentials. */
  static Secret secret(ReconcileInput input, Credentials credentials) {
    return AppSecret.desired(
        input.snapshot(),
        credentials,
        DataRecord.after(input.atStart(), input.login()),
        input.now());
  }

  /**
   * The password with which the next login is tried: the one that clients use if no other may be
   * set. Empty where none is stored.
   */
  public Optional<String> passwordToProve() {
    return paused || rejection.isPresent() ? former.or(() -> persisted) : persisted;
  }

  /** Whether the next session may set a password that is not published yet. */
  public boolean mayBeSet() {
    return !paused && rejection.isEmpty() && !passwordToProve().equals(former);
  }

  /**
   * Whether no password may be set: the new one cannot be published, and the one in the database is
   * unknown.
   */
  boolean isStuck() {
    return rejection.isPresent() && former.isEmpty();
  }

  /**
   * The credentials before the published Secret is written. A password is published once a login
   * has proven it.
   */
  Credentials toPublish(LoginResult login) {
    if (rejection.isPresent()) {
      return former.map(desired::withPublished).orElse(desired);
    }
    boolean isProven =
        login instanceof LoggedIn && persisted.equals(Optional.of(desired.password()));
    return isProven ? desired.proven() : desired;
  }

  /** The credentials after the published Secret was written, or its write was rejected. */
  Credentials inForce(ReconcileInput input) {
    Credentials credentials = toPublish(input.login());
    return hasFailed(input)
        ? former.map(credentials::withPublished).orElseGet(credentials::unpublished)
        : credentials;
  }

  /** Whether the API server has rejected a proven password although the dry run succeeded. */
  boolean hasFailed(ReconcileInput input) {
    Credentials credentials = toPublish(input.login());
    return credentials.publishable()
        && Credentials.isUnpublished(input.snapshot(), credentials.password());
  }

  /** Never the values: records end up in logs. */
  @Override
  public String toString() {
    return "Publication[rejection=" + rejection + "]";
  }
}
