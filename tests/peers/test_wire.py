"""What the sandbox answers, against the service models that botocore ships: every
answer parses by the model and has no member or element the model does not know,
every error is one of the model's (or is named below, with the reason)."""

import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from lib import ACCOUNT, ROLE, START_URL, Sandbox

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

# Errors that the models do not have, and the real services answer all the same.
UNMODELLED = {
    ("sso", "ForbiddenException"),  # "No access": a role that is not assigned
    # What all services of a protocol share stands in no model.
    ("sts", "AccessDenied"),
    ("sts", "ExpiredToken"),
    ("sts", "InvalidClientTokenId"),
    ("sts", "SignatureDoesNotMatch"),
    ("sts", "ValidationError"),
    ("sts", "InvalidAction"),
}
# S3's model names a handful of its errors; the rest is its documentation's list.
S3_ERRORS = {
    "AccessDenied", "BadDigest", "EntityTooSmall", "InvalidArgument", "InvalidPart",
    "InvalidPartOrder", "InvalidRange", "InvalidRequest", "InvalidToken", "MalformedXML",
    "MethodNotAllowed", "NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NotImplemented",
    "PermanentRedirect", "PreconditionFailed", "InvalidStorageClass",
    "AccessControlListNotSupported", "SignatureDoesNotMatch", "InvalidAccessKeyId",
}


class Watch:
    """Looks at every answer before botocore does."""

    def __init__(self):
        self.seen, self.errors, self.faults = set(), set(), []

    def attach(self, client):
        self.models = getattr(self, "models", {})
        service = client.meta.service_model
        client.meta.events.register("before-parse.*.*", self.before_parse)
        for name in service.operation_names:
            self.models[(service.service_name, name)] = service.operation_model(name)
        return client

    def before_parse(self, operation_model, response_dict, **_):
        service = operation_model.service_model
        name, status = operation_model.name, response_dict["status_code"]
        self.seen.add((service.service_name, name))
        body, protocol = response_dict["body"], service.metadata["protocol"]
        if status < 300 and operation_model.output_shape is not None:
            self.check_headers(operation_model, response_dict["headers"])
            if operation_model.has_streaming_output:
                return
            if protocol == "rest-json":
                self.check_json(name, json.loads(body), operation_model.output_shape)
            elif body:
                root = ElementTree.fromstring(body)
                self.check_xml(name, self.result(root, operation_model), operation_model.output_shape)
        if status >= 400 and body:
            self.check_error(operation_model, response_dict, protocol)

    def fault(self, text):
        self.faults.append(text)

    def check_json(self, where, value, shape):
        """Members the model has, values of the model's types."""
        if value is None:
            return
        if shape.type_name == "structure":
            names = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            for name, inner in value.items():
                if name not in names:
                    self.fault(f"{where}: no member {name} in {shape.name}")
                else:
                    self.check_json(f"{where}.{name}", inner, names[name])
        elif shape.type_name == "list":
            for inner in value:
                self.check_json(where, inner, shape.member)
        else:
            kinds = {"string": str, "integer": int, "long": int, "boolean": bool}
            if not isinstance(value, kinds.get(shape.type_name, object)):
                self.fault(f"{where}: {value!r} is no {shape.type_name}")

    @staticmethod
    def result(root, operation_model):
        wrapper = operation_model.output_shape.serialization.get("resultWrapper")
        if wrapper is None:
            return root
        return next(child for child in root if child.tag.endswith(wrapper))

    def check_xml(self, where, element, shape):
        payload = shape.serialization.get("payload")
        if payload:
            shape = shape.members[payload]
        if shape.type_name != "structure":
            return
        members = {}
        for name, member in shape.members.items():
            if "location" in member.serialization:
                continue
            flat = member.type_name == "list" and member.serialization.get("flattened")
            inner = member.member.serialization.get("name") if flat else None
            members[member.serialization.get("name") or inner or name] = member
        for child in element:
            tag = child.tag.split("}")[-1]
            if tag not in members:
                self.fault(f"{where}: no element {tag} in {shape.name}")
                continue
            member = members[tag]
            if member.type_name == "list":
                flat = member.serialization.get("flattened")
                for item in [child] if flat else child:
                    self.check_xml(f"{where}.{tag}", item, member.member)
            else:
                self.check_xml(f"{where}.{tag}", child, member)

    def check_headers(self, operation_model, headers):
        """Every `x-amz-` header is a member of the model's."""
        shape = operation_model.output_shape
        known = {m.serialization.get("name", "").lower() for m in shape.members.values()}
        common = {"x-amz-request-id", "x-amz-id-2", "x-amzn-requestid", "x-amz-bucket-region"}
        for name in headers:
            name = name.lower()
            if name.startswith("x-amz-meta-") or name in common:
                continue
            if name.startswith("x-amz") and name not in known:
                self.fault(f"{operation_model.name}: no header {name} in the model")

    def check_error(self, operation_model, response_dict, protocol):
        service, status = operation_model.service_model, response_dict["status_code"]
        shapes = {shape.name: shape for shape in operation_model.error_shapes}
        codes = {s.metadata.get("error", {}).get("code", s.name): s for s in shapes.values()}
        if protocol == "rest-json":
            code = response_dict["headers"]["x-amzn-ErrorType"]
        else:
            root = ElementTree.fromstring(response_dict["body"])
            code = next(e.text for e in root.iter() if e.tag.split("}")[-1] == "Code")
        self.errors.add((service.service_name, code))
        if service.service_name == "s3":
            if code not in S3_ERRORS:
                self.fault(f"{operation_model.name}: {code} is no error of S3")
            return
        if code not in codes:
            if (service.service_name, code) not in UNMODELLED:
                self.fault(f"{operation_model.name}: {code} is not in the model")
            return
        expected = codes[code].metadata.get("error", {}).get("httpStatusCode")
        if expected != status:
            self.fault(f"{operation_model.name}: {code} with {status}, not {expected}")
        if protocol == "rest-json":
            body = json.loads(response_dict["body"])
            allowed = set(codes[code].members) | {"__type"}
            for name in set(body) - allowed:
                self.fault(f"{operation_model.name}: {code} has no member {name}")


