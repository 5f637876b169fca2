"""Renders the part of kustomize that deploy/ uses, so that no kubectl is needed to check it.

Known are `resources` (files and folders), `namespace`, `patches` by path (strategic merge), `images` and
`configMapGenerator` with files and labels. Any other word is an error: what is not rendered is not checked.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
OVERLAYS = DEPLOY / "kubernetes" / "overlays"
KNOWN = {"apiVersion", "kind", "resources", "namespace", "patches", "images", "configMapGenerator"}
# Lists that a strategic merge goes into, by the field that names an element; every other list is replaced.
MERGED_BY = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
CLUSTER_WIDE = {"Namespace"}

Manifest = dict[str, Any]


def rendered(overlay: str) -> list[Manifest]:
    """Every object of an overlay, `production`."""
    return _folder(OVERLAYS / overlay)


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """The pods that are asked for: the name of what asks, and the pod's `spec`."""
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "StatefulSet"):
            yield manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]


def containers(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Every container, with the name of what asks for it."""
    for name, pod in pods(manifests):
        assert "initContainers" not in pod, "nothing runs before the containers"
        for container in pod["containers"]:
            yield name, container


def _folder(folder: Path) -> list[Manifest]:
    customization = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert set(customization) <= KNOWN, f"{folder}: {set(customization) - KNOWN} is not rendered"
    found: list[Manifest] = []
    for resource in customization.get("resources", []):
        path = folder / resource
        found += _folder(path) if path.is_dir() else documents(path)
    for patch in customization.get("patches", []):
        assert set(patch) == {"path"}, f"{folder}: patches are files"
        for change in documents(folder / patch["path"]):
            _patch(found, change)
    for generator in customization.get("configMapGenerator", []):
        found.append(_config_map(folder, generator))
    for image in customization.get("images", []):
        for _, container in containers(found):
            if container["image"] == image["name"]:
                container["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"
    if namespace := customization.get("namespace"):
        for manifest in found:
            if manifest["kind"] not in CLUSTER_WIDE:
                manifest["metadata"]["namespace"] = namespace
    _name_by_content(found)
    return found


def documents(path: Path) -> list[Manifest]:
    """The YAML documents of a file."""
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def _config_map(folder: Path, generator: Manifest) -> Manifest:
    data = {Path(file).name: (folder / file).read_text(encoding="utf-8") for file in generator["files"]}
    metadata: Manifest = {"name": generator["name"], "annotations": {"generated": "true"}}
    if labels := generator.get("options", {}).get("labels"):
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _name_by_content(found: list[Manifest]) -> None:
    """Adds a hash of the content to the name of every generated map, and to what refers to it, once both are there."""
    maps = {
        manifest["metadata"]["name"]: manifest
        for manifest in found
        if manifest["kind"] == "ConfigMap" and manifest["metadata"].get("annotations")
    }
    for _, pod in pods(found):
        for volume in pod.get("volumes", []):
            if (source := volume.get("configMap")) and source["name"] in maps:
                source["name"] += _hash(maps[source["name"]])
    # What a pod asks for may come with an outer folder only: the outermost one strips the marks.
    if any(manifest["kind"] == "Namespace" for manifest in found):
        for name, manifest in maps.items():
            manifest["metadata"]["name"] = name + _hash(manifest)
            del manifest["metadata"]["annotations"]


def _hash(config_map: Manifest) -> str:
    return "-" + hashlib.sha256(repr(sorted(config_map["data"].items())).encode()).hexdigest()[:10]


def _patch(found: list[Manifest], change: Manifest) -> None:
    def identity(manifest: Manifest) -> tuple[str, str, str]:
        return manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"]

    (target,) = [manifest for manifest in found if identity(manifest) == identity(change)]
    _merge(target, change)


def _merge(target: Manifest, change: Manifest) -> None:
    for name, value in change.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        elif isinstance(value, list) and name in MERGED_BY and name in target:
            for element in value:
                key = MERGED_BY[name]
                same = next((old for old in target[name] if old[key] == element[key]), None)
                if same is None:
                    target[name].append(element)
                else:
                    _merge(same, element)
        else:
            target[name] = value
