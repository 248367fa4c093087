package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import java.util.Optional;

/** What is to be said of the Secret with a password of the caller's own. */
public final class PasswordProblems {

  private PasswordProblems() {}

  /** That it holds no password that could be used, while another one goes on to be used. */
  public static Optional<Problem> of(Snapshot snapshot) {
    return UserProvidedPassword.fault(snapshot)
        .map(
            fault ->
                new Problem(
                    Reason.PASSWORD_SECRET_INVALID,
                    fault + " The password stays the one that is published."));
  }

  /** That the published Secret lacks a key, in a sentence. */
  public static Optional<String> passwordFile(Credentials credentials) {
    return LoginData.fitsPasswordFile(credentials.password())
        ? Optional.empty()
        : Optional.of("The published Secret has no key pgpass, whose format holds no line breaks.");
  }
}
