"""How an operator would change by hand each single field that Moorage manages in the lab's site."""

from __future__ import annotations

SERVICE = {
    "image": "--no-resolve-image --image by/hand:1",
    "entrypoint": "--entrypoint by-hand",
    "command": "--args by-hand",
    "stop grace period": "--stop-grace-period 7s",
    "stop signal": "--stop-signal SIGINT",
    "init": "--init",
    "hostname": "--hostname by-hand",
    "user": "--user 12",
    "working directory": "--workdir /tmp",
    "tty": "--tty",
    "read only": "--read-only",
    "dns": "--dns-add 10.77.0.9",
    "dns search": "--dns-search-add by.hand",
    "extra hosts": "--host-add by.hand:10.77.0.9",
    "capabilities added": "--cap-add NET_ADMIN",
    "capabilities dropped": "--cap-drop MKNOD",
    "secrets": "--secret-add by-hand",
    "configs": "--config-add source=by-hand,target=/by-hand",
    "replicas": "--replicas 0",
    "constraints": "--constraint-add node.platform.os==linux",
    "preferences": "--placement-pref-add spread=node.labels.by-hand",
    "most on a node": "--replicas-max-per-node 3",
    "memory limit": "--limit-memory 480m",
    "memory reserved": "--reserve-memory 16m",
    "cpu limit": "--limit-cpu 0.9",
    "cpu reserved": "--reserve-cpu 0.1",
    "process limit": "--limit-pids 900",
    "restart condition": "--restart-condition on-failure",
    "restart delay": "--restart-delay 3s",
    "restart attempts": "--restart-max-attempts 4",
    "restart window": "--restart-window 9s",
    "endpoint mode": "--endpoint-mode dnsrr",
    "ports": "--publish-add mode=host,published=18081,target=8081",
    **{
        f"{family} {field}": f"--{family}-{flag}"
        for family in ("update", "rollback")
        for field, flag in {
            "order": "order start-first",
            "failure action": "failure-action continue",
            "monitor": "monitor 7s",
            "parallelism": "parallelism 2",
            "delay": "delay 3s",
            "failure ratio": "max-failure-ratio 0.5",
        }.items()
    },
    "logging driver": "--log-driver json-file",
    "logging max-size": "--log-opt max-size=1m",
    "ulimit nofile": "--ulimit-add nofile=1000:2000",
    "sysctl net.core.somaxconn": "--sysctl-add net.core.somaxconn=99",
    "healthcheck": "--health-cmd by-hand",
    "healthcheck interval": "--health-interval 9s",
    "healthcheck timeout": "--health-timeout 4s",
    "healthcheck start period": "--health-start-period 9s",
    "healthcheck retries": "--health-retries 9",
    "environment BY_HAND": "--env-add BY_HAND=1",
    "container label by.hand": "--container-label-add by.hand=1",
    "label by.hand": "--label-add by.hand=1",
    "networks": "--network-add by-hand",
    "network proxy aliases": "--network-rm proxy --network-add name=proxy,alias=by-hand",
    "mount /nexus-data": "--mount-rm /nexus-data --mount-add type=volume,source=by-hand,"
    "target=/nexus-data,readonly,volume-nocopy=false,volume-driver=by-hand,"
    "volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=1m",
}
"""Words of ``docker service update`` by the field that a plan names."""

WITH_THE_MOUNT = {
    f"mount /nexus-data {field}"
    for field in ("read only", "nocopy", "driver", "type", "device", "o")
}
NOT_BY_UPDATE = {
    "mode": "Swarm refuses to change it",
    "stdin open": "the command has no word for it",
}

VOLUME = {"type": "nfs4", "device": ":/srv/nexus/", "o": "addr=10.77.0.10,nfsvers=4.2,soft,rw"}

CLIENT = {
    "rw": "ro", "sync": "async", "root_squash": "no_root_squash", "no_all_squash": "all_squash",
    "secure": "insecure", "wdelay": "no_wdelay", "no_subtree_check": "subtree_check",
}  # fmt: skip
"""Options of an export as the template has them, and what a hand makes of each."""

_EVERY = {"online": False, "storage.strictContentTypeValidation": False, "docker.v1Enabled": True,
          "docker.forceBasicAuth": True, "docker.httpsPort": 9443}  # fmt: skip
REPOSITORIES = {
    "hosted/docker-private": {
        **_EVERY, "storage.writePolicy": "DENY", "docker.httpPort": 9083,
    },
    "proxy/docker-hub": {
        **_EVERY, "docker.httpsPort": 9444, "docker.httpPort": 9084,
        "proxy.remoteUrl": "http://10.77.0.11:5001", "proxy.contentMaxAge": 7,
        "proxy.metadataMaxAge": 7, "negativeCache.enabled": False, "negativeCache.timeToLive": 7,
        "httpClient.blocked": True, "httpClient.autoBlock": False,
        "dockerProxy.indexType": "REGISTRY",
    },
    "group/docker-all": {
        **_EVERY, "docker.httpsPort": 9445, "docker.httpPort": 9082,
        "group.memberNames": ["docker-private"],
    },
}  # fmt: skip
"""Leaves of each repository's body by dotted path."""
NOT_IN_NEXUS = {"name": "is what it is found by", "storage.blobStoreName": "Nexus refuses it"}
