package dev.postgresinstance.api.v1alpha1;

/** Validation rules, in CEL, of annotations that a user sets on an object of the operator. */
final class AnnotationRules {

  /** Keys as the API server takes them. */
  static final String KEYS =
      "self.all(k, k.size() <= 317"
          + " && k.matches('^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?"
          + "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$'))";

  /** No key by which the operator or Argo CD know what is theirs. */
  static final String NOT_RESERVED =
      "self.all(k, !k.startsWith('postgresinstance.dev/')"
          + " && !k.startsWith('argocd.argoproj.io/'))";

  private AnnotationRules() {}
}
