"""Logs in with one Python client: login.py CLIENT URI. Prints the user and the database of the session."""
import asyncio
import sys

QUERY = "SELECT current_user::text, current_database()::text"


def with_psycopg(uri):
    import psycopg

    with psycopg.connect(uri) as connection:
        return connection.execute(QUERY).fetchone()


def with_asyncpg(uri):
    import asyncpg

    async def read():
        connection = await asyncpg.connect(uri)
        try:
            return await connection.fetchrow(QUERY)
        finally:
            await connection.close()

    return asyncio.run(read())


CLIENTS = {"psycopg": with_psycopg, "asyncpg": with_asyncpg}
print("|".join(CLIENTS[sys.argv[1]](sys.argv[2])))
