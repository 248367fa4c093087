// Logs in with one Go client: main CLIENT URI. Prints the user and the database of the session.
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
)

// The names under which the clients register as drivers of database/sql.
var drivers = map[string]string{"lib-pq": "postgres", "pgx": "pgx"}

func main() {
	if err := login(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func login(client, uri string) error {
	connection, err := sql.Open(drivers[client], uri)
	if err != nil {
		return err
	}
	defer connection.Close()
	var user, database string
	if err := connection.QueryRow("SELECT current_user, current_database()").Scan(&user, &database); err != nil {
		return err
	}
	fmt.Printf("%s|%s\n", user, database)
	return nil
}
