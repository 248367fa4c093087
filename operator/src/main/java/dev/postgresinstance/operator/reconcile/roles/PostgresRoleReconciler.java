package dev.postgresinstance.operator.reconcile.roles;

import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.api.v1alpha1.PostgresRoleSpec;
import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.roles.RoleClaims;
import dev.postgresinstance.operator.feature.roles.RoleProblems;
import dev.postgresinstance.operator.feature.roles.RoleReport;
import dev.postgresinstance.operator.feature.roles.RoleSecret;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.ConditionalStatus;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.reconcile.ClusterAccess;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the login of a PostgresRole, and reports what the session of its instance found. */
public final class PostgresRoleReconciler implements Reconciler<PostgresRole> {

  private static final Logger log = LoggerFactory.getLogger(PostgresRoleReconciler.class);

  /** Nobody watches the Secret of a user, and the addresses of the instance may change. */
  private static final Duration INTERVAL = Duration.ofSeconds(60);

  private final Supplier<ClusterAccess> access;
  private final PermissionTracker permissions;

  /**
   * Creates a reconciler, to be registered with the framework after that of instances.
   *
   * @param access the caches of the reconciler of instances, and what its sessions found
   * @param permissions tracks missing permissions
   */
  public PostgresRoleReconciler(Supplier<ClusterAccess> access, PermissionTracker permissions) {
    this.access = access;
    this.permissions = permissions;
  }

  @Override
  public List<EventSource<?, PostgresRole>> prepareEventSources(
      EventSourceContext<PostgresRole> context) {
    return List.of(access.get().informers().roleRequests());
  }

  @Override
  public UpdateControl<PostgresRole> reconcile(PostgresRole role, Context<PostgresRole> context) {
    return LogContext.about(
        ResourceID.fromResource(role), () -> reconcile(role, context, Instant.now()));
  }

  private UpdateControl<PostgresRole> reconcile(
      PostgresRole role, Context<PostgresRole> context, Instant now) {
    try {
      return access
          .get()
          .reader()
          .latest(role)
          .map(latest -> reconcileLatest(latest, context, now))
          .orElseGet(UpdateControl::noUpdate);
    } catch (KubernetesClientException e) { // temporary: the framework retries
      if (!permissions.explain(e)) {
        log.info("Reconciliation failed, retrying soon: {}", ApiErrors.message(e));
      }
      throw e;
    } catch (RuntimeException | Error e) { // the framework would never retry an Error
      log.error("Reconciliation failed", e);
      throw new IllegalStateException("Reconciliation failed", e);
    }
  }

  private UpdateControl<PostgresRole> reconcileLatest(
      PostgresRole role, Context<PostgresRole> context, Instant now) {
    PostgresRoleStatus status = status(role, context, now);
    if (!status.equals(role.getStatus()) && write(role, status, context)) {
      access.get().events().record(role, RoleReport.events(role, status));
    }
    return UpdateControl.<PostgresRole>noUpdate().rescheduleAfter(INTERVAL);
  }

  private PostgresRoleStatus status(PostgresRole role, Context<PostgresRole> context, Instant now) {
    try {
      return read(role, context, now);
    } catch (Abort e) {
      return RoleReport.unread(role, e.problem(), now);
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      return RoleReport.unread(role, ApiProblems.of(ApiErrors.message(e)), now);
    }
  }

  private PostgresRoleStatus read(PostgresRole role, Context<PostgresRole> context, Instant now) {
    Optional<String> instance =
        Optional.ofNullable(role.getSpec())
            .map(PostgresRoleSpec::instanceRef)
            .map(InstanceReference::name);
    if (instance.isEmpty()) {
      throw new Abort(
          RoleProblems.notUnderstood(
              LenientDecoding.invalid(role).orElse("spec.instanceRef.name")));
    }
    access.get().readiness().require(role.getMetadata().getNamespace());
    RoleResource present = new RoleResource(role, access.get().reader().roleSecret(role));
    Optional<PostgresInstance> found =
        access.get().reader().instance(instance.get(), role.getMetadata().getNamespace());
    Optional<Problem> problem =
        found.isEmpty()
            ? Optional.of(RoleProblems.withoutInstance(instance.get()))
            : found
                .flatMap(LenientDecoding::invalid)
                .map(field -> RoleProblems.instanceNotUnderstood(instance.get()));
    return problem
        .map(why -> RoleReport.status(present, why, Optional.empty(), now))
        .orElseGet(() -> status(present, found.orElseThrow(), context, now));
  }

