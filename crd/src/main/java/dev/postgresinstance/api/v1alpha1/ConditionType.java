package dev.postgresinstance.api.v1alpha1;

/** The types of conditions in the status. */
public enum ConditionType {
  /** A login through the Service with the published credentials succeeded. */
  READY("Ready");

  private final String type;

  ConditionType(String type) {
    this.type = type;
  }

  /** The word in {@code status.conditions[].type}. */
  public String type() {
    return type;
  }
}
