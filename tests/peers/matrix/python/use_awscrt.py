"""The CRT (aws-c-auth) finds credentials and signs; urllib carries the request."""

import os
import urllib.request

from asked import answer
from awscrt import auth, http, io

group = io.EventLoopGroup(1)
bootstrap = io.ClientBootstrap(group, io.DefaultHostResolver(group))
provider = auth.AwsCredentialsProvider.new_default_chain(bootstrap)
url = os.environ["AWS_ENDPOINT_URL_STS"] + "/?Action=GetCallerIdentity&Version=2011-06-15"
host, _, path = url.partition("://")[2].partition("/")


def identity():
    request = http.HttpRequest("GET", "/" + path, http.HttpHeaders([("Host", host)]))
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=provider,
        region="us-east-1",
        service="sts",
    )
    signed = auth.aws_sign_request(request, config).result(60)
    call = urllib.request.Request(url, headers=dict(signed.headers))
    with urllib.request.urlopen(call, timeout=60) as reply:
        return " ".join(reply.read().decode().split())


answer(identity)
