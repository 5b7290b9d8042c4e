"""deltalake (the Rust SDK's aws-config) opens a table."""

import os

import deltalake
from asked import answer

options = {
    # With an endpoint of one's own it would not ask the SDK otherwise.
    "aws_force_credential_load": "true",
    "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL_S3"],
    "AWS_REGION": "us-west-2",
    "AWS_ALLOW_HTTP": "true",
}
table = deltalake.DeltaTable(os.environ["PEERS_DELTA"], storage_options=options)


def fields():
    table.update_incremental()
    return [field.name for field in table.schema().fields]


answer(fields)
