package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import java.util.List;
import java.util.Optional;

/** Problems of the user's Secret with a password. */
final class PasswordProblems {

  private PasswordProblems() {}

  /** The Secret holds no usable password, and the published one stays in use. */
  static Optional<Problem> of(Snapshot snapshot) {
    return UserProvidedPassword.fault(snapshot)
        .map(
            fault ->
                new Problem(
                    Reason.PASSWORD_SECRET_INVALID,
                    fault + " The published password stays in use."));
  }

  /** A new password cannot be published. */
  static List<Problem> ofPublication(ReconcileInput input) {
    Publication publication = Publication.of(input);
    PostgresInstance instance = input.snapshot().instance();
    String secret = Names.appSecret(instance);
    if (publication.hasFailed(input)) {
      String message =
          "The API server did not accept the new password in Secret %s after the operator had set it in the database. %s"
              .formatted(
                  secret,
                  publication.former().isPresent()
                      ? "The operator is about to set the former one again."
                      : "No Secret holds the password until the API server accepts this one.");
      return List.of(
          new Problem(ConditionType.CREDENTIALS_IN_SYNC, Reason.LOGIN_REFUSED, message),
          new Problem(ConditionType.AVAILABLE, Reason.LOGIN_REFUSED, message));
    }
    return publication.rejection().stream()
        .map(
            rejection ->
                ApiProblems.rejected(
                        instance, Publication.secret(input, publication.desired()), rejection)
                    .precededBy(
                        "The password of %s in the database was not changed, because the API server would reject Secret %s with the new one."
                            .formatted(instance.getSpec().username(), secret)))
        .toList();
  }

  /** The published Secret lacks a key, in a sentence. */
  static Optional<String> passwordFile(Credentials credentials) {
    return LoginData.fitsPasswordFile(credentials.password())
        ? Optional.empty()
        : Optional.of(
            "The published Secret has no key pgpass, because that format cannot hold line breaks.");
  }
}
