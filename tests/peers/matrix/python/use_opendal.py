"""OpenDAL (reqsign) lists the bucket."""

import os

import opendal
from asked import answer

bucket = opendal.Operator(
    "s3",
    bucket=os.environ["PEERS_BUCKET"],
    endpoint=os.environ["AWS_ENDPOINT_URL_S3"],
    region="us-west-2",
)
answer(lambda: [entry.path for entry in bucket.list("/")])
