/**
 * How the container of the server has ended last: {@code LastTermination} finds PostgreSQL's last
 * words in its log, {@code StartScriptRefusal} why the start script has refused to start it.
 */
package dev.postgresinstance.operator.instance.termination;
