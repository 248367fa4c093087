/**
 * One instance as a reconciliation sees it.
 *
 * <p>A {@code Snapshot} maps each {@code ObjectKey} to the object that exists. Around it are names,
 * labels and the identity of the data; what the pod's status says about the database container; the
 * previous status as an explicit input; and the commands that messages contain. Everything here is
 * a value or a pure function.
 */
package dev.postgresinstance.operator.instance;
