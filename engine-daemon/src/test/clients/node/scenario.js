// What users of dockerode do every day: scenario.js SOCKET IMAGE_ARCHIVE. Prints a line for each call it checked.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const { PassThrough } = require('node:stream');
const Docker = require('dockerode');
const tar = require('tar-stream');

const IMAGE = 'berth-test:latest';
const MARK = { 'berth.test': '', 'berth.client': 'node' };
const docker = new Docker({ socketPath: process.argv[2] });

async function check(call, action, expected) {
  const seen = await action();
  if (typeof expected === 'function') {
    assert.ok(expected(seen), `${call}: ${JSON.stringify(seen)}`);
  } else {
    assert.deepEqual(seen, expected, call);
  }
  console.log('ok', call);
  return seen;
}

async function refused(call, status, action) {
  await assert.rejects(action, (failure) => failure.statusCode === status, call);
  console.log('ok', call);
}

function collect(stream) {
  return new Promise((done, failed) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => done(Buffer.concat(chunks)));
    stream.on('close', () => done(Buffer.concat(chunks)));
    stream.on('error', failed);
  });
}

// Takes a multiplexed stream apart: [stdout, stderr].
async function demux(stream) {
  const out = new PassThrough(), err = new PassThrough();
  const texts = Promise.all([collect(out), collect(err)]);
  docker.modem.demuxStream(stream, out, err);
  const ended = () => { out.end(); err.end(); };
  stream.on('end', ended);
  stream.on('close', ended);
  return (await texts).map(String);
}

// A stream that collects what docker.run writes to it.
async function run(command, options) {
  const out = new PassThrough(), err = new PassThrough();
  const texts = Promise.all([collect(out), collect(err)]);
  // Without AutoRemove: dockerode waits only after the start, when a short container may be gone by itself.
  const [result, container] = await docker.run(IMAGE, command, [out, err], { Tty: false, Labels: MARK, ...options });
  await container.remove();
  out.end();
  err.end();
  return [result.StatusCode, ...(await texts).map(String)];
}

function archive(name, content) {
  const pack = tar.pack();
  pack.entry({ name, mode: 0o640, uid: 1000, mtime: new Date(1000000000000) }, content);
  pack.finalize();
  return pack;
}

async function unpacked(stream) {
  const files = {};
  const extract = tar.extract();
  extract.on('entry', (header, entry, next) => collect(entry).then((content) => { files[header.name] = content.toString(); next(); }));
  await new Promise((done, failed) => stream.pipe(extract).on('finish', done).on('error', failed));
  return files;
}

function get(url) {
  return new Promise((done, failed) => http.get(url, (answer) => collect(answer).then((body) => done(body.toString()))).on('error', failed));
}

async function exec(container, command, options) {
  const created = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, ...options });
  const [out, err] = await demux(await created.start({}));
  return [(await created.inspect()).ExitCode, out, err];
}

async function system() {
  await check('ping', async () => (await docker.ping()).toString(), 'OK');
  await check('version', () => docker.version(), (version) => version.Os === 'linux');
  await check('info', () => docker.info(), (info) => info.OSType === 'linux');
  await check('df', () => docker.df(), (usage) => Array.isArray(usage.Images));
}

async function images() {
  const loaded = await docker.loadImage(fs.createReadStream(process.argv[3]));
  await check('loadImage', async () => (await collect(loaded)).toString(), (text) => text.includes('Loaded image'));
  const image = docker.getImage(IMAGE);
  await check('image.inspect', async () => (await image.inspect()).Config.Cmd, ['sh']);
  await check('image.history', async () => (await image.history()).length, 1);
  await image.tag({ repo: 'berth-test', tag: 'node' });
  await check('listImages', async () => (await docker.listImages({ filters: { reference: ['berth-test:node'] } })).length, 1);
  await check('image.remove', () => docker.getImage('berth-test:node').remove(), (removed) => removed[0].Untagged === 'berth-test:node');
  await refused('image.inspect of nothing', 404, () => docker.getImage('berth-test:node').inspect());
}

async function runs() {
  await check('run', () => run(['sh', '-c', 'echo out; echo err >&2; exit 4']), [4, 'out\n', 'err\n']);
  await check('run with options', () => run(['sh', '-c', 'echo $(id -u) $(pwd) $K'], { Env: ['K=v'], User: '1000', WorkingDir: '/tmp' }), [0, '1000 /tmp v\n', '']);
  await refused('createContainer of an image that is not there', 404, () => docker.createContainer({ Image: 'berth-test:none' }));
  const broken = await docker.createContainer({ Image: IMAGE, Cmd: ['/no/such'], Labels: MARK });
  await refused('start of a program that is not there', 400, () => broken.start());
  await broken.remove();
}

async function life() {
  const web = await docker.createContainer({
    name: 'berth-test-node', Image: IMAGE, Labels: MARK, Hostname: 'node', ExposedPorts: { '80/tcp': {} },
    Cmd: ['sh', '-c', 'mkdir /www; echo served > /www/index.html; httpd -h /www -p 80; echo trouble >&2; echo up; exec sleep 1000'],
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }, Memory: 64 << 20 },
  });
  await web.start();
  await refused('start of what runs', 304, () => web.start());
  const logs = await web.logs({ follow: true, stdout: true });
  await check('logs that follow', () => new Promise((done) => logs.once('data', (chunk) => done(chunk.subarray(8).toString()))), 'up\n');
  logs.destroy();
  const described = await check('inspect', () => web.inspect(), (told) => told.State.Running && told.HostConfig.Memory === 64 << 20);
  await check('a published port', () => get(`http://127.0.0.1:${described.NetworkSettings.Ports['80/tcp'][0].HostPort}/`), 'served\n');
  await check('listContainers', async () => (await docker.listContainers({ filters: { name: ['berth-test-node'] } })).map((one) => one.Id), [web.id]);
  await check('logs', async () => (await web.logs({ stderr: true })).subarray(8).toString(), 'trouble\n');
  await refused('a name that is taken', 409, () => docker.createContainer({ name: 'berth-test-node', Image: IMAGE }));
  await check('top', () => web.top(), (table) => table.Processes.some((line) => line.join(' ').includes('sleep 1000')));
  await execs(web);
  await files(web);
  await states(web);
  await web.remove({ force: true });
  await refused('inspect of what is gone', 404, () => web.inspect());
}

