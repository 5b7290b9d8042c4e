"""SDKs of every family in isolation: AWS's own host names, a login of their own, and no
endpoint variable for Identity Center."""

import pytest
from matrix import routes, rows
from test_matrix import isolation, stage  # noqa: F401

FAMILIES = ["boto3", "sdk-for-javascript-v3", "sdk-for-go-v2-terraform", "sdk-for-java-v2"]
CLIENTS = [client for client in rows.clients() if client.slug in FAMILIES]


def test_every_family_is_a_row():
    assert sorted(client.slug for client in CLIENTS) == sorted(FAMILIES)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.slug)
def test_the_login_by_aws_s_own_names(client, stage):  # noqa: F811
    if missing := client.missing() or isolation():
        pytest.skip(f"{client.name}: {missing}")
    result = stage.home.run(*routes.in_isolation(client, "native", stage), timeout=180, stdin="\n")
    assert result.code == 0 and client.expected in result.out, result
