package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.CallersPassword;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.LoginData;
import dev.postgresinstance.operator.children.World;
import java.util.Optional;

/** What is to be said of the Secret with a password of the caller's own. */
public final class PasswordTrouble {

  private PasswordTrouble() {}

  /** That it holds no password that could be used, while another one goes on to be used. */
  public static Optional<Trouble> of(World world) {
    return CallersPassword.fault(world)
        .map(
            fault ->
                new Trouble(
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
