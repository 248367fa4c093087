/**
 * The churn: random changes of several instances for a configured time, with an application that
 * writes to each of them. A thread per instance makes random edits and waits until they are in
 * effect; a watch on pods compares the starts of the servers with the edits; afterwards the audit
 * log shows what the operator wrote. No acknowledged row may be lost, no server may start without a
 * reason, and no unrelated object may change. The same seed repeats the same choices.
 */
package dev.postgresinstance.tests.churn;
