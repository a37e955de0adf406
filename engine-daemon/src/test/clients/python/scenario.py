"""What users of Debian's python3-docker do every day: scenario.py SOCKET IMAGE_ARCHIVE. Prints a line for each call it checked."""
import io
import json
import sys
import tarfile
import threading
import urllib.request

import docker

IMAGE = "berth-test:latest"
MARK = {"berth.test": "", "berth.client": "python"}
client = docker.DockerClient(base_url="unix://" + sys.argv[1], timeout=30)


def check(call, ok, seen):
    if not ok:
        sys.exit("%s: %r" % (call, seen))
    print("ok", call, flush=True)


def equal(call, expected, seen):
    check(call, expected == seen, seen)


def raises(call, kind, action, status=None, text=""):
    try:
        seen = action()
    except kind as refused:
        check(call, (status is None or refused.status_code == status) and text in str(refused), refused)
    else:
        check(call, False, seen)


def archive(name, content):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime, entry.uid = len(content), 0o640, 1000000000, 1000
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def unpacked(chunks):
    tar = tarfile.open(fileobj=io.BytesIO(b"".join(chunks)))
    return {entry.name: (tar.extractfile(entry).read() if entry.isfile() else None) for entry in tar}


def run(command, **options):
    options.setdefault("labels", MARK)
    return client.containers.run(IMAGE, command, **options)


def system():
    equal("ping", True, client.ping())
    check("version", "ApiVersion" in client.version(), client.version())
    check("info", client.info()["OSType"] == "linux", client.info())
    check("df", {"Images", "Containers", "Volumes", "LayersSize"} <= client.df().keys(), client.df())


def images():
    with open(sys.argv[2], "rb") as packed:
        loaded = client.images.load(packed)
    check("images.load", IMAGE in loaded[0].tags, loaded)
    image = client.images.get(IMAGE)
    equal("image.attrs", ["sh"], image.attrs["Config"]["Cmd"])
    check("images.list", image.id in [other.id for other in client.images.list(name="berth-test")], client.images.list())
    equal("image.tag", True, image.tag("berth-test", "python"))
    equal("image.history", 1, len(image.history()))
    client.images.remove("berth-test:python")
    raises("images.get of nothing", docker.errors.ImageNotFound, lambda: client.images.get("berth-test:python"), 404)


def runs():
    equal("containers.run", b"hello\n", run(["echo", "hello"], remove=True))
    raises("containers.run that fails", docker.errors.ContainerError, lambda: run("sh -c 'echo bad >&2; exit 3'", remove=True, stderr=True), None, "bad")
    equal("run with environment, user and directory", b"1000 /tmp v\n",
          run(["sh", "-c", "echo $(id -u) $(pwd) $K"], environment={"K": "v"}, user="1000", working_dir="/tmp", remove=True))
    equal("run with limits", b"64\n", run("sh -c 'ulimit -n'", ulimits=[docker.types.Ulimit(name="nofile", soft=64, hard=128)], mem_limit="64m", remove=True))
    raises("run of nothing", docker.errors.APIError, lambda: run("/no/such", remove=True), 400, "no such file")
    raises("run of an image that is not there", docker.errors.APIError, lambda: client.api.create_container("berth-test:none"), 404, "No such image")


def life():
    web = run(["sh", "-c", "mkdir /www; echo served > /www/index.html; httpd -h /www -p 80; echo trouble >&2; echo up; exec sleep 1000"],
              detach=True, name="berth-test-python", ports={"80/tcp": ("127.0.0.1", None)}, tmpfs={"/scratch": "size=1m"}, hostname="snake",
              stop_signal="KILL", healthcheck=None)
    logs = web.logs(stream=True, follow=True, stderr=False)
    check("logs that follow", b"up" in next(logs), web.logs())
    equal("containers.get", web.id, client.containers.get("berth-test-python").id)
    web.reload()
    equal("status", "running", web.status)
    port = web.attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]
    with urllib.request.urlopen("http://127.0.0.1:%s/" % port, timeout=10) as answer:
        equal("a published port", b"served\n", answer.read())
    equal("containers.list", [web.id], [one.id for one in client.containers.list(filters={"name": "berth-test-python", "status": "running"})])
    equal("logs of one stream", b"trouble\n", web.logs(stdout=False, stderr=True))
    check("logs with times", web.logs(timestamps=True, tail=1).split()[0].startswith(b"2"), web.logs(timestamps=True))
    raises("a name that is taken", docker.errors.APIError, lambda: client.containers.create(IMAGE, name="berth-test-python"), 409, "already in use")
    check("top", any("sleep 1000" in " ".join(line) for line in web.top()["Processes"]), web.top())
    execs(web)
    files(web)
    states(web)
    web.remove(force=True)
    raises("containers.get of what is gone", docker.errors.NotFound, lambda: client.containers.get("berth-test-python"), 404)


