package dev.postgresinstance.api.v1alpha1;

/** CEL rules for the annotations and labels that a user sets on objects of the operator. */
final class MetadataRules {

  /** The name in a key, or the value of a label, in the form that the API server requires. */
  private static final String NAME = "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";

  private static final String KEY =
      "k.size() <= 317 && k.matches('^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?" + NAME + "$')";

  private static final String KEY_IS_FREE =
      "!k.startsWith('postgresinstance.dev/') && !k.startsWith('argocd.argoproj.io/')";

  /** Every key of the annotations has the form that the API server requires. */
  static final String ANNOTATIONS = "self.all(k, " + KEY + ")";

  /** No annotation has a prefix with which the operator or Argo CD identify their objects. */
  static final String ANNOTATIONS_NOT_RESERVED = "self.all(k, " + KEY_IS_FREE + ")";

  /** Every key and value of the labels has the form that the API server requires. */
  static final String LABELS = "self.all(k, " + KEY + " && self[k].matches('^(" + NAME + ")?$'))";

  /** No label is one by which the operator, Argo CD or Kubernetes identify the pod. */
  static final String POD_LABELS_NOT_RESERVED =
      "self.all(k, "
          + KEY_IS_FREE
          + " && !k.startsWith('statefulset.kubernetes.io/')"
          + " && !k.startsWith('apps.kubernetes.io/')"
          + " && !(k in ['app.kubernetes.io/name', 'app.kubernetes.io/instance',"
          + " 'app.kubernetes.io/component', 'app.kubernetes.io/managed-by',"
          + " 'controller-revision-hash']))";

  private MetadataRules() {}
}
