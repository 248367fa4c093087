package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.RejectionCause;
import dev.postgresinstance.operator.sql.tls.TlsNotOfferedException;

/** What it means for the operator that a server accepts no connection without TLS. */
public final class RequiredTls {

  private RequiredTls() {}

  /**
   * Whether the server is known to accept no connection without TLS. Until then the operator also
   * logs in without: it may have to reload a server that does not offer TLS yet. Afterwards it does
   * not, so that nobody in between can make it do so. A restarted server has the same rules.
   */
  public static boolean isProven(Snapshot snapshot) {
    return TlsServerPart.isRequired(snapshot)
        && snapshot
            .previousStatus()
            .get(PostgresInstanceStatus::tls)
            .map(TlsStatus::required)
            .orElse(false);
  }

  /** Whether the operator cannot log in, because the server requires TLS and offers none. */
  static boolean isUnusable(Snapshot snapshot, LoginResult login) {
    return TlsServerPart.isRequired(snapshot)
        && switch (login) {
          case LoginRejected rejected -> RejectionCause.isWithoutTls(rejected.message());
          case Unreachable unreachable ->
              TlsNotOfferedException.MESSAGE.equals(unreachable.message());
          default -> false;
        };
  }

  /**
   * Whether that is why the server rejects the operator's role.
   *
   * @param message message of PostgreSQL
   */
  public static boolean isCauseOf(String message, Snapshot snapshot) {
    return TlsServerPart.isRequired(snapshot) && RejectionCause.isWithoutTls(message);
  }
}