def execs(web):
    equal("exec_run", (0, b"snake\n"), tuple(web.exec_run("hostname")))
    equal("exec_run that fails", 5, web.exec_run(["sh", "-c", "exit 5"]).exit_code)
    equal("exec_run of nothing", 127, web.exec_run("/no/such").exit_code)
    equal("exec_run with both streams", (b"out\n", b"err\n"), web.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True).output)
    equal("exec_run with options", b"1000 /tmp v\n",
          web.exec_run(["sh", "-c", "echo $(id -u) $(pwd) $K"], environment={"K": "v"}, user="1000", workdir="/tmp").output)
    equal("exec_run that streams", b"1\n2\n", b"".join(web.exec_run("seq 2", stream=True).output))
    equal("exec_run with a terminal", b"/dev/pts/0\r\n", web.exec_run("tty", tty=True).output)
    created = client.api.exec_create(web.id, "cat", stdin=True)["Id"]
    stream = client.api.exec_start(created, socket=True)
    stream._sock.sendall(b"through\n")
    stream._sock.shutdown(1)
    check("exec with standard input", stream.read(16).endswith(b"through\n"), "")
    stream.close()
    check("exec_inspect", client.api.exec_inspect(created)["ProcessConfig"]["entrypoint"] == "cat", client.api.exec_inspect(created))


def files(web):
    equal("put_archive", True, web.put_archive("/tmp", archive("sent", b"by python\n")))
    equal("what was put", b"640 1000 1000000000\n", web.exec_run("stat -c '%a %u %Y' /tmp/sent").output)
    chunks, stat = web.get_archive("/tmp/sent")
    equal("get_archive", {"sent": b"by python\n"}, unpacked(chunks))
    equal("the stat of get_archive", ("sent", 10), (stat["name"], stat["size"]))
    raises("get_archive of nothing", docker.errors.NotFound, lambda: web.get_archive("/none"), 404)
    check("diff", {"Path": "/tmp/sent", "Kind": 1} in web.diff(), web.diff())
    check("export", "www/index.html" in unpacked(web.export()), "")
    committed = web.commit("berth-test", "committed", message="by python", changes=["CMD cat /www/index.html"])
    equal("commit", b"served\n", client.containers.run(committed.id, remove=True, labels=MARK))
    client.images.remove("berth-test:committed")


def states(web):
    usage = web.stats(stream=False)
    check("stats", usage["pids_stats"]["current"] >= 2 and usage["memory_stats"]["usage"] > 0, usage)
    web.pause()
    web.reload()
    equal("pause", "paused", web.status)
    web.unpause()
    web.rename("berth-test-renamed")
    web.reload()
    equal("rename", "berth-test-renamed", web.name)
    web.rename("berth-test-python")
    web.update(mem_limit="128m", memswap_limit="256m")
    web.reload()
    equal("update", 128 << 20, web.attrs["HostConfig"]["Memory"])
    web.restart(timeout=1)
    web.reload()
    equal("restart", "running", web.status)
    web.kill()
    equal("wait after kill", 137, web.wait(timeout=20)["StatusCode"])
    web.start()
    web.stop(timeout=5)
    web.reload()
    equal("stop", ("exited", 137), (web.status, web.attrs["State"]["ExitCode"]))


def attached():
    echo = client.containers.create(IMAGE, "sh -c 'read line; echo got $line'", stdin_open=True, labels=MARK)
    stream = echo.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    echo.start()
    stream._sock.sendall(b"word\n")
    check("attach_socket", stream.read(17).endswith(b"got word\n"), "")
    stream.close()
    equal("wait", 0, echo.wait(timeout=20)["StatusCode"])
    echo.remove()


def events():
    seen = client.events(decode=True, filters={"type": "container", "label": "berth.client=python", "event": ["create", "start", "die", "destroy"]})
    actions = []
    watcher = threading.Thread(target=lambda: [actions.append(event["Action"]) or len(actions) == 4 and seen.close() for event in seen])
    watcher.start()
    run(["true"], remove=True)
    watcher.join(20)
    equal("events", ["create", "start", "die", "destroy"], actions)
    done = run(["true"], detach=True)
    done.wait(timeout=20)
    check("containers.prune", done.id in client.containers.prune(filters={"label": "berth.client=python"})["ContainersDeleted"], json.dumps(done.attrs))


for part in (system, images, runs, life, attached, events):
    part()
