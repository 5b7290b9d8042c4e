"""s3fs (aiobotocore) lists the bucket."""

import os

import s3fs
from asked import answer

files = s3fs.S3FileSystem(client_kwargs={"region_name": "us-west-2"}, use_listings_cache=False)
answer(lambda: files.ls(os.environ["PEERS_BUCKET"], refresh=True))
