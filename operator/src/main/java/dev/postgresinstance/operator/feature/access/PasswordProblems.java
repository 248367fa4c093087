package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
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

  /** The published Secret lacks a key, in a sentence. */
  static Optional<String> passwordFile(Credentials credentials) {
    return LoginData.fitsPasswordFile(credentials.password())
        ? Optional.empty()
        : Optional.of(
            "The published Secret has no key pgpass, because that format cannot hold line breaks.");
  }
}
