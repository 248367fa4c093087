// Logs in with one client for Node.js: login.mjs CLIENT URI. Prints the user and the database of the session.
import pg from 'pg';
import postgres from 'postgres';

const query = 'SELECT current_user::text AS user, current_database()::text AS database';

const clients = {
  async 'node-postgres'(uri) {
    const client = new pg.Client(uri);
    await client.connect();
    try {
      return (await client.query(query)).rows[0];
    } finally {
      await client.end();
    }
  },
  async 'postgres.js'(uri) {
    const sql = postgres(uri, { connect_timeout: 10 });
    try {
      return (await sql.unsafe(query))[0];
    } finally {
      await sql.end();
    }
  },
};

const [client, uri] = process.argv.slice(2);
const { user, database } = await clients[client](uri);
console.log(`${user}|${database}`);
