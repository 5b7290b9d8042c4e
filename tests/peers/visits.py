"""Ways of people and programs to the sandbox's pages."""

import json
import urllib.error
import urllib.request

from phone import code, scan

COMPANY = "https://d-2222222222.awsapps.com/start"
GRACES_SECRET = "GRACEHOPPERNANOSECONDSGRACEHOPPE"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def base(sandbox):
    return sandbox.environment["AWS_ENDPOINT_URL_SSO_OIDC"]


def call(sandbox, path, body):
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(base(sandbox) + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def authorize_link(sandbox, start_url=COMPANY, redirect_uri="http://127.0.0.1:9/oauth/callback"):
    """The link that a program named daypass sends a browser to."""
    client = call(sandbox, "/client/register", {
        "clientName": "daypass",
        "clientType": "public",
        "grantTypes": ["authorization_code", "refresh_token"],
        "redirectUris": ["http://127.0.0.1/oauth/callback"],
        "issuerUrl": start_url,
        "scopes": ["sso:account:access"],
    })
    return (
        f"{base(sandbox)}/authorize?response_type=code&client_id={client['clientId']}"
        f"&redirect_uri={redirect_uri}&state=some-state&code_challenge_method=S256"
        f"&code_challenge={CHALLENGE}&scopes=sso:account:access"
    )


class Device:
    """A device that waits for its code to be confirmed."""

    def __init__(self, sandbox, start_url=COMPANY):
        self.sandbox = sandbox
        client = {"clientName": "daypass", "clientType": "public", "scopes": ["sso:account:access"]}
        client = call(sandbox, "/client/register", client)
        self.client = {name: client[name] for name in ["clientId", "clientSecret"]}
        started = call(sandbox, "/device_authorization", {**self.client, "startUrl": start_url})
        self.code, self.user_code = started["deviceCode"], started["userCode"]
        self.link, self.whole_link = started["verificationUri"], started["verificationUriComplete"]

    def poll(self):
        """The token, or the error's name."""
        try:
            body = {**self.client, "grantType": DEVICE_GRANT, "deviceCode": self.code}
            return call(self.sandbox, "/token", body)["accessToken"]
        except urllib.error.HTTPError as error:
            return json.load(error)["error"]


def sign_in(browser, user, password=""):
    return browser.type("User name", user).type("Password", password).press("Sign in")


def ways(browser, sandbox):
    """Through every kind of page; stops at each, with its name."""
    def at(name):
        return name, browser.heading

    start = base(sandbox) + "/start"
    yield at(browser.open(start) and "sign-in")
    yield at(sign_in(browser, "mary", "") and "sign-in-wrong")
    yield at(sign_in(browser, "mary", "supersonic") and "mfa-register")
    browser.type("Six-digit code", code(scan(browser.picture()))).press("Register and continue")
    yield at("portal")
    yield at(browser.follow("Access keys") and "access-keys")
    yield at(browser.open(start).follow("Management console") and "console")
    yield at(browser.open(base(sandbox) + "/start/mfa") and "mfa-device")
    yield at(browser.open(authorize_link(sandbox)) and "consent")
    device = Device(sandbox)
    yield at(browser.open(device.link) and "device")
    yield at(browser.open(device.whole_link) and "device-linked")
    browser.press("Confirm and continue")
    yield at("device-consent")
    yield at(browser.press("Allow") and "device-approved")
    yield at(browser.open(start).press("Sign out") and "signed-out")
    sign_in(browser.open(start), "grace", "nanoseconds")
    yield at("mfa-code")
    yield at(browser.open(base(sandbox) + "/consent?visit=none") and "error")
