"""obstore (object_store) lists the bucket; with `boto3` as argument, by boto3's credentials."""

import os
import sys

import obstore
from asked import answer
from obstore.store import S3Store

options = {}
if "boto3" in sys.argv:
    import boto3
    from obstore.auth.boto3 import Boto3CredentialProvider

    session = boto3.Session(region_name="us-west-2")
    options["credential_provider"] = Boto3CredentialProvider(session=session)
store = S3Store(
    os.environ["PEERS_BUCKET"],
    endpoint=os.environ["AWS_ENDPOINT_URL_S3"],
    region="us-west-2",
    client_options={"allow_http": True},
    retry_config={"max_retries": 0},
    **options,
)
answer(lambda: obstore.list_with_delimiter(store)["common_prefixes"])
