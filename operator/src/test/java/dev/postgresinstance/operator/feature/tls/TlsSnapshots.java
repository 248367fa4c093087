package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import java.time.Instant;
import java.util.List;

/** Snapshots with the two Secrets of TLS. */
public final class TlsSnapshots {

  private TlsSnapshots() {}

  /** The snapshot after a reconciliation has written authority and certificate. */
  public static Snapshot withCertificate(Snapshot snapshot) {
    return reconciled(snapshot, ReconcileInputs.of(snapshot).now());
  }

  /** The snapshot after a reconciliation at that time. */
  public static Snapshot reconciled(Snapshot snapshot, Instant now) {
    Snapshot written = snapshot;
    NewPasswords passwords = new NewPasswords();
    for (WritePhase phase : List.of(WritePhase.CERTIFICATE_AUTHORITY, WritePhase.CERTIFICATE)) {
      ReconcileInput input =
          new ReconcileInput(
              snapshot,
              written,
              new LoginResult.Pending(),
              passwords,
              ReconcileInputs.of(snapshot).cluster(),
              now);
      for (Child<?> child : new TlsFeature().children(phase, input)) {
        written = written.with(child.desired());
      }
    }
    return written;
  }
}