  private PostgresRoleStatus status(
      RoleResource present, PostgresInstance instance, Context<PostgresRole> context, Instant now) {
    Snapshot snapshot = access.get().reader().read(instance);
    RoleResource role = present;
    if (!snapshot.paused()
        && RoleClaims.of(present, snapshot).isPresent()
        && RoleSecret.mayBeWritten(present, finding(present, snapshot))) {
      try {
        role = publish(present, snapshot, context);
      } catch (Abort e) {
        return RoleReport.status(present, e.problem(), Optional.empty(), now);
      }
    }
    Optional<RoleFinding> finding = finding(role, snapshot);
    return RoleReport.status(role, RoleProblems.state(role, snapshot, finding), finding, now);
  }

  /** What the last session has found of exactly what the role asks for. */
  private Optional<RoleFinding> finding(RoleResource role, Snapshot snapshot) {
    return RoleClaims.of(role, snapshot)
        .flatMap(
            request ->
                access
                    .get()
                    .roles()
                    .of(snapshot.instance())
                    .flatMap(findings -> findings.of(request)));
  }

  /**
   * Writes the Secret of the role.
   *
   * @return the role with its Secret as it is now
   * @throws Abort when there is no password, or the Secret cannot be written
   */
  private RoleResource publish(
      RoleResource role, Snapshot snapshot, Context<PostgresRole> context) {
    if (role.secret().isPresent() && role.ownSecret().isEmpty()) {
      if (!RoleSecret.isRequested(role.resource())) {
        return role;
      }
      throw new Abort(RoleProblems.foreignSecret(role.resource()));
    }
    Optional<Secret> desired =
        RoleSecret.isRequested(role.resource())
            ? Optional.of(RoleSecret.desired(snapshot, role, password(role)))
            : role.ownSecret().map(secret -> RoleSecret.givenUp(snapshot, role, secret));
    if (desired.isEmpty()) {
      return role;
    }
    Secret written = write(desired.get(), role.secret(), context);
    if (!role.secret().equals(Optional.of(written))) {
      // Its session sets the password; events of own writes start no reconciliation.
      access.get().informers().requestReconciliation(ResourceID.fromResource(snapshot.instance()));
    }
    return new RoleResource(role.resource(), Optional.of(written));
  }

  private String password(RoleResource role) {
    Optional<String> provided =
        RoleSecret.reference(role.resource()).map(reference -> reference.name());
    PasswordText password =
        RoleSecret.password(
            role,
            provided.flatMap(
                name ->
                    access
                        .get()
                        .reader()
                        .secret(role.resource().getMetadata().getNamespace(), name)),
            () -> new NewPasswords().get(Purpose.ROLE));
    return password
        .text()
        .orElseThrow(
            () ->
                new Abort(
                    RoleProblems.password(
                        provided.orElse(""), password.fault().orElse("holds no password"))));
  }

  private Secret write(Secret desired, Optional<Secret> present, Context<PostgresRole> context) {
    try {
      return access.get().apply().adopt(desired, present, context);
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      throw new Abort(ApiProblems.of(ApiErrors.message(e)));
    }
  }

  /** Writes the status; false when the role was deleted meanwhile. */
  private boolean write(
      PostgresRole role, PostgresRoleStatus status, Context<PostgresRole> context) {
    PostgresRole patch = new PostgresRole();
    patch.setMetadata(ConditionalStatus.metadata(role));
    patch.setStatus(status);
    return new ConditionalStatus<>(context, () -> access.get().reader().live(role))
        .write(role, patch)
        .isPresent();
  }
}
