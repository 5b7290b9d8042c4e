"""GDAL 3.12, as pyogrio brings it, reads a table."""

import os

import pyogrio
from asked import answer

assert pyogrio.__gdal_version__[:2] == (3, 12), pyogrio.__gdal_version__
path = os.environ["PEERS_TABLE"].replace("s3://", "/vsis3/")
answer(lambda: pyogrio.read_info(path)["fields"])
