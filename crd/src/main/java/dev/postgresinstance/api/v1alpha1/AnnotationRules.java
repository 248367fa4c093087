package dev.postgresinstance.api.v1alpha1;

/** CEL rules for the annotations that a user sets on objects of the operator. */
final class AnnotationRules {

  /** Every key has the form that the API server requires. */
  static final String KEYS =
      "self.all(k, k.size() <= 317"
          + " && k.matches('^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?"
          + "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$'))";

  /** No key has a prefix with which the operator or Argo CD identify their objects. */
  static final String NOT_RESERVED =
      "self.all(k, !k.startsWith('postgresinstance.dev/')"
          + " && !k.startsWith('argocd.argoproj.io/'))";

  private AnnotationRules() {}
}
