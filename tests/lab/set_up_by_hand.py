"""A site set up by hand after the post, by docker and curl alone: stack, export, repositories."""

from __future__ import annotations

import json
import time

import pytest

from lab.errors import LabError

IMAGE = "sonatype/nexus3:3.94.0-standin"
STACK = """version: "3.8"
services:
  nexus:
    image: {image}
    networks: [proxy]
    volumes: ["data:/nexus-data"]
    logging: {{driver: json-file, options: {{max-size: 10m}}}}
    stop_grace_period: 60s
    deploy:
      placement: {{constraints: [node.role == manager]}}
      resources: {{limits: {{memory: 512m}}}}
      labels:
        - traefik.enable=true
        - traefik.docker.network=proxy
        - traefik.http.routers.nexus.rule=Host(`nexus.lab`)
        - traefik.http.routers.nexus.entrypoints=websecure
        - traefik.http.routers.nexus.tls=true
        - traefik.http.routers.nexus.service=nexus
        - traefik.http.services.nexus.loadbalancer.server.port=8081
        - traefik.http.routers.write.rule=Host(`registry.lab`) && (Method(`PUT`) || Method(`DELETE`) || Method(`POST`) || Method(`PATCH`))
        - traefik.http.routers.write.entrypoints=websecure
        - traefik.http.routers.write.tls=true
        - traefik.http.routers.write.service=write
        - traefik.http.services.write.loadbalancer.server.port=8083
        - traefik.http.routers.read.rule=Host(`registry.lab`) && (Method(`GET`) || Method(`HEAD`))
        - traefik.http.routers.read.entrypoints=websecure
        - traefik.http.routers.read.tls=true
        - traefik.http.routers.read.service=read
        - traefik.http.services.read.loadbalancer.server.port=8082
networks:
  proxy: {{external: true}}
volumes:
  data: {volume}
"""  # noqa: E501
BY_NFS = """
    driver_opts: {type: nfs4, o: "addr=10.77.0.10,nolock,soft,rw", device: ":/srv/by-hand"}"""
EXPORT = """
mkdir -p /srv/by-hand && chown 200:200 /srv/by-hand && chmod 0755 /srv/by-hand
echo '/srv/by-hand *(rw,sync,no_subtree_check,no_root_squash)' >>/etc/exports
systemctl enable --now nfs-server && exportfs -ra
"""
BARE = {"online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True}}  # fmt: skip
DOCKER = {"v1Enabled": False, "forceBasicAuth": False}
REPOSITORIES = {
    "hosted": {"name": "own", **BARE, "docker": {**DOCKER, "httpPort": 8083},
               "storage": {**BARE["storage"], "writePolicy": "ALLOW"}},
    "proxy": {"name": "hub", **BARE, "docker": DOCKER,
              "proxy": {"remoteUrl": "http://10.77.0.11:5000", "contentMaxAge": 60,
                        "metadataMaxAge": 60},
              "negativeCache": {"enabled": True, "timeToLive": 1440},
              "httpClient": {"blocked": False, "autoBlock": True},
              "dockerProxy": {"indexType": "HUB"}},
    "group": {"name": "all", **BARE, "docker": {**DOCKER, "httpPort": 8082},
              "group": {"memberNames": ["own", "hub"]}},
}  # fmt: skip
WATCHED = """
docker service inspect --format '{{.Version.Index}} {{.UpdatedAt}}' registry_nexus
docker service ps -q --no-trunc registry_nexus; docker volume ls -q; ls -A /var/lib/moorage 2>&1; :
"""


class Hand:
    def __init__(self, lab):
        self.lab = lab
        self.password = (lab.paths.secrets / "admin_password").read_text().strip()

    def deploy(self, volume):
        text = STACK.format(image=IMAGE, volume=volume)
        self.lab.run(
            "manager",
            f"cat >/root/stack.yml <<'END'\n{text}END\n"
            "docker stack deploy --resolve-image never -c /root/stack.yml registry",
        )

    def remove(self):
        self.lab.run(
            "manager",
            # a container that has ended keeps the volume too
            "docker stack rm registry; while docker ps -aq --filter "
            "label=com.docker.swarm.service.name=registry_nexus | grep -q .; do sleep 1; done",
        )

    def curl(self, *words):
        ca = str(self.lab.paths.home / "ca.crt")
        return self.lab.exec(["curl", "-s", "-m", "30", "--cacert", ca, *words])

    def ask(self, method, path, body=None, login=None, kind="application/json"):
        words = [
            "-u",
            f"admin:{login or self.password}",
            "-X",
            method,
            "-w",
            "\n%{http_code}",
            f"https://nexus.lab/service/rest/v1/{path}",
        ]
        if body is not None:
            words += [
                "-H",
                f"Content-Type: {kind}",
                "--data-binary",
                body if isinstance(body, str) else json.dumps(body),
            ]
        text, _, code = self.curl(*words).rpartition("\n")
        assert code.startswith("2"), (method, path, code, text)
        return json.loads(text) if text.strip() else None

    def wait(self):
        for _ in range(120):
            code = self.curl(
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "https://nexus.lab/service/rest/v1/status/writable",
            )
            if code == "200":
                return
            time.sleep(2)
        pytest.fail("Nexus does not come up")

    def seed(self, first):
        """From the first boot to a group of one hosted repository and one proxy."""
        self.wait()
        self.ask(
            "PUT",
            "security/users/admin/change-password",
            self.password,
            login=first,
            kind="text/plain",
        )
        terms = self.ask("GET", "system/eula")
        self.ask("POST", "system/eula", {**terms, "accepted": True})
        anonymous = self.ask("GET", "security/anonymous")
        self.ask("PUT", "security/anonymous", {**anonymous, "enabled": False})
        protection = self.ask("GET", "security/ssrf-protection")
        self.ask("PUT", "security/ssrf-protection", {**protection, "allowedIPs": ["10.77.0.11"]})
        realms = self.ask("GET", "security/realms/active")
        self.ask("PUT", "security/realms/active", [*realms, "DockerToken"])
        for kind, body in REPOSITORIES.items():
            self.ask("POST", f"repositories/docker/{kind}", body)
        self.ask(
            "POST",
            "security/users",
            {
                "userId": "ci",
                "firstName": "C",
                "lastName": "I",
                "emailAddress": "ci@example.com",
                "password": "ci's own",
                "status": "active",
                "roles": ["nx-admin"],
            },
        )

    def push(self):
        self.lab.run(
            "worker",
            f"""
docker login --username admin --password-stdin registry.lab <<'END'
{self.password}
END
docker tag lab/tiny:1 registry.lab/by-hand/tiny:1 && docker push registry.lab/by-hand/tiny:1
""",
        )

    def pull(self):
        return self.lab.run(
            "worker",
            "docker image rm registry.lab/by-hand/tiny:1 >/dev/null 2>&1; "
            "docker pull registry.lab/by-hand/tiny:1",
        )

    def first_password(self):
        path = "$(docker volume inspect -f '{{.Mountpoint}}' registry_data)/admin.password"
        for _ in range(60):
            try:
                return self.lab.run("manager", f"cat {path}").strip()
            except LabError:
                time.sleep(2)
        return pytest.fail("there is no first password")
