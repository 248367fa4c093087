/**
 * How far the store is: {@code Progress} has the position, and {@code DurableTimes} translates it
 * into a time.
 */
package dev.postgresinstance.operator.archive.program.ship.progress;
