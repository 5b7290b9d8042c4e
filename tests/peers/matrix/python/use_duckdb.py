"""DuckDB reads a table; its secret takes the chain and the profile by name."""

import importlib.resources
import os
from urllib.parse import urlsplit

import duckdb
from asked import answer

for name in ("httpfs", "aws"):
    (version,) = (importlib.resources.files(f"duckdb_extension_{name}") / "extensions").iterdir()
    duckdb.sql(f"LOAD '{version / name}.duckdb_extension'")
where = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
options = {
    "TYPE": "s3",
    "PROVIDER": "credential_chain",
    "REGION": "'us-west-2'",
    "ENDPOINT": f"'{where.netloc}'",
    "URL_STYLE": "'path'",
    "USE_SSL": str(where.scheme == "https").lower(),
}
if profile := os.environ.get("AWS_PROFILE"):
    options["PROFILE"] = f"'{profile}'"
    options["CHAIN"] = "'process'" if os.environ["PEERS_ROUTE"] == "process" else "'sso'"
words = ", ".join(f"{key} {value}" for key, value in options.items())
duckdb.sql(f"CREATE SECRET ({words})")
answer(lambda: duckdb.sql(f"FROM read_csv('{os.environ['PEERS_TABLE']}')").columns)
