"""GDAL 3.10, as rasterio brings it, reads a raster."""

import os

import rasterio
from asked import answer

assert rasterio.__gdal_version__.startswith("3.10."), rasterio.__gdal_version__
path = os.environ["PEERS_RASTER"].replace("s3://", "/vsis3/")


def size():
    # rasterio has a way of its own to credentials, which would ask boto3.
    with rasterio.Env(session=rasterio.session.DummySession()), rasterio.open(path) as raster:
        return f"{raster.width} columns of {raster.driver}"


answer(size)
