/** What the pods of a restore tell of it. */
package dev.postgresinstance.operator.feature.restore.state;
