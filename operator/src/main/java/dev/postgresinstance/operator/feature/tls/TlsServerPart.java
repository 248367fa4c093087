package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.session.PlainSessionsTask;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What TLS adds to the pod, to postgresql.conf and to pg_hba.conf. */
public final class TlsServerPart {

  private static final String PATH = "/etc/postgres-instance-tls";
  private static final String VOLUME = "tls";

  /** PostgreSQL accepts a key of root that its group may read. */
  private static final int MODE = 0440;

  private static final Pattern NETWORK_RULE = Pattern.compile("(?m)^host +");

  private TlsServerPart() {}

  /** Whether the next pod can mount the certificate: it exists, and nobody else owns its Secret. */
  static boolean canBeMounted(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.TLS_SECRET)
        .filter(secret -> Identity.of(secret).equals(Optional.of(Identity.of(snapshot))))
        .isPresent();
  }

  /**
   * Whether the server offers TLS: its pod mounts the certificate, which must have existed when the
   * pod was created. Without a pod, the next one counts.
   */
  public static boolean isOffered(Snapshot snapshot) {
    return snapshot.pod().map(TlsServerPart::mounts).orElseGet(() -> canBeMounted(snapshot));
  }

  /**
   * Whether connections from the network must use TLS: it is requested, and the server offers it.
   */
  public static boolean isRequired(Snapshot snapshot) {
    return isRequested(snapshot) && isOffered(snapshot);
  }

  /** Whether {@code spec.tls.required} is true, whatever the server offers. */
  static boolean isRequested(Snapshot snapshot) {
    return Boolean.TRUE.equals(snapshot.instance().getSpec().tls().required());
  }

  private static boolean mounts(Pod pod) {
    return DatabaseContainer.of(pod).stream()
        .flatMap(container -> container.getVolumeMounts().stream())
        .anyMatch(mount -> PATH.equals(mount.getMountPath()));
  }

  /** The volume with the certificate, for the next pod. */
  public static List<Volume> volumes(Snapshot snapshot) {
    return canBeMounted(snapshot)
        ? List.of(
            new VolumeBuilder()
                .withName(VOLUME)
                .withNewSecret()
                .withSecretName(Names.tlsSecret(snapshot.instance()))
                .withDefaultMode(MODE)
                .withItems(
                    Stream.of(KeyedCertificate.CERTIFICATE, KeyedCertificate.KEY)
                        .map(key -> new KeyToPathBuilder().withKey(key).withPath(key).build())
                        .toList())
                .endSecret()
                .build())
        : List.of();
  }

  /** Where the container mounts it. */
  public static List<VolumeMount> mounts(Snapshot snapshot) {
    return canBeMounted(snapshot)
        ? List.of(
            new VolumeMountBuilder()
                .withName(VOLUME)
                .withMountPath(PATH)
                .withReadOnly(true)
                .build())
        : List.of();
  }

  /** The parameters by name, in the order of the file; none for a server that offers no TLS. */
  public static Map<String, String> parameters(Snapshot snapshot) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (isOffered(snapshot)) {
      parameters.put("ssl", "on");
      parameters.put("ssl_cert_file", PATH + "/" + KeyedCertificate.CERTIFICATE);
      parameters.put("ssl_key_file", PATH + "/" + KeyedCertificate.KEY);
      parameters.put(
          "ssl_min_protocol_version",
          snapshot.instance().getSpec().tls().minVersion().postgresName());
    }
    if (isRequired(snapshot)) {
      parameters.put(PlainSessionsTask.MARKER, PlainSessionsTask.RULES_MARKER);
    }
    return parameters;
  }

  /**
   * The rules of authentication for a server: where TLS is required, no rule admits a connection
   * from the network without it.
   *
   * @param rules the text of pg_hba.conf
   */
  public static String rules(String rules, Snapshot snapshot) {
    return isRequired(snapshot) ? NETWORK_RULE.matcher(rules).replaceAll("hostssl ") : rules;
  }
}