async function execs(web) {
  await check('exec', () => exec(web, ['sh', '-c', 'echo out; echo err >&2; exit 5']), [5, 'out\n', 'err\n']);
  await check('exec with options', () => exec(web, ['sh', '-c', 'echo $(id -u) $(pwd) $K'], { Env: ['K=v'], User: '1000', WorkingDir: '/tmp' }), [0, '1000 /tmp v\n', '']);
  const cat = await web.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true });
  const stream = await cat.start({ hijack: true, stdin: true });
  stream.end('through\n');
  await check('exec with standard input', async () => (await demux(stream))[0], 'through\n');
  await check('exec.inspect', async () => (await cat.inspect()).ProcessConfig.entrypoint, 'cat');
  const tty = await web.exec({ Cmd: ['sh', '-c', 'sleep 0.3; stty size'], AttachStdout: true, Tty: true });
  const screen = await tty.start({ Tty: true });
  await tty.resize({ h: 33, w: 77 });
  await check('exec on a terminal, with resize', async () => (await collect(screen)).toString(), '33 77\r\n');
}

async function files(web) {
  await web.putArchive(archive('sent', 'by node\n'), { path: '/tmp' });
  await check('putArchive', async () => (await exec(web, ['stat', '-c', '%a %u %Y', '/tmp/sent']))[1], '640 1000 1000000000\n');
  await check('getArchive', async () => unpacked(await web.getArchive({ path: '/tmp/sent' })), { sent: 'by node\n' });
  await check('infoArchive', async () => JSON.parse(Buffer.from((await web.infoArchive({ path: '/tmp/sent' })).headers['x-docker-container-path-stat'], 'base64')).size, 8);
  await refused('getArchive of nothing', 404, () => web.getArchive({ path: '/none' }));
  await check('changes', () => web.changes(), (changes) => changes.some((change) => change.Path === '/tmp/sent' && change.Kind === 1));
  await check('export', async () => (await unpacked(await web.export()))['www/index.html'], 'served\n');
  await web.commit({ repo: 'berth-test', tag: 'node-committed', comment: 'by node', changes: 'CMD cat /tmp/sent' });
  await check('commit', async () => (await docker.getImage('berth-test:node-committed').inspect()).Comment, 'by node');
  await docker.getImage('berth-test:node-committed').remove();
}

async function states(web) {
  await check('stats', () => web.stats({ stream: false }), (usage) => usage.pids_stats.current >= 2 && usage.memory_stats.limit === 64 << 20);
  await web.pause();
  await check('pause', async () => (await web.inspect()).State.Status, 'paused');
  await web.unpause();
  await web.rename({ name: 'berth-test-node-renamed' });
  await check('rename', async () => (await web.inspect()).Name, '/berth-test-node-renamed');
  await web.update({ Memory: 128 << 20, MemorySwap: 256 << 20 });
  await check('update', async () => (await web.inspect()).HostConfig.Memory, 128 << 20);
  const before = (await web.inspect()).State.Pid;
  await web.restart({ t: 0 });
  await check('restart', async () => (await web.inspect()).State.Pid, (pid) => pid > 0 && pid !== before);
  const ended = web.wait({ condition: 'next-exit' });
  await web.kill();
  await check('kill and wait', async () => (await ended).StatusCode, 137);
  await refused('stop of what is stopped', 304, () => web.stop());
  await web.start();
  await web.stop({ t: 0 });
  await check('stop', async () => (await web.inspect()).State.Status, 'exited');
}

async function attached() {
  const echo = await docker.createContainer({ Image: IMAGE, Labels: MARK, Cmd: ['sh', '-c', 'read line; echo got $line'], OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true });
  const stream = await echo.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  const answer = demux(stream);
  await echo.start();
  stream.end('word\n');
  await check('attach', async () => (await answer)[0], 'got word\n');
  await check('wait', async () => (await echo.wait()).StatusCode, 0);
  await echo.remove();
}

async function events() {
  const stream = await docker.getEvents({ filters: { type: ['container'], label: ['berth.client=node'], event: ['create', 'start', 'die', 'destroy'] } });
  const actions = [];
  const all = new Promise((done) => stream.on('data', (chunk) => {
    actions.push(...chunk.toString().trim().split('\n').map((line) => JSON.parse(line).Action));
    if (actions.length === 4) {
      done();
    }
  }));
  await run(['true']);
  await all;
  await check('getEvents', async () => actions, ['create', 'start', 'die', 'destroy']);
  stream.destroy();
  const done = await docker.createContainer({ Image: IMAGE, Labels: MARK });
  await check('pruneContainers', async () => (await docker.pruneContainers({ filters: { label: ['berth.client=node'] } })).ContainersDeleted, (deleted) => deleted.includes(done.id));
}

(async () => {
  for (const part of [system, images, runs, life, attached, events]) {
    await part();
  }
  process.exit(0);
})().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
