package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.PasswordRotationStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.instance.PreviousStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Collects the status of an instance: each feature sets its own conditions and fields. Conditions
 * are listed in the order of {@link ConditionType}, whoever sets them first.
 */
public final class StatusBuilder {

  /** Limit for messages that quote other programs; the API would accept 32,768 characters. */
  static final int MAX_MESSAGE_LENGTH = 2_000;

  private static final List<String> ORDER =
      Arrays.stream(ConditionType.values()).map(ConditionType::type).toList();

  private static final Comparator<String> IN_ORDER =
      Comparator.<String>comparingInt(
              type -> ORDER.contains(type) ? ORDER.indexOf(type) : ORDER.size())
          .thenComparing(Comparator.naturalOrder());

  private final PreviousStatus previous;
  private final Optional<Problem> down;
  private final String now;
  private final Map<String, Condition> conditions = new TreeMap<>(IN_ORDER);
  private EndpointsStatus endpoints;
  private BindingStatus binding;
  private StorageStatus storage;
  private String systemIdentifier;
  private String version;
  private String imageId;
  private PasswordRotationStatus passwordRotation;
  private CrashStatus crashes;
  private TlsStatus tls;
  private BackupStatus backup;

  /**
   * Creates a builder without conditions and fields.
   *
   * @param down why no login succeeds; empty when one does
   * @param now transition time of the conditions whose status changes
   */
  public StatusBuilder(PostgresInstance instance, Optional<Problem> down, Instant now) {
    this.previous = PreviousStatus.of(instance);
    this.down = down;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The status that the last reconciliation wrote. */
  public PreviousStatus previous() {
    return previous;
  }

  /** Why no login succeeds; empty when one does. */
  public Optional<Problem> down() {
    return down;
  }

  /** Sets a condition to True or False. */
  public void condition(ConditionType type, boolean isTrue, Reason reason, String message) {
    condition(type, isTrue ? "True" : "False", reason, message);
  }

  /** Sets a condition to False because of a problem. */
  public void failed(ConditionType type, Problem problem) {
    condition(type, false, problem.reason(), problem.message());
  }

  /** Sets a condition to Unknown. */
  public void unknown(ConditionType type, Reason reason, String message) {
    condition(type, "Unknown", reason, message);
  }

  /** Keeps a condition of the previous status, for the current generation. */
  public void keep(Condition before) {
    conditions.put(
        before.getType(),
        new ConditionBuilder(before).withObservedGeneration(previous.generation()).build());
  }

  private void condition(ConditionType type, String status, Reason reason, String message) {
    conditions.put(
        type.type(),
        new ConditionBuilder()
            .withType(type.type())
            .withStatus(status)
            .withReason(reason.word())
            .withMessage(Messages.abbreviate(message, MAX_MESSAGE_LENGTH))
            .withObservedGeneration(previous.generation())
            .withLastTransitionTime(
                previous
                    .condition(type)
                    .filter(before -> before.getStatus().equals(status))
                    .map(Condition::getLastTransitionTime)
                    .orElse(now))
            .build());
  }

  /** Sets the addresses of the server; null while there is no Service. */
  public void endpoints(EndpointsStatus value) {
    endpoints = value;
  }

  /** Sets the Secret with the published credentials; null while there is none. */
  public void binding(BindingStatus value) {
    binding = value;
  }

  /** Sets the state of the volume; null while there is no claim. */
  public void storage(StorageStatus value) {
    storage = value;
  }

  /** Sets the system identifier of the data; null until it is recorded. */
  public void systemIdentifier(String value) {
    systemIdentifier = value;
  }

  /** Sets version and image of the running server; null until a login succeeded. */
  public void server(String runningVersion, String runningImageId) {
    version = runningVersion;
    imageId = runningImageId;
  }

  /** Sets the times of the password rotation; null where the spec asks for none. */
  public void passwordRotation(PasswordRotationStatus value) {
    passwordRotation = value;
  }

  /** Sets the crashes that the container survived; null before the first one. */
  public void crashes(CrashStatus value) {
    crashes = value;
  }

  /** Sets the certificate of the server; null until the operator has issued it. */
  public void tls(TlsStatus value) {
    tls = value;
  }

  /** Sets the archive; null where the spec asks for none. */
  public void backup(BackupStatus value) {
    backup = value;
  }

  /** Builds the status; fields that were not set are null. */
  public PostgresInstanceStatus build() {
    return new PostgresInstanceStatus(
        previous.generation(),
        List.copyOf(conditions.values()),
        endpoints,
        binding,
        storage,
        systemIdentifier,
        version,
        imageId,
        passwordRotation,
        crashes,
        tls,
        backup);
  }

  /** The previous status with the conditions that were set. */
  public PostgresInstanceStatus buildFromPrevious() {
    return previous
        .status()
        .map(
            status ->
                status.withConditions(previous.generation(), List.copyOf(conditions.values())))
        .orElseGet(this::build);
  }
}
