package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Complete kubectl commands for messages: each names its namespace and can be pasted. */
public final class KubectlCommand {

  private KubectlCommand() {}

  /** Sets an annotation of the instance to the current time, which is always a new value. */
  public static String annotateWithDate(HasMetadata instance, String annotation) {
    return annotate(instance, annotation, "\"$(date)\"");
  }

  /**
   * Sets an annotation of the instance.
   *
   * @param value the value as the shell reads it: with quotation marks, if it needs any
   */
  public static String annotate(HasMetadata instance, String annotation, String value) {
    return "kubectl annotate -n %s pgi %s %s=%s --overwrite"
        .formatted(
            instance.getMetadata().getNamespace(),
            instance.getMetadata().getName(),
            annotation,
            value);
  }

  /** Removes an annotation of the instance. */
  public static String removeAnnotation(HasMetadata instance, String annotation) {
    return "kubectl annotate -n %s pgi %s %s-"
        .formatted(
            instance.getMetadata().getNamespace(), instance.getMetadata().getName(), annotation);
  }

  /**
   * Describes an object of the instance.
   *
   * @param kind kind of the object as kubectl accepts it, for example {@code pod}
   */
  public static String describe(HasMetadata instance, String kind, String name) {
    return "kubectl describe -n %s %s %s"
        .formatted(instance.getMetadata().getNamespace(), kind, name);
  }
}
