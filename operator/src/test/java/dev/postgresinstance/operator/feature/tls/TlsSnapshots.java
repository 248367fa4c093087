package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;

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

  /** The snapshot after the Secret of the application was written, with the trusted authorities. */
  static Snapshot published(Snapshot snapshot) {
    return snapshot.with(
        new SecretBuilder()
            .withNewMetadata()
            .withName("orders-app")
            .endMetadata()
            .withData(
                SecretData.encode(
                    Map.of("ca.crt", CertificateAuthority.trusted(snapshot).orElseThrow())))
            .build());
  }

  /** The authority that signs, with its key. */
  static KeyedCertificate signing(Snapshot snapshot) {
    return KeyedCertificate.in(snapshot.get(ObjectKey.CA_SECRET)).orElseThrow();
  }

  /** The authority that signs. */
  static X509Certificate authority(Snapshot snapshot) {
    return signing(snapshot).certificate();
  }

  /** The certificate for the server. */
  static X509Certificate certificate(Snapshot snapshot) {
    return ServerCertificate.of(snapshot).orElseThrow().certificate();
  }
}
