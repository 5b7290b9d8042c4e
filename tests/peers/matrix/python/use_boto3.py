"""boto3 lists the bucket."""

import os

import boto3
from asked import answer

s3 = boto3.Session().client("s3", region_name="us-west-2")


def listing():
    found = s3.list_objects_v2(Bucket=os.environ["PEERS_BUCKET"], Delimiter="/")
    return [prefix["Prefix"] for prefix in found["CommonPrefixes"]]


answer(listing)
