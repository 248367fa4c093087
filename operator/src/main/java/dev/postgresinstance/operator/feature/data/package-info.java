/**
 * Identity and record of the data.
 *
 * <p>A session task asks for the system identifier; the {@code DataRecord} stores it with version,
 * database and owner on the claim and the published Secret. The record stops a reconciliation whose
 * spec does not fit the data. {@code UserConsent} reads what a user accepts, {@code OpenConsent}
 * what of it was not used yet.
 */
package dev.postgresinstance.operator.feature.data;
