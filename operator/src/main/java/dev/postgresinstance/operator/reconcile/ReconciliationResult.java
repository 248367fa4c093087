package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.sql.SessionRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The complete result of a reconciliation.
 *
 * @param observation what the status is derived from
 * @param actions what was done, including what was done before a failure
 * @param requests what the next session with the database does once
 * @param reconcileAgain whether another reconciliation follows at once: this one has written an
 *     object on which the next step may depend, and the framework filters the events of the
 *     operator's own writes
 * @param failure why the reconciliation has to be retried; the status is not reported then
 */
record ReconciliationResult(
    Observation observation,
    List<EventMessage> actions,
    Set<SessionRequest> requests,
    boolean reconcileAgain,
    Optional<RuntimeException> failure) {}