@pytest.fixture(scope="module")
def sandbox():
    # Not strict: what is compared with the models is to have nothing else in it.
    sandbox = Sandbox(strict=False)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def watch():
    watch = Watch()
    yield watch
    assert watch.seen, "nothing was looked at"
    assert not watch.faults, "\n".join(watch.faults)


def client(sandbox, watch, service, keys=None, region="us-east-1", **config):
    names = {"sso-oidc": "SSO_OIDC"}
    endpoint = sandbox.environment[f"AWS_ENDPOINT_URL_{names.get(service, service.upper())}"]
    keys = keys or {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    config = Config(retries={"max_attempts": 0, "mode": "standard"}, **config)
    made = boto3.Session().client(
        service, endpoint_url=endpoint, region_name=region, config=config, **keys
    )
    return watch.attach(made)


def code(error):
    return error.value.response["Error"]["Code"]


def approve(url, *options):
    import subprocess

    from lib import DAYPASS

    words = [DAYPASS, "sandbox", "approve", url, *options]
    subprocess.run(words, check=True, capture_output=True)


def registered(oidc, **more):
    made = oidc.register_client(
        clientName="wire", clientType="public", scopes=["sso:account:access"], **more
    )
    return {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}


def signed_in(oidc):
    ids = registered(oidc)
    device = oidc.start_device_authorization(startUrl=START_URL, **ids)
    approve(device["verificationUriComplete"])
    token = oidc.create_token(grantType=DEVICE, deviceCode=device["deviceCode"], **ids)
    return ids, token


def role_keys(sandbox, watch, role=ROLE):
    oidc, sso = client(sandbox, watch, "sso-oidc"), client(sandbox, watch, "sso")
    _, token = signed_in(oidc)
    keys = sso.get_role_credentials(
        roleName=role, accountId=ACCOUNT, accessToken=token["accessToken"]
    )["roleCredentials"]
    return {
        "aws_access_key_id": keys["accessKeyId"],
        "aws_secret_access_key": keys["secretAccessKey"],
        "aws_session_token": keys["sessionToken"],
    }


def test_oidc(sandbox, watch):
    oidc = client(sandbox, watch, "sso-oidc")
    ids, token = signed_in(oidc)
    assert token["tokenType"] == "Bearer"
    oidc.create_token(grantType="refresh_token", refreshToken=token["refreshToken"], **ids)
    with pytest.raises(oidc.exceptions.InvalidGrantException):
        oidc.create_token(grantType="refresh_token", refreshToken=token["refreshToken"], **ids)


def test_oidc_errors(sandbox, watch):
    oidc = client(sandbox, watch, "sso-oidc")
    wrong, ids = oidc.exceptions, registered(oidc)
    for error, call, arguments in [
        (wrong.InvalidClientMetadataException, oidc.register_client,
         {"clientName": "x", "clientType": "private"}),
        (wrong.InvalidScopeException, oidc.register_client,
         {"clientName": "x", "clientType": "public", "scopes": ["no scope"]}),
        (wrong.InvalidRedirectUriException, oidc.register_client,
         {"clientName": "x", "clientType": "public", "redirectUris": ["https://example.com"]}),
        (wrong.UnsupportedGrantTypeException, oidc.register_client,
         {"clientName": "x", "clientType": "public", "grantTypes": ["password"]}),
        (wrong.InternalServerException, oidc.register_client,
         {"clientName": "x", "clientType": "public", "grantTypes": [DEVICE, "authorization_code"]}),
        (wrong.InvalidRequestException, oidc.start_device_authorization,
         {"startUrl": "https://d-0000000000.awsapps.com/start", **ids}),
        (wrong.InvalidClientException, oidc.start_device_authorization,
         {"startUrl": START_URL, "clientId": "x", "clientSecret": "y"}),
        (wrong.InvalidClientException, oidc.create_token,
         {"grantType": DEVICE, "deviceCode": "x", "clientId": "x", "clientSecret": "y"}),
        (wrong.InvalidGrantException, oidc.create_token,
         {"grantType": DEVICE, "deviceCode": "x", **ids}),
        (wrong.UnauthorizedClientException, oidc.create_token,
         {"grantType": "authorization_code", "code": "x", **ids}),
        (wrong.UnsupportedGrantTypeException, oidc.create_token, {"grantType": "password", **ids}),
        (wrong.InvalidScopeException, oidc.create_token,
         {"grantType": DEVICE, "deviceCode": "x", "scope": ["a:b"], **ids}),
    ]:
        with pytest.raises(error):
            call(**arguments)
    assert ("sso-oidc", "InternalServerException") in watch.errors


def test_oidc_polls(sandbox, watch):
    oidc = client(sandbox, watch, "sso-oidc")
    ids = registered(oidc)
    device = oidc.start_device_authorization(startUrl=START_URL, **ids)

    def poll():
        oidc.create_token(grantType=DEVICE, deviceCode=device["deviceCode"], **ids)

    for _ in range(2):
        with pytest.raises(oidc.exceptions.AuthorizationPendingException):
            poll()
    with pytest.raises(oidc.exceptions.SlowDownException):
        poll()
    denied = oidc.start_device_authorization(startUrl=START_URL, **ids)
    approve(denied["verificationUriComplete"], "--deny")
    with pytest.raises(oidc.exceptions.AccessDeniedException):
        oidc.create_token(grantType=DEVICE, deviceCode=denied["deviceCode"], **ids)


def test_oidc_with_iam(sandbox, watch):
    oidc = client(sandbox, watch, "sso-oidc", role_keys(sandbox, watch))
    arguments = {"clientId": "arn:aws:sso::1:application/ssoins-1/apl-1"}
    with pytest.raises(oidc.exceptions.InvalidClientException):
        oidc.create_token_with_iam(grantType="refresh_token", refreshToken="x", **arguments)
    with pytest.raises(oidc.exceptions.UnsupportedGrantTypeException):
        oidc.create_token_with_iam(grantType=DEVICE, **arguments)
    stranger = client(sandbox, watch, "sso-oidc")
    with pytest.raises(stranger.exceptions.AccessDeniedException):
        stranger.create_token_with_iam(grantType="refresh_token", **arguments)


def test_portal(sandbox, watch):
    _, token = signed_in(client(sandbox, watch, "sso-oidc"))
    sso, bearer = client(sandbox, watch, "sso"), {"accessToken": token["accessToken"]}
    accounts = sso.get_paginator("list_accounts").paginate(**bearer).build_full_result()
    assert len(accounts["accountList"]) == 3
    roles = sso.get_paginator("list_account_roles").paginate(accountId=ACCOUNT, **bearer)
    assert len(roles.build_full_result()["roleList"]) == 3
    keys = sso.get_role_credentials(accountId=ACCOUNT, roleName=ROLE, **bearer)
    assert keys["roleCredentials"]["expiration"] > 10**12
    for error, call, arguments in [
        (sso.exceptions.InvalidRequestException, sso.list_account_roles, {"accountId": "1"}),
        (sso.exceptions.ResourceNotFoundException, sso.list_account_roles,
         {"accountId": "999999999999"}),
        (ClientError, sso.get_role_credentials, {"accountId": ACCOUNT, "roleName": "Nobody"}),
    ]:
        with pytest.raises(error):
            call(**arguments, **bearer)
    sso.logout(**bearer)
    with pytest.raises(sso.exceptions.UnauthorizedException):
        sso.list_accounts(**bearer)


def test_portal_throttles(watch):
    sandbox = Sandbox("--portal-rate", "2", strict=False)
    try:
        _, token = signed_in(client(sandbox, watch, "sso-oidc"))
        sso = client(sandbox, watch, "sso")
        with pytest.raises(sso.exceptions.TooManyRequestsException):
            for _ in range(1000):
                sso.list_accounts(accessToken=token["accessToken"])
    finally:
        sandbox.stop()


def test_sts(sandbox, watch):
    sts = client(sandbox, watch, "sts", role_keys(sandbox, watch))
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    arn = "arn:aws:iam::111111111111:role/disasters-publisher"
    role = sts.assume_role(RoleArn=arn, RoleSessionName="wire", SourceIdentity="ada")
    assert role["SourceIdentity"] == "ada"
    assert role["Credentials"]["Expiration"].tzinfo
    for error, call, arguments in [
        ("MalformedPolicyDocument", sts.assume_role,
         {"RoleArn": arn, "RoleSessionName": "wire", "Policy": "{}"}),
        ("AccessDenied", sts.assume_role, {"RoleArn": arn + "x", "RoleSessionName": "wire"}),
        ("ValidationError", sts.assume_role,
         {"RoleArn": arn, "RoleSessionName": "wire", "DurationSeconds": 7200}),
        ("AccessDenied", sts.get_session_token, {}),
        ("InvalidAction", sts.get_federation_token, {"Name": "x1"}),
    ]:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        assert code(caught) == error


def test_s3_reading(sandbox, watch):
    s3 = client(sandbox, watch, "s3", role_keys(sandbox, watch), region="us-west-2")
    bucket = {"Bucket": "nasa-disasters"}
    assert len(s3.list_buckets()["Buckets"]) == 2
    assert s3.list_buckets(MaxBuckets=1)["ContinuationToken"]
    assert s3.get_bucket_location(**bucket)["LocationConstraint"] == "us-west-2"
    s3.head_bucket(**bucket)
    s3.list_objects(Delimiter="/", **bucket)
    pages = s3.get_paginator("list_objects_v2").paginate(PaginationConfig={"PageSize": 2}, **bucket)
    assert len(pages.build_full_result()["Contents"]) == 12
    owned = s3.list_objects_v2(FetchOwner=True, Delimiter="/", EncodingType="url", **bucket)
    assert owned["EncodingType"] == "url"
    flat = s3.list_objects_v2(FetchOwner=True, **bucket)["Contents"]
    assert {item["Owner"]["ID"] for item in flat} == {ACCOUNT}
    key = {"Key": "disasters/2024/helene/sar change map.png"}
    assert s3.head_object(**key, **bucket)["ContentLength"] == 18330
    assert s3.get_object_tagging(**key, **bucket)["TagSet"] == []
    ranged = s3.get_object(Range="bytes=10-19", **key, **bucket)
    assert ranged["ContentRange"] == "bytes 10-19/18330" and len(ranged["Body"].read()) == 10
    for error, arguments in [
        ("NoSuchKey", {"Key": "absent"}),
        ("InvalidRange", {"Range": "bytes=99999-", **key}),
        ("PreconditionFailed", {"IfMatch": '"x"', **key}),
        ("NotImplemented", {"VersionId": "1", **key}),
    ]:
        with pytest.raises(ClientError) as caught:
            s3.get_object(**arguments, **bucket)
        assert code(caught) == error
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="nowhere")


