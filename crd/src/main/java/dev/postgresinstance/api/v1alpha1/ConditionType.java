package dev.postgresinstance.api.v1alpha1;

/** The types of conditions in the status. */
public enum ConditionType {
  READY(
      "Ready",
      "Everything is as the spec asks for, and a login through the Service with the published"
          + " credentials succeeds."),
  AVAILABLE(
      "Available", "A login succeeds now, whether or not everything is as the spec asks for."),
  CREDENTIALS_IN_SYNC(
      "CredentialsInSync",
      "The published password is the one of the database, as a login has shown. Unknown while no"
          + " login can tell."),
  EXTERNAL_ACCESS_READY(
      "ExternalAccessReady",
      "Clients outside the cluster have the address that the spec asks for: the node port is"
          + " granted, the load balancer has an address. Not there for type ClusterIP."),
  INITIALIZED(
      "Initialized",
      "The data was made and is recorded, so that an empty volume would never be taken for a new"
          + " one."),
  RECONCILING(
      "Reconciling",
      "Only there when True: it is not ready, and it may still become so without a change of the"
          + " resource. The reason is that of Ready."),
  STALLED(
      "Stalled",
      "Only there when True: without a person it will not become ready. The reason is that of"
          + " Ready."),
  STORAGE_READY("StorageReady", "The volume has the size that was asked for, and room left."),
  PENDING_RESTART(
      "PendingRestart",
      "Only there when True: something waits for the next restart. It does not keep the instance"
          + " from being ready."),
  DATA_AT_RISK(
      "DataAtRisk",
      "Only there when True: spec.parameters switch off what protects the data when the server or"
          + " its node crashes, or indexes do not fit the image."),
  OTHER_SUPERUSERS(
      "OtherSuperusers",
      "Only there when True: somebody has made other superusers than postgres. It does not keep the"
          + " instance from being ready.");

  private final String type;
  private final String meaning;

  ConditionType(String type, String meaning) {
    this.type = type;
    this.meaning = meaning;
  }

  /** The word in {@code status.conditions[].type}. */
  public String type() {
    return type;
  }

  /** What it means that the condition is True, in a sentence for people. */
  public String meaning() {
    return meaning;
  }
}
