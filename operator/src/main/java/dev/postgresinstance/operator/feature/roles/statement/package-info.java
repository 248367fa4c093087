/** The SQL statements that set a role. */
package dev.postgresinstance.operator.feature.roles.statement;
