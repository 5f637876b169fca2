"""The Kubernetes manifests, rendered and held to the schemas of Kubernetes and to the rules of this house."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import kubernetes_validate
import pytest
import yaml

from tests.deploy.rendering import OVERLAYS, Manifest, containers, pods, rendered
from zhongtai.runtime.configuration import leaves
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.settings import FILE_VARIABLE, Settings

VERSION = "1.34.0"
ENVIRONMENTS = sorted(folder.name for folder in OVERLAYS.iterdir())
PLATFORM = {name.replace("_", "-") for name in PACKAGES}
# Secrets are made by the bank: what they are called and hold is the contract of deploy/README.md.
SECRETS = {
    "databases": PLATFORM,
    "database-passwords": PLATFORM | {"postgres"},
    "nats": {"url", "password", "cluster-password"},
}
KEYS = {"signing-keys", "verifying-keys", "ledger-keys"}


@pytest.fixture(params=ENVIRONMENTS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """Everything one environment is made of."""
    return rendered(request.param)


def named(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    """The objects of one kind by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def test_every_object_is_what_kubernetes_takes(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        kubernetes_validate.validate(manifest, VERSION, strict=True)
    identities = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests]
    assert len(set(identities)) == len(identities)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_itself_renders_the_same(environment: str) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed: only our own rendering is checked")
    command = ["kubectl", "kustomize", str(OVERLAYS / environment)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    theirs = [document for document in yaml.safe_load_all(done.stdout) if document]
    assert sorted(map(without_hashes, theirs)) == sorted(map(without_hashes, rendered(environment)))


def without_hashes(manifest: Manifest) -> str:
    """An object as text, where a map that is named by its content is named without it."""
    text = yaml.safe_dump(manifest, sort_keys=True)
    return re.sub(r"\bname: ([a-z-]+)-[0-9a-z]{10}$", r"name: \1", text, flags=re.MULTILINE)


def test_every_service_runs_with_its_own_account_and_settings(manifests: list[Manifest]) -> None:
    deployments = named(manifests, "Deployment")
    assert set(deployments) == PLATFORM | {"collector"}
    for name, pod in pods(manifests):
        assert pod["serviceAccountName"] == name
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert name in named(manifests, "ServiceAccount")
    for name in PLATFORM:
        (container,) = deployments[name]["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["serve", name.replace("-", "_")]


def test_nothing_runs_with_rights_it_does_not_need(manifests: list[Manifest]) -> None:
    for _, pod in pods(manifests):
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    for _, container in containers(manifests):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_everything_is_probed_bounded_and_budgeted(manifests: list[Manifest]) -> None:
    budgets = named(manifests, "PodDisruptionBudget")
    for name, container in containers(manifests):
        assert {"readinessProbe", "livenessProbe"} <= set(container), name
        for bound in ("requests", "limits"):
            assert {"cpu", "memory"} <= set(container["resources"][bound]), name
        assert budgets[name]["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": name}
        if name in PLATFORM:
            port = next(each["containerPort"] for each in container["ports"] if each["name"] == "grpc")
            assert container["livenessProbe"]["grpc"] == {"port": port}
            assert port == getattr(Settings(), name.replace("-", "_")).grpc_port
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in named(manifests, "HorizontalPodAutoscaler").values()}
    # The gateway drives the runs, one process at a time.
    assert scaled == PLATFORM - {"gateway"}


def test_images_are_pinned(manifests: list[Manifest]) -> None:
    for name, container in containers(manifests):
        assert ":" in container["image"], name
    production = [container["image"] for _, container in containers(rendered("production"))]
    assert not [image for image in production if image.endswith(":latest")]


def test_every_variable_is_a_setting_and_every_secret_a_reference(manifests: list[Manifest]) -> None:
    known = {leaf.variable for leaf in leaves(Settings())} | {FILE_VARIABLE}
    assert not named(manifests, "Secret")
    for name, container in containers(manifests):
        for variable in container.get("env", []):
            word = variable["name"]
            assert not word.startswith("ZHONGTAI_") or word in known, word
            if word.endswith(("_PASSWORD", "_URL")):
                assert set(variable) == {"name", "valueFrom"}, f"{name}: {word} is in clear text"
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                assert reference["key"] in SECRETS[reference["name"]]
    for text in map(str, manifests):
        # Passwords within a URL stand as the variable that holds them.
        assert not re.findall(r"://[^:/@ ]+:(?!\$\()[^@/ ]+@", text)


def test_only_the_gateway_can_sign_and_only_operations_seals(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests):
        held = {volume["secret"]["secretName"] for volume in pod.get("volumes", []) if "secret" in volume}
        wanted = {"signing-keys"} if name == "gateway" else {"verifying-keys"}
        wanted |= {"ledger-keys"} if name == "operations" else set()
        assert held == (wanted if name in PLATFORM else set())


def test_what_is_mounted_is_there(manifests: list[Manifest]) -> None:
    maps, claims = named(manifests, "ConfigMap"), named(manifests, "PersistentVolumeClaim")
    for manifest in manifests:
        if manifest["kind"] not in ("Deployment", "StatefulSet"):
            continue
        pod = manifest["spec"]["template"]["spec"]
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        made = {each["metadata"]["name"] for each in manifest["spec"].get("volumeClaimTemplates", [])}
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes) | made
        for volume in volumes.values():
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims


def test_nothing_is_reached_that_is_not_named(manifests: list[Manifest]) -> None:
    policies = named(manifests, "NetworkPolicy")
    denied = policies["default-deny"]["spec"]
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (callers,) = policies["services"]["spec"]["ingress"]
    assert callers["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}}}]
    for policy in policies.values():
        for rule in rules(policy):
            assert rule.get("ports"), "a rule without ports opens all of them"
            assert rule.get("to") or rule.get("from"), "a rule without peers opens to everybody"


def rules(policy: Manifest) -> Iterator[Manifest]:
    """What a policy lets through, both ways."""
    yield from policy["spec"].get("ingress", [])
    yield from policy["spec"].get("egress", [])


def test_selectors_meet_the_pods_they_mean(manifests: list[Manifest]) -> None:
    labels = {
        name: manifest["spec"]["template"]["metadata"]["labels"]
        for kind in ("Deployment", "StatefulSet")
        for name, manifest in named(manifests, kind).items()
    }
    for name, service in named(manifests, "Service").items():
        assert service["spec"]["selector"].items() <= labels[name].items()
        pod = dict(pods(manifests))[name]
        offered = {port["name"] for container in pod["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= offered


def test_the_bus_keeps_what_it_acknowledged(manifests: list[Manifest]) -> None:
    nats = named(manifests, "StatefulSet")["nats"]["spec"]
    assert nats["replicas"] == 3
    configuration = next(
        each["data"]["cluster.conf"] for name, each in named(manifests, "ConfigMap").items() if name.startswith("nats-")
    )
    assert "sync_interval: always" in configuration
    settings = next(
        each["data"]["zhongtai.toml"]
        for name, each in named(manifests, "ConfigMap").items()
        if name.startswith("settings-")
    )
    assert re.search(r"\[nats\]\s+replicas = 3", settings)