ALGORITHMS = [None, "CRC32", "SHA1", "SHA256"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_s3_writing(sandbox, watch, algorithm):
    s3 = client(sandbox, watch, "s3", role_keys(sandbox, watch), region="us-west-2")
    name = {"Bucket": "nasa-disasters", "Key": f"wire/{algorithm} + ü.bin"}
    more = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    put = s3.put_object(Body=b"hello" * 9999, Metadata={"a": "b"}, ContentType="x/y", **more, **name)
    got = s3.get_object(ChecksumMode="ENABLED", **name)
    assert got["Body"].read() == b"hello" * 9999
    assert (got["ETag"], got["Metadata"], got["ContentType"]) == (put["ETag"], {"a": "b"}, "x/y")
    assert got[f"Checksum{algorithm or 'CRC32'}"] == put[f"Checksum{algorithm or 'CRC32'}"]
    copy = s3.copy_object(Bucket="nasa-disasters", Key="wire/copy", CopySource=name)
    assert copy["CopyObjectResult"]["ETag"] == put["ETag"]
    keys = [{"Key": name["Key"]}, {"Key": "wire/copy"}]
    deleted = s3.delete_objects(Bucket="nasa-disasters", Delete={"Objects": keys})
    assert len(deleted["Deleted"]) == 2
    s3.delete_object(**name)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(**name)


def test_s3_in_parts(sandbox, watch):
    s3 = client(sandbox, watch, "s3", role_keys(sandbox, watch), region="us-west-2")
    name = {"Bucket": "nasa-disasters", "Key": "wire/parts"}
    upload = {"UploadId": s3.create_multipart_upload(**name)["UploadId"], **name}
    bodies = [b"a" * (5 << 20), b"b"]
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=body, **upload)["ETag"]}
        for n, body in enumerate(bodies, 1)
    ]
    assert len(s3.list_parts(**upload)["Parts"]) == 2
    assert len(s3.list_multipart_uploads(Bucket="nasa-disasters")["Uploads"]) == 1
    with pytest.raises(ClientError) as caught:
        s3.complete_multipart_upload(MultipartUpload={"Parts": parts[::-1]}, **upload)
    assert code(caught) == "InvalidPartOrder"
    done = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    assert done["ETag"].endswith('-2"')
    assert s3.head_object(**name)["ContentLength"] == (5 << 20) + 1
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.abort_multipart_upload(**upload)


