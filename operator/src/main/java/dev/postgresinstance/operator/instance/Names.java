package dev.postgresinstance.operator.instance;

import dev.postgresinstance.operator.common.Hashes;
import io.fabric8.kubernetes.api.model.HasMetadata;

/** The names of an instance's objects: the only place that spells them. */
public final class Names {

  /** The only container of the database pod. */
  public static final String CONTAINER = "postgres";

  /** Where the container mounts the ConfigMap. */
  public static final String CONFIG_PATH = "/etc/postgres-instance";

  /** The name of the port in Service and container, as IANA registers it. */
  public static final String PORT = "postgresql";

  /** The TCP port of PostgreSQL, in Service and container. */
  public static final int PORT_NUMBER = 5432;

  /** The login role of the operator; reserved by a rule of the CRD. */
  public static final String OPERATOR_ROLE = "pgi_operator";

  /** The login role of the backup pods; reserved by a rule of the CRD. */
  public static final String BACKUP_ROLE = "pgi_backup";

  /** How the backup pod that receives the write-ahead log names itself to the server. */
  public static final String BACKUP_RECEIVER = "pgi_receiver";

  /** The superuser that initdb creates. */
  public static final String SUPERUSER = "postgres";

  private Names() {}

  /** The StatefulSet of an instance. */
  public static String statefulSet(HasMetadata instance) {
    return instance.getMetadata().getName();
  }

  /** The Service of an instance. */
  public static String service(HasMetadata instance) {
    return instance.getMetadata().getName();
  }

  /** The one pod of the StatefulSet. */
  public static String pod(HasMetadata instance) {
    return instance.getMetadata().getName() + "-0";
  }

  /**
   * The PersistentVolumeClaim of the data, unless the data was restored in place; see {@link
   * ClaimInUse}.
   */
  public static String claim(HasMetadata instance) {
    return instance.getMetadata().getName() + "-data";
  }

  /** The PersistentVolumeClaim of data that is restored in place: another one for each request. */
  public static String restoredClaim(HasMetadata instance) {
    String request = Annotations.get(instance, Labels.RESTORE_TO).orElse("");
    return claim(instance) + "-" + Hashes.brief(request);
  }

  /** The ConfigMap with the start script and the server's configuration. */
  public static String configMap(HasMetadata instance) {
    return instance.getMetadata().getName() + "-config";
  }

  /** The Secret with the credentials for applications. */
  public static String appSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-app";
  }

  /** The Secret with the superuser's credentials, which exists on request. */
  public static String superuserSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-superuser";
  }

  /** The Secret with the credentials of the operator's own role and the verifiers of all roles. */
  public static String operatorSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-operator";
  }

  /** The Secret with the authority that signs the server's certificates. */
  public static String caSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-ca";
  }

  /** The Secret with the certificate of the server. */
  public static String tlsSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-tls";
  }

  /** The Secret with the credentials of the role that makes backups. */
  public static String backupSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-backup";
  }

  /** The PersistentVolumeClaim of the volume with the backups. */
  public static String backupClaim(HasMetadata instance) {
    return instance.getMetadata().getName() + "-backup";
  }

  /** The StatefulSet that archives the write-ahead log. */
  public static String backupStatefulSet(HasMetadata instance) {
    return instance.getMetadata().getName() + "-backup";
  }

  /** The ConfigMap with the scripts of the backup pods. */
  public static String backupConfigMap(HasMetadata instance) {
    return instance.getMetadata().getName() + "-backup";
  }

  /** The one pod of that StatefulSet. */
  public static String backupPod(HasMetadata instance) {
    return backupStatefulSet(instance) + "-0";
  }

  /** The Job that restores the data. */
  public static String restoreJob(HasMetadata instance) {
    return instance.getMetadata().getName() + "-restore";
  }

  /** The Job that verifies a backup. */
  public static String verifyJob(HasMetadata instance) {
    return instance.getMetadata().getName() + "-verify";
  }

  /** The Job that deletes backups from the store. */
  public static String backupDeletionJob(HasMetadata instance) {
    return instance.getMetadata().getName() + "-backup-deletion";
  }

  /** Host name of the Service inside the cluster, without the cluster's domain, which differs. */
  public static String serviceHost(HasMetadata instance) {
    return service(instance) + "." + instance.getMetadata().getNamespace() + ".svc";
  }
}
