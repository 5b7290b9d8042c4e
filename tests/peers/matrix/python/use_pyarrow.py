"""pyarrow (the SDK for C++) lists the bucket."""

import os
from urllib.parse import urlsplit

from asked import answer
from pyarrow import fs

where = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
files = fs.S3FileSystem(endpoint_override=where.netloc, scheme=where.scheme, region="us-west-2")
folder = fs.FileSelector(os.environ["PEERS_BUCKET"])
answer(lambda: [entry.path for entry in files.get_file_info(folder)])
