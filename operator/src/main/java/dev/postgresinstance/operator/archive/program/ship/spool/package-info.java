/**
 * The files that receiver and shipper share: {@code Spool} gives the orders to the receiver and
 * finds what it has received, {@code WalPage} tells what such a file contains, and {@code GzipFile}
 * compresses it for the store.
 */
package dev.postgresinstance.operator.archive.program.ship.spool;