def test_s3_for_who_may_only_read(sandbox, watch):
    keys = role_keys(sandbox, watch, "ReadOnlyAccess")
    s3 = client(sandbox, watch, "s3", keys, region="us-west-2")
    name = {"Bucket": "nasa-disasters", "Key": "browseui/index.html"}
    s3.get_object(**name)
    for call, arguments in [
        (s3.put_object, {"Body": b"x", **name}),
        (s3.delete_object, name),
        (s3.create_multipart_upload, name),
        (s3.copy_object, {"CopySource": name, **name}),
    ]:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        assert code(caught) == "AccessDenied"


def test_s3_presigned(sandbox, watch):
    keys = role_keys(sandbox, watch)
    s3 = client(sandbox, watch, "s3", keys, region="us-west-2", signature_version="s3v4")
    name = {"Bucket": "nasa-disasters", "Key": "browseui/index.html"}
    url = s3.generate_presigned_url("get_object", name | {"ResponseContentType": "x/y"})
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["content-type"] == "x/y"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url.replace("index", "Index"))
    url = s3.generate_presigned_url("put_object", name | {"Key": "wire/presigned"})
    request = urllib.request.Request(url, data=b"put", method="PUT")
    request.add_header("content-type", "")
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["etag"]


def test_console_sign_in(sandbox, watch):
    keys = role_keys(sandbox, watch)
    session = {
        "sessionId": keys["aws_access_key_id"],
        "sessionKey": keys["aws_secret_access_key"],
        "sessionToken": keys["aws_session_token"],
    }
    base = sandbox.environment["AWS_ENDPOINT_URL_SSO_OIDC"] + "/federation?"
    asked = {"Action": "getSigninToken", "Session": json.dumps(session)}
    with urllib.request.urlopen(base + urllib.parse.urlencode(asked)) as answer:
        token = json.load(answer)["SigninToken"]
    login = {"Action": "login", "Destination": "https://console.aws.amazon.com/", "SigninToken": token}
    with urllib.request.urlopen(base + urllib.parse.urlencode(login)) as answer:
        assert ROLE in answer.read().decode()


def test_the_models_have_what_is_said_here():
    """The list of exceptions goes when a model learns of them."""
    session = botocore.session.get_session()
    for service, error in UNMODELLED:
        model = session.get_service_model(service)
        codes = {s.metadata.get("error", {}).get("code", s.name) for s in model.error_shapes}
        assert error not in codes, error
