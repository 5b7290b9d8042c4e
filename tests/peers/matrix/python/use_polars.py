"""polars reads a table; its credentials come from boto3 by itself."""

import os

import polars
from asked import answer

# Any other key, `aws_allow_http` among them, and polars does not ask boto3.
options = {
    "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL_S3"],
    "aws_region": "us-west-2",
    "allow_http": "true",
}
table = polars.scan_csv(os.environ["PEERS_TABLE"], storage_options=options)
answer(lambda: table.collect().columns)
