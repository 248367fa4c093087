package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** The names of an instance's objects: the only place that spells them. */
public final class Names {

  /** The only container of the database pod. */
  public static final String CONTAINER = "postgres";

  /** The port's name in Service and container, as IANA registers it. */
  public static final String PORT = "postgresql";

  /** The port PostgreSQL listens on. */
  public static final int PORT_NUMBER = 5432;

  /** The login role of the operator; reserved by a rule of the CRD. */
  public static final String OPERATOR_ROLE = "pgi_operator";

  /** The superuser that initdb makes. */
  public static final String SUPERUSER = "postgres";

  private Names() {}

  /** StatefulSet of that instance. */
  public static String statefulSet(HasMetadata instance) {
    return instance.getMetadata().getName();
  }

  /** Service of that instance. */
  public static String service(HasMetadata instance) {
    return instance.getMetadata().getName();
  }

  /** The one pod of that instance's StatefulSet. */
  public static String pod(HasMetadata instance) {
    return instance.getMetadata().getName() + "-0";
  }

  /** PersistentVolumeClaim that holds the data. */
  public static String claim(HasMetadata instance) {
    return instance.getMetadata().getName() + "-data";
  }

  /** ConfigMap with the start script and the server's configuration. */
  public static String configMap(HasMetadata instance) {
    return instance.getMetadata().getName() + "-config";
  }

  /** Secret that is published to applications. */
  public static String appSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-app";
  }

  /** Secret with the superuser's password, published on request. */
  public static String superuserSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-superuser";
  }

  /** Secret of the operator: its own role and the verifiers of all roles. */
  public static String operatorSecret(HasMetadata instance) {
    return instance.getMetadata().getName() + "-operator";
  }

  /** Host name of the Service inside the cluster, without the cluster's domain, which differs. */
  public static String serviceHost(HasMetadata instance) {
    return service(instance) + "." + instance.getMetadata().getNamespace() + ".svc";
  }
}
